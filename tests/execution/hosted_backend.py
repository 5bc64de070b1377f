"""Generators that cost money, whose provider answers as a test wants; and a bench to run them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any

from sine_backend import RATE, SineBackend, request, sine

from musicgen_daw.backends.base import (
    Backend,
    CallLimits,
    Checkpoint,
    Failed,
    Finished,
    Outcome,
    Unknown,
)
from musicgen_daw.backends.pool import Stop
from musicgen_daw.errors import Ambiguous, BudgetExceeded
from musicgen_daw.events import Event, Warned
from musicgen_daw.execution.runner import TakeOutcome, generate
from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.planning.plan import PlannedCue, PlannedTake
from musicgen_daw.planning.price import Price
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal

PAID = Capabilities(native_rate=RATE, paid=True, price=Price(per_clip_usd=Decimal("0.04")))
LIMITS = CallLimits("hosted", at_once=4, per_minute=None)
Work = Sequence[tuple[PlannedCue, PlannedTake]]
Answer = Callable[[ClipRequest], Outcome]


def hosted(seed: int) -> ClipRequest:
    return request(seed, backend="hosted")


def bought(one: ClipRequest) -> Outcome:
    return Finished(one, sine(one, Stop()), Decimal("0.04"))


class Bench:
    """A store, a journal, and a run over both."""

    def __init__(self, root: Path) -> None:
        self.events: list[Event] = []
        self.opened: list[str] = []
        self.store = ClipStore(root, self.events.append)
        self.journal = Journal(root / "journal.sqlite", lambda: 0.0)

    def start(self, work: Work, *backends: Backend, **options: Any) -> Iterator[TakeOutcome]:
        by_name = {backend.name: backend for backend in backends}

        def open_backend(name: str) -> Backend:
            self.opened.append(name)
            return by_name[name]

        options = {"observer": self.events.append, "clock": time.time, **options}
        return generate(work, open_backend, self.store, self.journal, **options)

    def run(self, work: Work, *backends: Backend, **options: Any) -> list[TakeOutcome]:
        self.events.clear()
        self.opened.clear()
        return list(self.start(work, *backends, **options))

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def warnings(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Warned)]


class HostedBackend(SineBackend):
    """One call after the other, in the thread that asks for the outcomes."""

    name = "hosted"
    capabilities = PAID

    def __init__(self, answer: Answer = bought) -> None:
        super().__init__()
        self.sent: list[int] = []
        self.fetched: list[str] = []
        self._answer = answer

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        for one in requests:
            provider_id = checkpoint.accepted_id(one)
            if provider_id is None:
                checkpoint.started(one)
                self.sent.append(one.seed)
                checkpoint.accepted(one, f"id-{one.seed}")
            else:
                self.fetched.append(provider_id)
            yield self._answer(one)


class BusyBackend(HostedBackend):
    """Several calls under way, in threads of its own, which can be asked to send no more."""

    def __init__(self, answer: Answer = bought, threads: int = 4) -> None:
        super().__init__(answer)
        self._threads = threads
        self._stopped = Flag()

    def stop_sending(self) -> None:
        self._stopped.set()

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        waiting: SimpleQueue[ClipRequest | None] = SimpleQueue()
        done: SimpleQueue[Outcome | Exception | None] = SimpleQueue()
        for one in (*requests, *[None] * self._threads):
            waiting.put(one)

        def work() -> None:
            try:
                while (one := waiting.get()) is not None and not self._stopped.is_set():
                    done.put(self._call(one, checkpoint))
            except CancelledError:
                done.put(None)
            except Exception as error:  # noqa: BLE001 - raised where somebody listens
                done.put(error)
            else:
                done.put(None)

        for _ in range(self._threads):
            Thread(target=work, daemon=True).start()
        running, failure = self._threads, None
        while running:
            outcome = done.get()
            if isinstance(outcome, Failed | Finished | Unknown):
                yield outcome
            else:
                running -= 1
                failure = failure or outcome
        if failure is not None:
            raise failure

    def _call(self, one: ClipRequest, checkpoint: Checkpoint) -> Outcome:
        with checkpoint.turn(LIMITS, self._stopped.is_set):
            try:
                checkpoint.started(one)
            except (Ambiguous, BudgetExceeded) as error:
                return Failed(one, error)
            self.sent.append(one.seed)
            return self._answer(one)
