"""A generator of tones that does what its prompt says, and a server of it on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any, Self

import httpx
import numpy as np
from starlette.types import ASGIApp

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Checkpoint, Clip, Failed, Finished, Outcome
from musicgen_daw.errors import Rejected
from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.server.app import make_app
from musicgen_daw.server.options import Options
from musicgen_daw.server.run import serving
from musicgen_daw.server.service import Service

RATE = 8_000
MODEL = "meta-musicgen-medium"
KEY_SHAPE = r"SG_[0-9a-f]{32}"


@dataclass
class Gate:
    """Where a clip that is to "wait" waits; ``reached`` when the first one is there."""

    reached: Event = field(default_factory=Event)
    open: Event = field(default_factory=Event)


class ToneBackend:
    name = "tones"
    revision = "1"

    def __init__(self, gate: Gate | None = None, **capabilities: Any) -> None:
        self.capabilities = Capabilities(native_rate=RATE, licence="free", **capabilities)
        self._gate = gate

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def explain(self, request: ClipRequest) -> Mapping[str, str]:
        return {}

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        for request in requests:
            checkpoint.started(request)
            yield self._outcome(request)

    def _outcome(self, request: ClipRequest) -> Outcome:
        if "refuse" in request.prompt:
            return Failed(request, Rejected("no such music"))
        if "crash" in request.prompt:
            raise RuntimeError("a secret of the machine")
        if "wait" in request.prompt and self._gate:
            self._gate.reached.set()
            assert self._gate.open.wait(30)
        if "slow" in request.prompt:
            time.sleep(0.05)
        times_s = np.arange(int(request.length_s * RATE)) / RATE
        tone = 0.3 * np.sin(2 * np.pi * (200 + request.seed) * times_s)
        return Finished(request, Clip({"mix": Audio(tone[np.newaxis].astype(np.float32), RATE)}))


class Clock:
    """A clock that tests set; it tells seconds since the epoch."""

    def __init__(self, now_s: float = 1_800_000_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Served:
    """A running server, one key to it, and a client that sends the key."""

    url: str
    service: Service
    key: str
    client: httpx.Client

    def ask(self, prompt: str = "a tone", api: str = "v1", **fields: Any) -> httpx.Response:
        return self.client.post(f"/{api}/{MODEL}", json={"prompt": prompt, **fields})

    def credits(self) -> float:
        return float(self.client.get("/v1/get-user-credits").json()["credits"])

    def held(self) -> Decimal:
        return self.service.accounts.listed()[0].held_usd


@contextmanager
def served(
    data: Path,
    backend: ToneBackend | None = None,
    options: Options = Options(),  # noqa: B008 - frozen
    *,
    usd: str = "5",
    clock: Clock | None = None,
) -> Iterator[Served]:
    backend = backend or ToneBackend()
    arguments = (lambda: backend, data, options)
    app = make_app(*arguments, clock) if clock else make_app(*arguments)
    service: Service = app.state.service
    key = service.accounts.add("tester", Decimal(usd))
    with serving(app) as url, client(url, key) as calling:
        yield Served(url, service, key, calling)


def client(url: str, key: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"x-api-key": key}, timeout=30, trust_env=False)


def wrapped(app: ASGIApp) -> ASGIApp:
    """Return the application behind a layer of its own, as faults are put in front of one."""

    async def layer(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    return layer
