"""How long to wait before a call is made once more; pure.

A service tells it in one of several headers, as a number or as a date by its own clock; else the
wait doubles from try to try, with full jitter, so that many callers don't come back at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from random import Random

__all__ = ["Patience", "told_delay_s"]

_RESET_HEADERS = ("x-rate-limit-reset-at-utc", "x-ratelimit-reset-at-utc", "x-ratelimit-reset")
_FIRST_EPOCH_S = 1e9  # a smaller number is a delay
_FIRST_EPOCH_MS = 1e12  # a larger one counts milliseconds
_MAX_HEADER = 100


def told_delay_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return how many seconds the service asks to wait, ``None`` where it tells nothing sensible.

    ``headers`` have names in lower case, ``now_s`` is seconds since the epoch. A date is compared
    with the service's own ``Date``, where it sent one, since one of the two clocks may be wrong.
    """
    ms = _number(headers.get("retry-after-ms", ""))
    if ms is not None and ms >= 0:
        return ms / 1000
    now_there_s = _instant_s(headers.get("date", ""))
    now_there_s = now_s if now_there_s is None else now_there_s
    for name in ("retry-after", *_RESET_HEADERS):
        delay_s = _delay_s(headers.get(name, ""), now_there_s)
        if delay_s is not None:
            return delay_s
    return None


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something is tried and how long it is waited for.

    ``tries`` counts the first one. The own wait begins at ``first_s`` and grows to ``longest_s``,
    but not above ``longest_told_s``, from which on a wait that the service asks for is refused.
    All waits together last at most ``in_all_s``.
    """

    tries: int = 6
    first_s: float = 0.5
    longest_s: float = 30.0
    longest_told_s: float = 120.0
    in_all_s: float = 600.0

    def delay_s(
        self, tried: int, waited_s: float, told_s: float | None, random: Random
    ) -> float | None:
        """Return how long to wait after ``tried`` failures, ``None`` where it is given up.

        ``waited_s`` is how long was waited before, ``told_s`` what the service asks for.
        """
        if tried >= self.tries:
            return None
        if told_s is None:
            bound_s = min(self.longest_s, self.longest_told_s, self.first_s * 2.0 ** min(tried, 60))
            delay_s = random.uniform(0, bound_s)
        elif told_s > self.longest_told_s:
            return None
        else:
            # Not all at the very instant that all were told.
            delay_s = told_s + random.uniform(0, min(1.0, self.first_s + told_s / 10))
        return delay_s if waited_s + delay_s <= self.in_all_s else None


def _delay_s(text: str, now_there_s: float) -> float | None:
    """Return the wait that a header tells: seconds, an instant as number or date."""
    number = _number(text)
    if number is None:
        instant_s = _instant_s(text)
    elif 0 <= number < _FIRST_EPOCH_S:
        return number
    elif number >= _FIRST_EPOCH_S:
        instant_s = number / 1000 if number >= _FIRST_EPOCH_MS else number
    else:
        return None
    return None if instant_s is None else max(0.0, instant_s - now_there_s)


def _number(text: str) -> float | None:
    if not text.isascii() or len(text) > _MAX_HEADER or "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _instant_s(text: str) -> float | None:
    """Return the seconds since the epoch of an HTTP or ISO date; one without a zone is UTC."""
    if not text or len(text) > _MAX_HEADER:
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            instant = parse(text.strip())
            if instant.tzinfo is None:
                instant = instant.replace(tzinfo=UTC)
            return instant.timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
