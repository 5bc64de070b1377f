"""What a reader of cue sheets is, and what it is told about a sheet from outside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import BinaryIO

from musicgen_daw.errors import CueSheetError
from musicgen_daw.settings import BitDepth, Settings
from musicgen_daw.timeline import ASSUMED_FRAME_RATE, CueSettings, CueSheet, FrameRate, Timecode

__all__ = ["Reader", "SheetOptions", "standing_at"]

MAX_REASON = 600


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """What flags say about a sheet, and ``SHEET.toml`` where no flag speaks.

    ``defaults`` hold for the whole sheet; ``cues`` maps the id or name of a cue to settings that
    fill what the cue's own text leaves unsaid. ``settings`` are the user's, the weakest of all.
    """

    title: str = ""
    sample_rate: int | None = None
    bit_depth: BitDepth | None = None
    file_format: str | None = None
    frame_rate: FrameRate | None = None
    start_timecode: str | None = None
    charset: str | None = None
    seed: int | None = None
    defaults: CueSettings = field(default_factory=CueSettings)
    cues: Mapping[str, CueSettings] = field(default_factory=lambda: MappingProxyType({}))
    settings: Settings = field(default_factory=Settings)

    def settled(self) -> SheetOptions:
        """Return the options for a sheet that itself tells no timecode: then the settings do."""
        fps, start_timecode = self.settings.fps, self.settings.timecode_start
        return replace(
            self,
            frame_rate=self.frame_rate or (FrameRate.named(fps) if fps else None),
            start_timecode=self.start_timecode or start_timecode,
        )

    def started_at(self) -> Timecode | None:
        """Return the timecode of second 0, if it is said.

        Raises:
            CueSheetError: when it is no timecode at the frame rate.
        """
        if self.start_timecode is None:
            return None
        with standing_at("the start timecode"):
            return Timecode.parse(self.start_timecode, self.frame_rate or ASSUMED_FRAME_RATE)


@dataclass(frozen=True, slots=True)
class Reader:
    """One format of cue sheets. ``recognises`` looks at the content, whatever the file's name.

    A format whose files hold sound beside the markers has ``parse_file`` too, which takes from an
    open file only what it needs: files too large to be held go there, and ``recognises`` sees
    only how they begin.
    """

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    parse: Callable[[bytes, SheetOptions], CueSheet]
    parse_file: Callable[[BinaryIO, SheetOptions], CueSheet] | None = None


@contextmanager
def standing_at(place: str) -> Iterator[None]:
    """Turn the ``ValueError`` of a value into a ``CueSheetError`` that says where it stands.

    A message that quotes pages of a damaged file keeps its beginning and end.
    """
    try:
        yield
    except ValueError as error:
        reason = str(error)
        if len(reason) > MAX_REASON:
            reason = f"{reason[: MAX_REASON // 2]} … {reason[-MAX_REASON // 2 :]}"
        raise CueSheetError(reason, place=place) from None
