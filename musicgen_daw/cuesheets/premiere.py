"""Premiere Pro's marker list (File > Export > Markers, as CSV or text).

    Marker Name	Description	In	Out	Duration	Marker Type
    1M1 Chase	brass stabs	00:01:02:00	00:01:10:12	00:00:08:12	Comment

The file is parted by tabs, whatever its suffix, and often UTF-16. A marker with a length is a
region. Its description is its prompt. Times with semicolons are drop-frame; the rate itself is
not told, so ``--fps`` must. A Premiere in another language names the columns in that language:
then they are known by their order.
"""

from __future__ import annotations

from collections.abc import Sequence

from musicgen_daw.cuesheets.columns import Columns, Record, header_of
from musicgen_daw.cuesheets.columns import read as read_columns
from musicgen_daw.cuesheets.encoding import decode, decoded
from musicgen_daw.cuesheets.frames import Labels
from musicgen_daw.cuesheets.listed import Where, sheet_of_rows
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import CueSheet, SheetWarning

__all__ = ["READER", "parse"]

_FILE = "Premiere's marker list"
_NAMES = ("marker name", "description", "in", "out", "duration", "marker type")


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a marker list.

    Raises:
        CueSheetError: with the line, when a marker or timecode can't be understood, nobody says
            the frame rate, or there is no cue.
    """
    warnings: list[SheetWarning] = []
    table = read_columns(decoded(content, options.charset, warnings))
    return sheet_of_rows(table.rows, _where(table), options, warnings, file=_FILE)


def _where(table: Columns) -> Where:
    if "in" not in table.names:
        return Where(0, 1, 2, 3)
    name, description = table.index("marker name"), table.index("description")
    return Where(name, description, table.index("in"), table.index("out"))


def _recognises(content: bytes) -> bool:
    if _is_header(header_of(content)):
        return True
    try:
        lines = decode(content[:4096])[0].lstrip("\ufeff").split("\n", 2)
    except CueSheetError:
        return False
    # Two labels and a length behind two texts: no other list of tabs has that.
    second = Record("", tuple(lines[1].split("\t"))) if len(lines) > 1 else Record("", ())
    return lines[0].count("\t") >= 5 and all(Labels.is_one(second.cell(n)) for n in (2, 3, 4))


def _is_header(names: Sequence[str]) -> bool:
    return {"marker name", "in", "out"} <= set(names) <= {*_NAMES, ""}


READER = Reader("Premiere markers", (), _recognises, parse)
