"""The table of formats that a cue sheet can be written in, for ``musicgen-daw cues --to``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from musicgen_daw.export import cubase, edl, marker_lists, otio, reaper_markers, spotting
from musicgen_daw.export.csv_cells import guarded
from musicgen_daw.export.sheet import sheet_csv, sheet_midi
from musicgen_daw.export.sheet_losses import (
    Holds,
    holds_all,
    holds_midi_offset,
    holds_reaper_rate,
    holds_undropped_start,
    losses,
)
from musicgen_daw.formats import rpp
from musicgen_daw.timeline import CueSheet

__all__ = ["SHEET_FORMATS", "SheetFormat"]


@dataclass(frozen=True, slots=True)
class SheetFormat:
    """One format: its files' suffix, what writes it, and what of a sheet it holds."""

    suffix: str
    encode: Callable[[CueSheet], bytes]
    holds: Holds
    is_text: bool = True

    def losses(self, sheet: CueSheet) -> tuple[str, ...]:
        """Return what is lost of a sheet in this format, a sentence each."""
        return losses(sheet, self.holds)


def _csv(sheet: CueSheet) -> bytes:
    return sheet_csv(sheet).encode("utf-8")


def _tsv(sheet: CueSheet) -> bytes:
    return sheet_csv(sheet, "\t").encode("utf-8")


def _quotable(text: str) -> str:
    """Return a text as REAPER holds it, which has no escape for a third kind of quote."""
    (held,) = rpp.line(text).words
    return held


def _spotting_tsv(sheet: CueSheet) -> bytes:
    return spotting.encode(sheet, "\t")


_SHEET = Holds("a cell", is_table=True, is_sheet=True)
_SPOTS = Holds(
    "a cell",
    is_table=True,
    frame_rate=True,
    video_frames=True,
    without=spotting.WITHOUT_COLUMN,
)
_MARKER, _FRAMES = Holds("a marker"), Holds("a marker", video_frames=True)
_COMMENT = replace(_FRAMES, plain=edl.without_bars)

SHEET_FORMATS: Mapping[str, SheetFormat] = MappingProxyType(
    {
        "csv": SheetFormat(".csv", _csv, _SHEET),
        "tsv": SheetFormat(".tsv", _tsv, _SHEET),
        "spotting": SheetFormat(".csv", spotting.encode, _SPOTS),
        "spotting-tsv": SheetFormat(".tsv", _spotting_tsv, _SPOTS),
        "mid": SheetFormat(
            ".mid",
            sheet_midi,
            replace(_MARKER, tempo=True, picture=holds_midi_offset, regions=False),
            is_text=False,
        ),
        "reaper": SheetFormat(
            ".rpp",
            reaper_markers.encode,
            replace(
                _MARKER, tempo=True, sample_rate=True, picture=holds_reaper_rate, plain=_quotable
            ),
        ),
        "reaper-csv": SheetFormat(".csv", marker_lists.reaper_csv, replace(_MARKER, plain=guarded)),
        "audacity": SheetFormat(".txt", marker_lists.audacity, Holds("a label")),
        "premiere": SheetFormat(
            ".csv", marker_lists.premiere, replace(_FRAMES, plain=guarded), is_text=False
        ),
        "resolve": SheetFormat(
            ".edl", edl.encode_resolve, replace(_FRAMES, plain=edl.without_bars)
        ),
        "edl": SheetFormat(".edl", edl.encode, replace(_COMMENT, regions=False)),
        "otio": SheetFormat(
            ".otio", otio.encode_sheet, replace(_MARKER, picture=holds_undropped_start)
        ),
        "cubase": SheetFormat(
            ".xml",
            cubase.encode,
            replace(_MARKER, sample_rate=True, picture=cubase.holds_frame_rate),
        ),
        "protools": SheetFormat(
            ".txt",
            marker_lists.protools,
            replace(_MARKER, sample_rate=True, picture=holds_all, regions=False),
        ),
    }
)
"""The formats by the names that ``--to`` takes."""
