"""How often a key may ask for a clip."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

__all__ = ["RateLimit"]

_WINDOW_S = 60.0


class RateLimit:
    """At most ``per_minute`` clips in any minute for each account; ``None`` without limit.

    Not for several threads at once: the loop that takes the calls asks it.
    """

    def __init__(self, per_minute: int | None, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._taken_s: dict[int, deque[float]] = {}

    def take(self, account_id: int) -> float | None:
        """Count a call; return when the next may come (seconds since the epoch) if it may not."""
        if self._per_minute is None:
            return None
        now_s = self._clock()
        taken_s = self._taken_s.setdefault(account_id, deque(maxlen=self._per_minute))
        if len(taken_s) == self._per_minute:
            again_s = taken_s[0] + _WINDOW_S
            # A clock that was set back must not shut anybody out for longer than the window.
            if now_s < again_s <= now_s + _WINDOW_S:
                return again_s
        taken_s.append(now_s)
        return None
