"""A sheet as a spotting list of film and television: a row a cue, and one for each hit.

    25 fps - Film
    Cue #   Title        TC In        TC Out       Description
    1M1     The Chase    01:00:10:12  01:01:02:00  brass stabs, relentless
            ! door slam  01:00:31:00

The number of a cue is the part of its name before the title, ``1M1``, where no two are alike. What
cues set besides has columns of its own, except how they end: there ``end`` is the out time.
Positions are whole video frames: each edge goes to the nearest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from musicgen_daw.export.csv_cells import csv_text, safe_cell
from musicgen_daw.export.cue_fields import setting_texts, used_keys
from musicgen_daw.export.marker_text import hit_line
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.sheet import cell_name, on_timeline
from musicgen_daw.export.video_frames import FrameClock
from musicgen_daw.timeline import Cue, CueSheet, in_time

__all__ = ["WITHOUT_COLUMN", "encode"]

WITHOUT_COLUMN = ("end",)
"""The setting that a list has no column for."""

_HEADER = ("Cue #", "Title", "TC In", "TC Out", "Description")
_NUMBERED = re.compile(r"([0-9]{1,2}[Mm][0-9]{1,3}[A-Za-z]?) (.+)")


def encode(sheet: CueSheet, delimiter: str = ",") -> bytes:
    """Return the list as CSV, or parted by something else.

    Raises:
        UsageError: where nobody tells the frame rate.
        ExportError: where the timeline passes a day.
    """
    clock = FrameClock.of(sheet, "a spotting list")
    cues = sorted(on_timeline(sheet).cues, key=lambda cue: in_time(cue.start_s))
    keys = [key for key in used_keys(cues) if key not in ("prompt", *WITHOUT_COLUMN)]
    numbers = _numbers(cues)
    rows = [row for cue in cues for row in _rows(cue, numbers, keys, clock)]
    table = csv_text((*_HEADER, *keys), rows, delimiter)
    above = csv_text([f"{clock.rate} fps - {one_line(sheet.title)}"], (), delimiter)
    return (above + table).encode("utf-8")


def _rows(
    cue: Cue, numbers: Mapping[str, tuple[str, str]], keys: list[str], clock: FrameClock
) -> Iterator[list[str]]:
    said = {key: safe_cell(text) for key, text in setting_texts(cue.settings).items()}
    number, title = numbers[cue.id]
    edges = map(str, clock.span(cue.start_s, cue.end_s))
    told = (said.get(key, "") for key in ("prompt", *keys))
    yield [number, safe_cell(title), *edges, *told]
    for hit in cue.hits:
        yield ["", hit_line(hit), str(clock.timecode(hit.at_s)), "", "", *("" for _ in keys)]


def _numbers(cues: list[Cue]) -> dict[str, tuple[str, str]]:
    """Return the number and title of each cue by its id; what has no number of its own is title."""
    found = {cue.id: _NUMBERED.fullmatch(cell_name(cue)) for cue in cues}
    counts = Counter(parts[1].casefold() for parts in found.values() if parts)
    return {
        cue.id: (parts[1], parts[2])
        if (parts := found[cue.id]) and counts[parts[1].casefold()] == 1 and _is_title(parts[2])
        else ("", cell_name(cue))
        for cue in cues
    }


def _is_title(text: str) -> bool:
    """Tell a title from what would be read as a hit or an end."""
    return not text.startswith("!") and text.lower() not in ("end", "=end", "[end]")
