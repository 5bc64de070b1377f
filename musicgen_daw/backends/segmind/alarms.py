"""Functions that are called when their time is over: one thread for all of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Condition, Thread

__all__ = ["Alarms"]


class Alarms:
    """Rings those that nobody cancelled in time. Its thread begins with the first one.

    What rings is short and raises nothing. An alarm that is cancelled has rung, or never will.
    """

    def __init__(self) -> None:
        self._set: dict[object, tuple[float, Callable[[], None]]] = {}
        self._wakes_s = math.inf  # of the monotonic clock, as all times here
        self._changed = Condition()
        self._thread: Thread | None = None
        self._is_closed = False

    def set(self, after_s: float, ring: Callable[[], None]) -> object:
        """Have a function called in so many seconds; return what cancels that."""
        alarm = object()
        due_s = time.monotonic() + after_s
        with self._changed:
            self._set[alarm] = (due_s, ring)
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="alarms", daemon=True)
                self._thread.start()
            elif due_s < self._wakes_s:
                self._changed.notify()
        return alarm

    def cancel(self, alarm: object) -> None:
        """Let an alarm not ring any more."""
        with self._changed:
            self._set.pop(alarm, None)

    def close(self) -> None:
        """Let nothing ring any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._is_closed:
                now_s = time.monotonic()
                for alarm in [each for each, (due_s, _) in self._set.items() if due_s <= now_s]:
                    _, ring = self._set.pop(alarm)
                    ring()
                self._wakes_s = min((due_s for due_s, _ in self._set.values()), default=math.inf)
                wait_s = self._wakes_s - now_s
                self._changed.wait(None if wait_s == math.inf else max(0.0, wait_s))
