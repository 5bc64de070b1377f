"""Times as people write them in tables: seconds, clock time, timecode, bar|beat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.cuesheets.keys import parse_number, parse_seconds
from musicgen_daw.timeline import BarBeat, FrameRate, TempoMap, Timecode

__all__ = ["Ruler", "is_musical", "is_timecode", "parse_decimal", "parse_length"]

_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2}(?:[.,]\d{1,9})?)", re.ASCII)
_TIMECODE = re.compile(r"\d{1,2}[:;]\d{2}[:;]\d{2}[:;]\d{2}", re.ASCII)


# As programs print what they hold as floating point: up to 52 digits and small exponents.
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]{1,16}(?:[.,][0-9]{0,80})?|[.,][0-9]{1,80})(?:[eE][+-]?[0-9]{1,2})?"
)
_MAX_DECIMAL = 10**16


def parse_decimal(text: str) -> Fraction:
    """Read a number that a program wrote, exactly.

    Raises:
        ValueError: for anything else, infinities and numbers beyond 10^16 included.
    """
    if _DECIMAL.fullmatch(text):
        value = Fraction(text.replace(",", "."))
        if abs(value.numerator) < _MAX_DECIMAL * value.denominator:
            return value
    raise ValueError(f"{text[:40]!r} is not a number")


def is_timecode(text: str) -> bool:
    """Tell whether a text is written as timecode."""
    return _TIMECODE.fullmatch(text) is not None


def is_musical(text: str) -> bool:
    """Tell whether a text is written as bar|beat."""
    return BarBeat.parse(text) is not None


def parse_length(text: str) -> Fraction:
    """Read a length that needs no ruler, in seconds: ``12.5``, ``400ms``, ``1:30`` or ``1:02:03``.

    Raises:
        ValueError: for anything else; minutes and seconds after a colon go to 59.
    """
    clock = _CLOCK.fullmatch(text)
    if clock is None:
        return parse_seconds(text)
    hours, minutes, seconds = clock.groups()
    if parse_number(seconds) >= 60 or (hours and int(minutes) >= 60):
        raise ValueError(f"{text!r} is no time: minutes and seconds go to 59")
    return int(hours or 0) * 3600 + int(minutes) * 60 + parse_number(seconds)


@dataclass(frozen=True, slots=True)
class Ruler:
    """What times on a sheet are measured against; ``start_s`` is the timecode of second 0."""

    frame_rate: FrameRate
    start_s: Fraction
    tempo_map: TempoMap

    def position(self, text: str) -> Fraction:
        """Read a place on the timeline, in seconds from its start.

        Raises:
            ValueError: for a text that is no time, or a time before the start.
        """
        if bar_beat := BarBeat.parse(text):
            return bar_beat.seconds(self.tempo_map)
        seconds = self.length(text) - (self.start_s if is_timecode(text) else 0)
        if seconds < 0:
            raise ValueError(f"{text} is before the start of the sheet")
        return seconds

    def length(self, text: str) -> Fraction:
        """Read a length of time in seconds.

        Raises:
            ValueError: for a text that is none.
        """
        if is_timecode(text):
            return Timecode.parse(text, self.frame_rate).seconds
        if _CLOCK.fullmatch(text):
            return parse_length(text)
        try:
            return parse_seconds(text)
        except ValueError:
            raise ValueError(
                f"{text!r} is no time: write seconds, mm:ss.mmm, hh:mm:ss:ff or bar|beat"
            ) from None
