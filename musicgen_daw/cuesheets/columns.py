"""Tables that other programs export: named columns, read tolerantly.

Unlike a CSV sheet of ours (``cuesheets.table``) such a table may have columns that say nothing
here, rows that are too short, and quotes in the middle of a cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from musicgen_daw.cuesheets.encoding import decode
from musicgen_daw.cuesheets.table import MAX_LINES
from musicgen_daw.errors import CueSheetError

__all__ = ["Columns", "Record", "header_of", "read"]

DELIMITERS = "\t,;"


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row; ``place`` is the line on which it begins."""

    place: str
    cells: tuple[str, ...]

    def cell(self, index: int | None) -> str:
        """Return a cell without the blanks around it, empty where the row has none."""
        return self.cells[index].strip() if index is not None and index < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The names in the first line, in lower case, and the rows below it."""

    names: tuple[str, ...]
    rows: tuple[Record, ...]

    def index(self, *names: str) -> int | None:
        """Return where the first of these columns stands that there is."""
        return next((self.names.index(name) for name in names if name in self.names), None)


def read(text: str) -> Columns:
    """Read a table parted by what its first line has: tabs, else commas or semicolons.

    Raises:
        CueSheetError: with the line, for a table that is broken or absurdly long.
    """
    rows = _records(text)
    header = next(rows, Record("", ()))
    return Columns(tuple(name.strip().lower() for name in header.cells), tuple(rows))


def header_of(content: bytes) -> tuple[str, ...]:
    """Return the names in the first line of what may be a table, or nothing."""
    try:
        text = decode(content[:4096])[0].lstrip("\ufeff\r\n")
        return read(text.partition("\n")[0]).names
    except CueSheetError:
        return ()


def _records(text: str) -> Iterator[Record]:
    text = text.removeprefix("\ufeff").replace("\0", " ")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield Record(f"line {line}", tuple(cells))
            line = reader.line_num + 1
            if line > MAX_LINES:
                raise CueSheetError(f"more than {MAX_LINES} lines are too many for a cue sheet")
    except csv.Error as error:
        raise CueSheetError(f"the table is broken: {error}", place=f"line {line}") from None
