r"""The table that Wwise's audio file importer reads: tab delimited, UTF-8, one object a row.

Paths of files count from the folder of the table. A cell can't be quoted, so tabs, line ends and
quotation marks are neutralised; a leading ``=`` or ``-`` stays, since this is no spreadsheet.
``Originals Sub Folder`` and ``Import Language`` are left out: documents disagree on their names.

Source: Audiokinetic, Wwise Help, "Importing Media Files from Tab Delimited Text Files".
"""

from __future__ import annotations

from collections.abc import Sequence

from musicgen_daw.export.game.wwise.objects import WwiseObject
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.formats.decimals import decimal

__all__ = ["COLUMNS", "encode"]

_CLOCK = ("OverrideClockSettings", "Tempo", "TimeSignatureUpper", "TimeSignatureLower")

COLUMNS = (
    "Audio File",
    "Object Path",
    "Object Type",
    "Notes",
    "Audio Source Notes",
    "Event",
    *(f"Property[{name}]" for name in _CLOCK),
)

_UP = "../../"  # from wwise/VERSION to the output folder


def encode(objects: Sequence[WwiseObject]) -> str:
    """Return the table with its header row."""
    rows = [COLUMNS, *map(_row, objects)]
    return "".join("\t".join(map(_cell, row)) + "\n" for row in rows)


def _row(made: WwiseObject) -> tuple[str, ...]:
    return (
        f"{_UP}{made.layer.path}" if made.layer else "",
        made.typed_path,
        made.type,
        _notes(made),
        _source_notes(made) if made.layer else "",
        rf"\Events\Default Work Unit\{made.event}" if made.event else "",
        *_clock(made),
    )


def _notes(made: WwiseObject) -> str:
    """Return what it is and under which licence, on what holds the sounds."""
    segment = made.segment
    if segment is None or made.type == "Music Track":
        return ""
    licence = f" Licence: {segment.licence.removesuffix('.')}." if segment.licence else ""
    return f"{segment.title}: {segment.prompt}. AI-generated.{licence}"


def _source_notes(made: WwiseObject) -> str:
    variation = made.variation
    return f"take {variation.take}, seed {variation.seed}" if variation else ""


def _clock(made: WwiseObject) -> tuple[str, ...]:
    """Return tempo and meter of a segment; those at its start, where they change."""
    tempo_map = made.segment.tempo_map if made.segment else None
    if tempo_map is None or made.type != "Music Segment":
        return ("",) * len(_CLOCK)
    meter = tempo_map.meters[0]
    bpm = decimal(tempo_map.tempos[0].bpm, 6)
    return "true", bpm, str(meter.numerator), str(meter.denominator)


def _cell(text: str) -> str:
    return one_line(text).replace('"', "'")
