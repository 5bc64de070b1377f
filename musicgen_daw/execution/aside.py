"""Work in threads of its own, so that it never waits for the listener, nor for one disk write."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import Generic, TypeVar

__all__ = ["Several", "run_aside"]

T = TypeVar("T")

_LOOK_S = 0.2
"""How long a wait lasts at most, as on some systems nothing interrupts one."""


@dataclass(frozen=True, slots=True)
class _Handed(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


def run_aside(
    work: Callable[[Callable[[T], None]], None], stop: Callable[[], None], *, name: str
) -> Generator[T, None, None]:
    """Yield what a work hands over, which runs on in a thread whatever the listener does.

    ``work`` is given a function that hands a value over, from any thread. What it raises is raised
    here, also by closing this. When this is closed or interrupted, ``stop`` is called, which makes
    the work end soon, and its end is waited for; a second interrupt waits no longer.
    """
    handed: SimpleQueue[_Handed[T] | _End] = SimpleQueue()

    def run() -> None:
        error: BaseException | None = None
        try:
            work(lambda value: handed.put(_Handed(value)))
        except BaseException as failure:  # noqa: BLE001 - raised where somebody listens
            error = failure
        handed.put(_End(error))

    # A user who interrupts twice wants to be gone.
    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        while isinstance(one := _next(handed), _Handed):
            yield one.value
    except BaseException as reason:
        try:
            stop()
        except Exception:
            _last(handed)
            raise
        one = _last(handed)
        if isinstance(reason, GeneratorExit) and one.error is not None:
            raise one.error from None
        raise
    if one.error is not None:
        raise one.error


def _next(handed: SimpleQueue[_Handed[T] | _End]) -> _Handed[T] | _End:
    while True:
        try:
            return handed.get(timeout=_LOOK_S)
        except Empty:
            continue


def _last(handed: SimpleQueue[_Handed[T] | _End]) -> _End:
    while True:
        one = _next(handed)
        if isinstance(one, _End):
            return one


class Several:
    """Up to ``at_once`` pieces of work at a time, a thread for each.

    Work raises nothing. One thread starts all of it, and waits for it.
    """

    def __init__(self, at_once: int, *, name: str) -> None:
        self._at_once = at_once
        self._name = name
        self._free = BoundedSemaphore(at_once)

    def start(self, work: Callable[[], None]) -> None:
        """Start a piece of work, when there is room for it."""
        self._free.acquire()

        def run() -> None:
            try:
                work()
            finally:
                self._free.release()

        try:
            Thread(target=run, name=self._name, daemon=True).start()
        except RuntimeError:  # the system has no more threads
            run()

    def wait(self) -> None:
        """Wait until all work is done."""
        for _ in range(self._at_once):
            self._free.acquire()
        self._free.release(self._at_once)
