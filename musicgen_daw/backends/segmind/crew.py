"""Threads that call the service: as many as calls may be under way, whoever listens.

A slow listener delays no call, up to a few clips that wait to be heard; a listener who goes away
ends it all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from threading import Condition, Event, Lock, Thread

from musicgen_daw.backends.base import Outcome
from musicgen_daw.errors import BackendError, BudgetExceeded
from musicgen_daw.planning import ClipRequest

__all__ = ["Halt", "outcomes_of"]

_UNHEARD = 4
"""How many clips may wait for the listener, beside one of every thread."""


class Halt:
    """Tells the threads of one run to end: softly, once nothing more is sent, or at once.

    ``error`` tells why nothing more can be sent, ``None`` where somebody asked for it; then
    ``dismissed`` is set, and what can as well be fetched another time is not waited for.
    """

    def __init__(self) -> None:
        self.no_more = Event()
        self.dismissed = Event()
        self.abandoned = Event()
        self.error: BackendError | BudgetExceeded | None = None
        self._lock = Lock()

    def stop(self, error: BackendError | BudgetExceeded | None = None) -> None:
        """Send nothing more; the first one tells why."""
        with self._lock:
            if not self.no_more.is_set():
                self.error = error
                self.no_more.set()

    def dismiss(self) -> None:
        """Send nothing more, as somebody asked for it."""
        self.dismissed.set()
        self.stop()

    def abandon(self) -> None:
        """Nobody listens any more."""
        self.abandoned.set()
        self.dismiss()


def outcomes_of(
    requests: Sequence[ClipRequest],
    make: Callable[[ClipRequest], Outcome | None],
    halt: Halt,
    *,
    threads: int,
) -> Iterator[Outcome]:
    """Yield what ``make`` returns for each request but ``None``, as it comes.

    Where ``make`` raises, nothing more is sent; what is under way is yielded, then it is raised.
    When the iterator is closed, it returns at once and what is under way is lost.
    """
    crew = _Crew(requests, make, halt, unheard=threads + _UNHEARD)
    crew.begin(min(threads, len(requests)))
    try:
        while (outcome := crew.next_outcome()) is not None:
            yield outcome
            del outcome  # the caller's alone, so that its memory is free when the caller is done
    finally:
        crew.leave()
    if crew.error is not None:
        raise crew.error


class _Crew:
    """What the threads and their listener share."""

    def __init__(
        self,
        requests: Sequence[ClipRequest],
        make: Callable[[ClipRequest], Outcome | None],
        halt: Halt,
        *,
        unheard: int,
    ) -> None:
        self.error: Exception | None = None
        self._waiting = deque(requests)
        self._make = make
        self._halt = halt
        self._unheard = unheard
        self._outbox: deque[Outcome] = deque()
        self._working = 0
        self._changed = Condition()

    def begin(self, threads: int) -> None:
        """Start the threads; they don't keep a program alive whose user gave up."""
        self._working = threads
        for number in range(threads):
            Thread(target=self._work, name=f"segmind-{number}", daemon=True).start()

    def next_outcome(self) -> Outcome | None:
        """Wait for an outcome; ``None`` when no more come."""
        with self._changed:
            self._changed.wait_for(lambda: self._outbox or not self._working)
            self._changed.notify_all()
            return self._outbox.popleft() if self._outbox else None

    def leave(self) -> None:
        """Stop listening."""
        self._halt.abandon()
        with self._changed:
            self._outbox.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        try:
            while (request := self._take()) is not None:
                self._put(self._made(request))
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    def _take(self) -> ClipRequest | None:
        with self._changed:
            return self._waiting.popleft() if self._waiting else None

    def _made(self, request: ClipRequest) -> Outcome | None:
        try:
            return self._make(request)
        except CancelledError:
            return None
        except Exception as error:  # noqa: BLE001  # raised where somebody listens
            with self._changed:
                self.error = self.error or error
            self._halt.stop()
            return None

    def _put(self, outcome: Outcome | None) -> None:
        """Hand over an outcome, when the listener has room for it."""
        if outcome is None:
            return
        with self._changed:
            self._changed.wait_for(self._has_room)
            if not self._halt.abandoned.is_set():
                self._outbox.append(outcome)
                self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._halt.abandoned.is_set() or len(self._outbox) < self._unheard
