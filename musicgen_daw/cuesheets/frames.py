"""Lists whose times are timecode at a frame rate that they don't tell: it is asked for.

A list may tell whether frames are dropped (``;``, ``FCM: DROP FRAME``); that leaves more than one
rate, so it is not enough to read a time by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.cuesheets.marks import Mark
from musicgen_daw.cuesheets.reader import SheetOptions, standing_at
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import FrameRate, SheetWarning, Timecode

__all__ = ["Labels", "warn_of_an_unsaid_start"]

_LABEL = re.compile(r"\d{1,2}([:;.]\d{2}){2}[:;.,]\d{2}", re.ASCII)
_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Labels:
    """Turns the timecode of a list into seconds; ``start_s`` is the timecode of second 0."""

    rate: FrameRate
    start_s: Fraction

    @classmethod
    def of(
        cls,
        options: SheetOptions,
        warnings: list[SheetWarning],
        *,
        file: str,
        drop_frame: bool | None = None,
    ) -> Labels:
        """Return the labels of a list that tells ``drop_frame`` or nothing.

        Raises:
            CueSheetError: when nobody says the frame rate.
        """
        options = options.settled()
        rate = options.frame_rate
        if rate is None:
            rates = {None: "25", True: "29.97df", False: "25"}[drop_frame]
            dropping = {None: "", True: ", only that frames are dropped", False: ""}[drop_frame]
            raise CueSheetError(
                f"{file} tells no frame rate{dropping}: say --fps {rates} "
                "(or frame_rate in its .toml)"
            )
        if drop_frame is not None and drop_frame != rate.drop_frame:
            says = "drop frame" if drop_frame else "non-drop frame"
            message = f"{file} says {says}, but it is read at {rate} frames a second as asked"
            warnings.append(SheetWarning("", message))
        start = options.started_at()
        return cls(rate, start.seconds if start else Fraction(0))

    @staticmethod
    def is_one(text: str) -> bool:
        """Tell whether a text is written as timecode, whatever parts its fields."""
        return _LABEL.fullmatch(text) is not None

    def length(self, text: str, place: str) -> Fraction:
        """Return a timecode as the seconds since 00:00:00:00.

        Raises:
            CueSheetError: when it is none at the frame rate.
        """
        with standing_at(place):
            if not self.is_one(text):
                raise ValueError(f"{text[:40]!r} is no timecode: hh:mm:ss:ff is expected")
            drops = text[-3] in ";," or ";" in text
            fields = re.sub(r"[;.,]", ":", text)
            label = f"{fields[:-3]}{';' if drops else ':'}{fields[-2:]}"
            return Timecode.parse(label, self.rate).seconds

    def position(self, text: str, place: str) -> Fraction:
        """Return the place of a timecode on the sheet, in seconds; before the start it is negative.

        Raises:
            CueSheetError: when it is none at the frame rate.
        """
        return self.length(text, place) - self.start_s

    def frames(self, video_frames: int) -> Fraction:
        """Return the length of a number of video frames in seconds."""
        return video_frames / self.rate.fps


def warn_of_an_unsaid_start(
    marks: Iterable[Mark], options: SheetOptions, warnings: list[SheetWarning]
) -> None:
    """Warn where all times are hours in: most timelines of picture begin at 01:00:00:00."""
    if options.settled().start_timecode is not None:
        return
    first_s = min((mark.at_s for mark in marks), default=Fraction(0))
    if first_s >= _HOUR_S:
        hour = f"{int(first_s // _HOUR_S):02}:00:00:00"
        message = (
            f"nobody says where the timeline begins, so the first cue comes after {hour}; "
            f"if it begins there, say --timecode-start {hour}"
        )
        warnings.append(SheetWarning("", message))
