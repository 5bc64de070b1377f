"""An iterator that runs in a thread of its own, so that its work never waits for the listener."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

__all__ = ["run_aside"]

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
    work: Callable[[], Iterator[T]], stop: Callable[[], None], *, name: str
) -> Generator[T, None, None]:
    """Yield what an iterator yields, which runs on in a thread whatever the listener does.

    What it raises is raised here, also by closing this. When this is closed or interrupted,
    ``stop`` is called, which makes the iterator end soon, and its end is waited for; a second
    interrupt waits no longer.
    """
    handed: SimpleQueue[_Handed[T] | _End] = SimpleQueue()

    def run() -> None:
        error: BaseException | None = None
        try:
            for value in work():
                handed.put(_Handed(value))
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
