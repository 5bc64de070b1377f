"""What an OpenTimelineIO file is written in: JSON objects with a schema, exact times, texts.

Values come as floating point with rounding errors, and are read as the decimals that were meant;
rates that are frame rates become those exactly.

Source: OpenTimelineIO's serialized schema (RationalTime.1, TimeRange.1).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from musicgen_daw.cuesheets.times import parse_decimal
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import FRAME_RATES, FrameRate

__all__ = [
    "Json",
    "Time",
    "Times",
    "children_of",
    "frame_rate_of",
    "json_of",
    "schema_of",
    "text_of",
]

MAX_RATES = 50
MAX_NUMBER = 10**15

_DECIMALS = 10**9
_NEAR = Fraction(6, 1000)  # 23.98 too; 24 is farther from it

Json = dict[str, Any]


def json_of(content: bytes) -> Any:
    """Read JSON whose numbers are exact.

    Raises:
        CueSheetError: with the line, for anything else.
    """
    try:
        return json.loads(content, parse_float=parse_decimal, parse_constant=parse_decimal)
    except RecursionError:
        raise CueSheetError("the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        reason = f"no valid JSON ({error.msg}): export the file again"
        raise CueSheetError(reason, place=f"line {error.lineno}") from None
    except ValueError as error:  # numbers, and what is no text
        raise CueSheetError(f"no valid JSON: {error}") from None


def schema_of(read: Any) -> str:
    """Return the name of an object's schema without its version, empty for what has none."""
    schema = read.get("OTIO_SCHEMA") if isinstance(read, dict) else None
    return schema.partition(".")[0] if isinstance(schema, str) else ""


def children_of(parent: Json) -> Sequence[Any]:
    """Return what lies on a track or stack, or in a collection."""
    children = parent.get("children")
    return children if isinstance(children, list) else ()


def text_of(read: Json, key: str) -> str:
    """Return a text, empty where there is none."""
    text = read.get(key)
    return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class Time:
    """A RationalTime: ``value`` in units of which ``rate`` go into a second."""

    value: Fraction
    rate: Fraction

    @property
    def seconds(self) -> Fraction:
        """The time in seconds, exactly."""
        return self.value / self.rate

    @property
    def video_frame_s(self) -> Fraction:
        """The length of a video frame, or 0 where the rate is that of samples or seconds."""
        return 1 / self.rate if _named_rate(self.rate) else Fraction(0)


class Times:
    """Reads times of few rates: of many no sum would stay a fraction of reasonable length."""

    def __init__(self) -> None:
        self.rates: set[Fraction] = set()

    def time(self, read: Any) -> Time | None:
        """Return a RationalTime, or ``None`` for what is none."""
        if schema_of(read) != "RationalTime":
            return None
        value, rate = self._number(read.get("value")), self._number(read.get("rate"))
        if value is None or rate is None or rate <= 0:
            return None
        named = _named_rate(rate)
        time = Time(value, named.fps if named else rate)
        self.rates.add(time.rate)
        if len(self.rates) > MAX_RATES:
            raise CueSheetError(f"more than {MAX_RATES} rates of time are too many for a timeline")
        return time

    def range(self, read: Any) -> tuple[Time, Time] | None:
        """Return the start and duration of a TimeRange, or ``None`` for what is none."""
        if schema_of(read) != "TimeRange":
            return None
        start, duration = self.time(read.get("start_time")), self.time(read.get("duration"))
        return (start, duration) if start and duration else None

    @staticmethod
    def _number(read: object) -> Fraction | None:
        if not isinstance(read, int | Fraction) or not -MAX_NUMBER < read < MAX_NUMBER:
            return None
        return Fraction(round(read * _DECIMALS), _DECIMALS)


@lru_cache(maxsize=64)
def _named_rate(rate: Fraction) -> FrameRate | None:
    """Return the frame rate that is meant: 23.976 is 24000/1001."""
    near = (r for r in FRAME_RATES.values() if not r.drop_frame and abs(r.fps - rate) < _NEAR)
    return min(near, key=lambda named: abs(named.fps - rate), default=None)


def frame_rate_of(time: Time | None) -> FrameRate | None:
    """Return the frame rate that a time counts in, if it is one."""
    return _named_rate(time.rate) if time else None
