"""The application behind a socket: until a signal stops it, or as long as a context lasts."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from asyncio import Transport
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from musicgen_daw.errors import UsageError
from musicgen_daw.server.service import Service

__all__ = ["listen", "serve_until_stopped", "serving", "url_of"]

_HEAD_TIMEOUT_S = 20.0
_MOST_CONNECTIONS = 1000
_BACKLOG = 512
_ANSWERS_WITHIN_S = 5
"""How long answers on their way have when the server ends."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound, to a free port where ``port`` is 0.

    Raises:
        UsageError: where the address can't be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except BaseException:
            bound.close()
            raise
    except (OSError, UnicodeError, OverflowError) as error:
        told = getattr(error, "strerror", None) or error
        raise UsageError(
            f"can't listen on {host} port {port}: {told}; choose another with --host or --port"
        ) from None
    return bound


def url_of(bound: socket.socket) -> str:
    """Return the root URL of what listens there."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve_until_stopped(
    app: Starlette, bound: socket.socket, on_listening: Callable[[], None]
) -> bool:
    """Serve until SIGTERM or SIGINT; tell whether all work came to its end.

    From the signal on no call is taken; what is being made has ``options.stop_within_s`` to end,
    unless a second signal comes. ``on_listening`` is called once, when calls are taken.

    Raises:
        FolderBusy: where another server uses the folder.
        BackendError: where the generator can't be opened.
    """
    service: Service = app.state.service
    try:
        service.start()
        _StoppableServer(_config(app), service, on_listening).run(sockets=[bound])
    finally:
        bound.close()
        ended = service.close()
    return ended


@contextmanager
def serving(
    app: ASGIApp, host: str = "127.0.0.1", port: int = 0, head_timeout_s: float = _HEAD_TIMEOUT_S
) -> Iterator[str]:
    """Serve in a thread as long as the context lasts; yield the root URL.

    The head of a request has ``head_timeout_s`` to come.

    Raises:
        UsageError: where the address can't be had.
        RuntimeError: where the application does not start; its cause is in the log.
    """
    bound = listen(host, port)
    server = uvicorn.Server(_config(app, head_timeout_s))
    failures: list[BaseException] = []

    def run() -> None:
        try:
            server.run(sockets=[bound])
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits for it
            failures.append(error)

    thread = threading.Thread(target=run, name="serve", daemon=True)
    try:
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        if failures or not server.started:
            raise RuntimeError("the server did not start") from next(iter(failures), None)
        yield url_of(bound)
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


class _StoppableServer(uvicorn.Server):
    """Ends when asked to by a signal, after what is being made."""

    def __init__(
        self, config: uvicorn.Config, service: Service, on_listening: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._service = service
        self._on_listening = on_listening
        self._signals = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listening()

    def handle_exit(self, _sig: int, _frame: FrameType | None) -> None:
        """Only count: a signal comes at any instant, and locks may be held."""
        self._signals += 1

    async def on_tick(self, counter: int) -> bool:
        jobs = self._service.jobs
        if self._signals and not jobs.is_closing:
            await asyncio.to_thread(jobs.stop_taking)
        if self._signals > 1 or jobs.is_out_of_time:
            await asyncio.to_thread(jobs.give_up)
        self.should_exit = jobs.is_closing and jobs.is_idle
        return await super().on_tick(counter)


class _PunctualProtocol(H11Protocol):
    """HTTP/1.1 that gives the head of a request its time; uvicorn waits for it for ever."""

    head_timeout_s = _HEAD_TIMEOUT_S
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._time_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._time_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_timer()

    def _time_head(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def _config(app: Any, head_timeout_s: float = _HEAD_TIMEOUT_S) -> uvicorn.Config:
    protocol = type("Protocol", (_PunctualProtocol,), {"head_timeout_s": head_timeout_s})
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_ANSWERS_WITHIN_S,
    )
