"""Places for formats that count in video frames: each edge goes to the nearest one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from musicgen_daw.errors import UsageError
from musicgen_daw.timeline import FRAME_RATES, CueSheet, FrameRate, Timecode

__all__ = ["FrameClock", "rate_of"]

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class FrameClock:
    """Seconds of a sheet as timecode: ``start_s`` is the timecode of second 0, in seconds."""

    rate: FrameRate
    start_s: Fraction = Fraction(0)

    @classmethod
    def of(cls, sheet: CueSheet, format_: str) -> Self:
        """Return the clock of a sheet; ``format_`` names what needs it.

        Raises:
            UsageError: where nobody tells the frame rate.
        """
        rate = rate_of(sheet)
        if rate is None:
            known = " ".join(FRAME_RATES)
            raise UsageError(
                f"{format_} counts in video frames, and the sheet tells no frame rate: "
                f"say --fps 25 (one of {known})"
            )
        return cls(rate, sheet.start_timecode.seconds if sheet.start_timecode else Fraction(0))

    def timecode(self, at_s: Fraction) -> Timecode:
        """Return the timecode of the video frame that begins nearest to a second of the sheet."""
        return Timecode(math.floor(self._place(at_s) + _HALF), self.rate)

    def span(self, start_s: Fraction, end_s: Fraction | None) -> tuple[Timecode, Timecode]:
        """Return in and out of a region, at least a video frame; a marker's out is its in."""
        first = self.timecode(start_s)
        if end_s is None:
            return first, first
        last = self.timecode(end_s).video_frames
        return first, Timecode(max(last, first.video_frames + 1), self.rate)

    def off_s(self, at_s: Fraction) -> Fraction:
        """Return how far a second of the sheet lies from its video frame."""
        place = self._place(at_s)
        return abs(place - math.floor(place + _HALF)) / self.rate.fps

    def _place(self, at_s: Fraction) -> Fraction:
        """Return a second of the sheet in video frames, whole or not."""
        return (self.start_s + at_s) * self.rate.fps


def rate_of(sheet: CueSheet) -> FrameRate | None:
    """Return the frame rate that a sheet tells, by itself or with its start."""
    return sheet.start_timecode.rate if sheet.start_timecode else sheet.frame_rate
