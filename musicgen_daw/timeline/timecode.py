"""SMPTE timecode: labels for video frames, with and without drop frame.

At 29.97 frames a second a count that names thirty frames a second falls behind the clock. Drop
frame skips *labels* (never frames): ``;00`` and ``;01`` at the start of each minute, except of
each tenth.

Source: SMPTE ST 12-1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["ASSUMED_FRAME_RATE", "FRAME_RATES", "FrameRate", "Timecode"]


@dataclass(frozen=True, slots=True)
class FrameRate:
    """A rate of video frames: ``nominal`` labels a second, pulled down by 1000/1001 or not."""

    name: str
    nominal: int
    pulled_down: bool = False
    drop_frame: bool = False

    @property
    def fps(self) -> Fraction:
        """Video frames per second, exactly: 30000/1001 for 29.97."""
        return Fraction(self.nominal * 1000, 1001) if self.pulled_down else Fraction(self.nominal)

    @property
    def dropped_labels(self) -> int:
        """Labels skipped in each minute but the tenth."""
        return self.nominal // 15 if self.drop_frame else 0

    @classmethod
    def named(cls, name: str) -> FrameRate:
        """Return the rate of a name such as ``25`` or ``29.97df``.

        Raises:
            ValueError: for a name that is not in ``FRAME_RATES``.
        """
        try:
            return FRAME_RATES[name.strip().lower()]
        except KeyError:
            known = ", ".join(FRAME_RATES)
            raise ValueError(f"unknown frame rate {name!r}: use one of {known}") from None

    def __str__(self) -> str:
        return self.name


FRAME_RATES: dict[str, FrameRate] = {
    rate.name: rate
    for rate in (
        FrameRate("23.976", 24, pulled_down=True),
        FrameRate("24", 24),
        FrameRate("25", 25),
        FrameRate("29.97", 30, pulled_down=True),
        FrameRate("29.97df", 30, pulled_down=True, drop_frame=True),
        FrameRate("30", 30),
        FrameRate("30df", 30, drop_frame=True),
        FrameRate("48", 48),
        FrameRate("50", 50),
        FrameRate("59.94", 60, pulled_down=True),
        FrameRate("59.94df", 60, pulled_down=True, drop_frame=True),
        FrameRate("60", 60),
    )
}

ASSUMED_FRAME_RATE = FRAME_RATES["25"]
"""What timecode is read and shown in where nobody tells a rate."""

# ";" before the video frames means drop frame; some programs write it between all fields.
_LABEL = re.compile(r"(\d{1,2})[:;](\d{2})[:;](\d{2})([:;])(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Timecode:
    """A position counted in whole video frames since 00:00:00:00."""

    video_frames: int
    rate: FrameRate

    @classmethod
    def parse(cls, text: str, rate: FrameRate) -> Timecode:
        """Read a label such as ``01:00:00:00`` or, in drop frame, ``01:00:00;02``.

        Raises:
            ValueError: for a text that is no timecode, a field out of range, a label that drop
                frame skips, or a drop-frame label at a rate that drops none.
        """
        match = _LABEL.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no timecode: write hh:mm:ss:ff")
        if match[4] == ";" and not rate.drop_frame:
            raise ValueError(f"{text!r} is a drop-frame label, and {rate} fps drops none")
        hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
        return cls.from_fields(hours, minutes, seconds, frames, rate)

    @classmethod
    def from_fields(
        cls, hours: int, minutes: int, seconds: int, video_frames: int, rate: FrameRate
    ) -> Timecode:
        """Build a timecode from its four fields.

        Raises:
            ValueError: for a field out of range or a label that drop frame skips.
        """
        label = f"{hours:02}:{minutes:02}:{seconds:02}:{video_frames:02}"
        if not (0 <= minutes < 60 and 0 <= seconds < 60 and 0 <= video_frames < rate.nominal):
            raise ValueError(f"{label} is no timecode at {rate} frames a second")
        dropped = rate.dropped_labels
        if dropped and seconds == 0 and video_frames < dropped and minutes % 10:
            raise ValueError(
                f"{label} does not exist in drop frame: the next label is :{dropped:02}"
            )
        total_minutes = 60 * hours + minutes
        count = (60 * total_minutes + seconds) * rate.nominal + video_frames
        return cls(count - dropped * (total_minutes - total_minutes // 10), rate)

    @classmethod
    def at(cls, seconds: Fraction | int, rate: FrameRate) -> Timecode:
        """Return the video frame that is shown at ``seconds`` (the one that has begun)."""
        numerator, denominator = seconds.as_integer_ratio()
        fps = rate.fps
        return cls(numerator * fps.numerator // (denominator * fps.denominator), rate)

    @property
    def seconds(self) -> Fraction:
        """The exact time at which the video frame begins."""
        return self.video_frames / self.rate.fps

    def __str__(self) -> str:
        sign, count = (
            ("-", -self.video_frames) if self.video_frames < 0 else ("", self.video_frames)
        )
        rate, dropped = self.rate, self.rate.dropped_labels
        if dropped:
            tens, rest = divmod(count, 600 * rate.nominal - 9 * dropped)
            later_minutes = max(0, rest - dropped) // (60 * rate.nominal - dropped)
            count += dropped * (9 * tens + later_minutes)
        seconds, frames = divmod(count, rate.nominal)
        separator = ";" if dropped else ":"
        hours, minutes = seconds // 3600, seconds // 60 % 60
        return f"{sign}{hours:02}:{minutes:02}:{seconds % 60:02}{separator}{frames:02}"
