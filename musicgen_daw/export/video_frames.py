"""Places for formats that count in video frames: each edge goes to the nearest one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from musicgen_daw.errors import ExportError, UsageError
from musicgen_daw.timeline import FRAME_RATES, CueSheet, FrameRate, Timecode

__all__ = ["FrameClock", "rate_of"]


@dataclass(frozen=True, slots=True)
class FrameClock:
    """Seconds of a sheet as timecode: ``start_s`` is the timecode of second 0, in seconds.

    ``holder`` is what messages call the format whose clock it is.
    """

    rate: FrameRate
    start_s: Fraction
    holder: str

    @classmethod
    def of(cls, sheet: CueSheet, holder: str) -> Self:
        """Return the clock of a sheet.

        Raises:
            UsageError: where nobody tells the frame rate.
        """
        rate = rate_of(sheet)
        if rate is None:
            known = " ".join(FRAME_RATES)
            raise UsageError(
                f"{holder} counts in video frames, and the sheet tells no frame rate: "
                f"say --fps 25 (one of {known})"
            )
        start_s = sheet.start_timecode.seconds if sheet.start_timecode else Fraction(0)
        return cls(rate, start_s, holder)

    def timecode(self, at_s: Fraction) -> Timecode:
        """Return the timecode of the video frame that begins nearest to a second of the sheet.

        Raises:
            ExportError: for a moment a day or more after 00:00:00:00, which has no label.
        """
        return self._label(self._nearest(at_s))

    def span(self, start_s: Fraction, end_s: Fraction | None) -> tuple[Timecode, Timecode]:
        """Return in and out of a region, at least a video frame; a marker's out is its in.

        Raises:
            ExportError: as ``timecode``.
        """
        first = self.timecode(start_s)
        if end_s is None:
            return first, first
        last = self._nearest(end_s)
        return first, self._label(max(last, first.video_frames + 1))

    def _label(self, video_frames: int) -> Timecode:
        if video_frames >= Timecode.from_fields(24, 0, 0, 0, self.rate).video_frames:
            raise ExportError(
                f"{self.holder} can't hold a timeline that reaches 24:00:00:00, where timecode "
                "begins anew: let it start earlier (--timecode-start), or use another hand-off"
            )
        return Timecode(video_frames, self.rate)

    def off_s(self, at_s: Fraction) -> Fraction:
        """Return how far a second of the sheet lies from its video frame."""
        return abs(self.start_s + at_s - self._nearest(at_s) / self.rate.fps)

    def _nearest(self, at_s: Fraction) -> int:
        """Return the video frame that begins nearest to a second of the sheet."""
        numerator, denominator = (self.start_s + at_s).as_integer_ratio()
        fps = self.rate.fps
        numerator, denominator = numerator * fps.numerator, denominator * fps.denominator
        return (2 * numerator + denominator) // (2 * denominator)


def rate_of(sheet: CueSheet) -> FrameRate | None:
    """Return the frame rate that a sheet tells, by itself or with its start."""
    return sheet.start_timecode.rate if sheet.start_timecode else sheet.frame_rate
