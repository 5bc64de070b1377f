"""The HTTP API as an ASGI application.

A call is looked at in this order: its route and method, its key, its rate, its content type, its
size, its JSON, its values, its credits, the queue. So nothing of a body is read for a stranger.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path
from typing import cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from musicgen_daw.backends.base import Backend
from musicgen_daw.server import wire
from musicgen_daw.server.accounts import Account
from musicgen_daw.server.errors import Refused, refusal
from musicgen_daw.server.jobs import Job
from musicgen_daw.server.openapi import document
from musicgen_daw.server.options import DEFAULTS, Options
from musicgen_daw.server.records import Record
from musicgen_daw.server.service import Service
from musicgen_daw.server.streams import wav_of
from musicgen_daw.server.telling import Telling, root_of

__all__ = ["make_app"]

_NO_JOB = "no request of yours has this id"
_GONE = "its result is no longer kept"
_NOT_FOUND = "there is nothing at this address"
_BROKEN = "the server failed"

_log = logging.getLogger("musicgen_daw.server")


def make_app(
    backend_factory: Callable[[], Backend],
    data: Path,
    options: Options = DEFAULTS,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """Return the application, whose state is in the folder ``data``.

    ``backend_factory`` makes a generator, not yet entered; it is called once for each worker and
    once more. ``app.state.service`` is the ``Service`` behind it: it starts and ends with the
    application's lifespan. ``clock`` tells seconds since the epoch.

    Raises:
        UsageError: for a generator that costs money.
        StoreError: where the folder can't be used.
    """
    service = Service(backend_factory, data, options, clock)
    api = _Api(service)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(service.start)
        try:
            yield
        finally:
            await run_in_threadpool(service.close)

    app = Starlette(
        routes=[
            Route(f"/v1/{options.model}", api.generate, methods=["POST"]),
            Route(f"/v2/{options.model}", api.submit, methods=["POST"]),
            Route("/v2/requests/{id}/status", api.status),
            Route("/v2/requests/{id}/stream", api.stream),
            Route("/v2/requests/{id}", api.result),
            Route("/files/{id}.wav", api.file),
            Route("/v1/get-user-credits", api.credits),
            Route("/v1/requests", api.history),
            Route("/openapi.json", api.openapi),
            Route("/healthz", api.health),
        ],
        middleware=[Middleware(Telling)],
        exception_handlers={
            Refused: _on_refused,
            HTTPException: _on_http_exception,
            Exception: _on_failure,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.service = service
    return app


class _Api:
    """The routes."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._document = document(service.options)

    async def generate(self, request: Request) -> Response:
        """``POST /v1/MODEL``: wait for the clip and return it."""
        _, job = await self._taken(request)
        # Who goes away leaves the job: it is made, charged and in the history.
        ending = await asyncio.shield(asyncio.wrap_future(job.end))
        if ending.charged is None:
            raise Refused(ending.status, ending.error, {"x-request-id": job.id})
        headers = wire.result_headers(ending.charged.record, ending.charged.remaining_usd)
        return Response(ending.content, media_type="audio/wav", headers=headers)

    async def submit(self, request: Request) -> Response:
        """``POST /v2/MODEL``: take the call and tell where its result will be."""
        _, job = await self._taken(request)
        told = wire.submitted(job.id, self._where(request))
        return JSONResponse(told, headers={"x-request-id": job.id})

    async def status(self, request: Request) -> Response:
        """``GET /v2/requests/ID/status``."""
        record, state = await self._found(request, await self._account(request))
        return JSONResponse(wire.status(record, state), headers={"x-request-id": record.id})

    async def result(self, request: Request) -> Response:
        """``GET /v2/requests/ID``: the result, or how it stands."""
        account = await self._account(request)
        record, state = await self._found(request, account)
        if state == "COMPLETED":
            if not self._service.results.is_kept(record.finished_s):
                raise Refused(410, _GONE, {"x-request-id": record.id})
            headers = await run_in_threadpool(self._result_headers, record, account)
            return JSONResponse(wire.result(record, self._where(request)), headers=headers)
        code = 422 if state == "FAILED" else 202
        return JSONResponse(wire.status(record, state), code, {"x-request-id": record.id})

    async def file(self, request: Request) -> Response:
        """``GET /files/ID.wav``: the clip, or a range of it."""
        record, state = await self._found(request, await self._account(request))
        return await self._file_of(record, state)

    async def stream(self, request: Request) -> Response:
        """``GET /v2/requests/ID/stream``: the clip while it is made; the hosted API has no such."""
        account = await self._account(request)
        record, state = await self._found(request, account)
        job = self._service.jobs.live(record.id)
        if job is None:  # it is at its end, perhaps since a moment
            record, state = await self._found(request, account)
            if state == "FAILED":
                raise Refused(422, record.error or _BROKEN, {"x-request-id": record.id})
            return await self._file_of(record, state)
        if not await job.sound.begun(job.end.done):
            ending = job.end.result()
            raise Refused(ending.status, ending.error, {"x-request-id": job.id})
        sound = wav_of(job.sound, Fraction(job.asked.duration_s), job.end.done)
        return StreamingResponse(sound, media_type="audio/wav", headers={"x-request-id": job.id})

    async def _file_of(self, record: Record, state: str) -> Response:
        if state != "COMPLETED":
            raise Refused(404, _NO_JOB)
        path = self._service.results.path_of(record.id)
        kept = self._service.results.is_kept(record.finished_s)
        if not kept or not await run_in_threadpool(path.is_file):
            raise Refused(410, _GONE)
        return FileResponse(path, media_type="audio/wav", headers={"x-request-id": record.id})

    async def credits(self, request: Request) -> Response:
        """``GET /v1/get-user-credits``."""
        account = await self._account(request)
        return JSONResponse({"credits": float(account.credits_usd), "free-credits": 0.0})

    async def history(self, request: Request) -> Response:
        """``GET /v1/requests``: the latest calls of this key."""
        account = await self._account(request)
        limit = wire.read_limit(request.query_params.get("limit"))
        since_s = wire.read_since(request.query_params.get("since"))
        where = self._where(request)
        records = await run_in_threadpool(self._service.records.history, account.id, limit, since_s)
        entries = [
            wire.history_entry(
                record,
                self._state_of(record),
                where,
                is_kept=self._service.results.is_kept(record.finished_s),
            )
            for record in records
        ]
        return JSONResponse({"requests": entries})

    async def openapi(self, _request: Request) -> Response:
        """``GET /openapi.json``."""
        return JSONResponse(self._document)

    async def health(self, _request: Request) -> Response:
        """``GET /healthz``: whether calls are taken."""
        if self._service.jobs.is_closing:
            raise Refused(503, "the server is being stopped")
        return JSONResponse({"status": "ok"})

    # -- what the routes share -------------------------------------------------------------------

    async def _account(self, request: Request) -> Account:
        key = request.headers.get("x-api-key", "")
        account = await run_in_threadpool(self._service.accounts.find, key)
        if account is None:
            raise Refused(401, "unauthorized: send a valid key in the header x-api-key")
        request.scope["account_name"] = account.name  # for the log
        return account

    async def _taken(self, request: Request) -> tuple[Account, Job]:
        """Take a call for a clip, or refuse it."""
        account = await self._account(request)
        self._check_rate(account)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Refused(406, "the content type must be application/json")
        asked = wire.read_asked(await self._body(request))
        longest_s = self._service.max_s
        if longest_s is not None and asked.duration_s > longest_s:
            raise Refused(406, f"duration: this server makes at most {float(longest_s):g} s")
        return account, await run_in_threadpool(self._service.jobs.submit, account.id, asked)

    def _check_rate(self, account: Account) -> None:
        again_s = self._service.rates.take(account.id)
        if again_s is None:
            return
        wait_s = max(1, math.ceil(again_s - self._service.clock()))
        told = {"x-rate-limit-reset-at-utc": wire.utc(again_s), "retry-after": str(wait_s)}
        raise Refused(429, "too many requests: wait for the limit's reset", told)

    async def _body(self, request: Request) -> bytes:
        at_most = self._service.options.max_body_bytes
        too_large = Refused(413, f"the body has more than {at_most} bytes")
        if _declared_bytes(request) > at_most:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self._service.options.body_timeout_s):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > at_most:
                        raise too_large
        except TimeoutError:
            raise Refused(408, "the body did not come in time", {"connection": "close"}) from None
        except ClientDisconnect:
            raise Refused(400, "the body was cut off") from None
        return bytes(body)

    async def _found(self, request: Request, account: Account) -> tuple[Record, str]:
        job_id = request.path_params["id"]
        record = await run_in_threadpool(self._service.records.find, job_id, account.id)
        if record is None:
            raise Refused(404, _NO_JOB)
        return record, self._state_of(record)

    def _state_of(self, record: Record) -> str:
        if record.state != "QUEUED":
            return record.state
        return self._service.jobs.state_of(record.id) or "PROCESSING"

    def _result_headers(self, record: Record, account: Account) -> dict[str, str]:
        remaining_usd = self._service.accounts.credits_usd(account.id)
        return wire.result_headers(record, remaining_usd)

    def _where(self, request: Request) -> wire.Where:
        return wire.Where(self._service.options.public_url or root_of(request.scope))


def _declared_bytes(request: Request) -> float:
    """Return how long a body says that it is; infinite where it comes in chunks without end."""
    if "transfer-encoding" in request.headers:
        return math.inf
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdigit() and len(length) < 20 else math.inf


async def _on_refused(request: Request, error: Exception) -> Response:
    """Answer, and close the connection where a long body would follow that nobody reads."""
    refused = cast("Refused", error)  # Starlette hands over what it was registered for
    at_most: int = request.app.state.service.options.max_body_bytes
    if _declared_bytes(request) > at_most:
        refused.headers["connection"] = "close"
    return refusal(refused)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    told = cast("HTTPException", error)
    message = _NOT_FOUND if told.status_code == 404 else told.detail
    return await _on_refused(request, Refused(told.status_code, message, told.headers))


async def _on_failure(_request: Request, _error: Exception) -> Response:
    return refusal(Refused(500, _BROKEN, {"x-request-id": secrets.token_hex(16)}))
