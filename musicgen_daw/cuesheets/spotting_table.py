"""The table of a spotting list: where its header stands, and what its columns mean.

Columns have the names of the trade; each stands for one of ``COLUMNS`` or a setting of the cue.
What stands above the header may tell the frame rate.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from musicgen_daw.cuesheets import delimited
from musicgen_daw.cuesheets.encoding import decode, decoded
from musicgen_daw.cuesheets.keys import KEYS
from musicgen_daw.cuesheets.marker import tidy
from musicgen_daw.cuesheets.table import DELIMITERS, MAX_LINES, unguarded
from musicgen_daw.cuesheets.times import is_timecode
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import xlsx
from musicgen_daw.timeline import FrameRate, SheetWarning

__all__ = ["SETTINGS", "Grid", "SpottedRow", "is_spotting_list", "read"]

MAX_ROWS_ABOVE = 40
"""The header must stand within so many rows."""

SETTINGS = frozenset(KEYS) - {"end"}
"""The settings of a cue that may be columns, by the names of the keys."""

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cue": (
            "cue", "cue #", "cue no", "cue number", "cue id", "m #", "m no", "m number", "mx #",
        ),
        "title": ("title", "cue title", "cue name", "name", "working title"),
        "in": (
            "in", "tc in", "in tc", "start", "start tc", "tc start", "start time", "in time",
            "time in", "timecode in", "start timecode", "in point", "smpte in", "smpte start",
        ),
        "out": (
            "out", "tc out", "out tc", "end", "end tc", "tc end", "end time", "out time",
            "time out", "timecode out", "end timecode", "out point", "smpte out", "smpte end",
        ),
        "length": (
            "length", "duration", "dur", "tc duration", "tc length", "running time", "timing",
        ),
        "description": (
            "description", "desc", "cue description", "scene description", "scene", "action",
        ),
        "notes": ("notes", "note", "music notes", "comments", "comment", "remarks"),
        "reel": ("reel", "reel #", "reel no"),
        "type": ("type", "kind"),
        "bpm": ("tempo",),
    }
)  # fmt: skip
_MEANS = MappingProxyType({name: column for column, names in COLUMNS.items() for name in names})
_FRAME_RATE = re.compile(
    r"([0-9.]{2,6} ?(?:df|ndf)?) ?(?:fps|frames)|(?:fps|frame rate)[ :=]{1,3}([0-9.]{2,6})"
)
_TITLE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class SpottedRow:
    """A row with what its columns mean, empty cells left out; ``place`` is where it stands."""

    place: str
    cells: Mapping[str, str]

    def at(self, column: str) -> str:
        """Say where one of its cells stands."""
        return f"{self.place}, column {column!r}"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose row ``header`` names the columns; ``place`` is written before row numbers."""

    place: str
    lines: Mapping[int, list[str]]
    header: int
    columns: tuple[str, ...]

    def rows(self) -> Iterator[SpottedRow]:
        """Yield the rows below the header that hold anything."""
        for number, cells in self.lines.items():
            named = {
                column: text
                for column, cell in zip(self.columns, cells, strict=False)
                if column and (text := unguarded(tidy(cell)))
            }
            if number > self.header and named:
                yield SpottedRow(f"{self.place} {number}", named)

    def frame_rate(self) -> FrameRate | None:
        """Return the rate that is written above the table, or that drop-frame labels imply."""
        above = [cells for number, cells in self.lines.items() if number < self.header]
        titles = (tidy(" ".join(cells)[:_TITLE_LENGTH]).lower() for cells in above)
        times = (row.cells.get(column, "") for row in self.rows() for column in ("in", "out"))
        drops = any(is_timecode(time) and ";" in time for time in times)
        for found in chain.from_iterable(map(_FRAME_RATE.finditer, titles)):
            name = (found[1] or found[2]).replace("ndf", "").replace(" ", "")
            with suppress(ValueError):
                return FrameRate.named(f"{name.removesuffix('df')}df" if drops else name)
        return FrameRate.named("29.97df") if drops else None


def read(content: bytes, charset: str | None, warnings: list[SheetWarning]) -> Grid | None:
    """Return the first table of a file that is one of a spotting list, if there is one.

    Raises:
        CueSheetError: for a damaged workbook, or a charset that does not fit.
    """
    if xlsx.is_workbook(content):
        grids = (_found(f"sheet {s.name!r} row", s.rows) for s in xlsx.parse(content))
        return next((grid for grid in grids if grid is not None), None)
    if content.startswith(b"PK\x03\x04"):
        raise CueSheetError(
            "the archive is damaged, or no workbook: save it as .xlsx or .csv again"
        )
    return _best(decoded(content, charset, warnings))


def is_spotting_list(content: bytes) -> bool:
    """Recognise columns that only spotting lists have, so that a misspelt CSV sheet stays one."""
    try:
        if xlsx.is_workbook(content):
            return True
        grid = _best(decode(content[:65536])[0].removeprefix("\ufeff"))
    except CueSheetError:
        return False
    if grid is None:
        return False
    header = [cell.strip().lower().replace(" ", "_") for cell in grid.lines[grid.header]]
    pairs = zip(header, grid.columns, strict=True)
    return any(column in COLUMNS and not delimited.knows(name) for name, column in pairs)


def _best(text: str) -> Grid | None:
    """Return the table under the delimiter that parts its header into most known columns."""
    grids = [_found("line", lines) for d in DELIMITERS if (lines := _lines(text, d)) is not None]
    known = [grid for grid in grids if grid is not None]
    return max(known, key=lambda grid: sum(map(bool, grid.columns)), default=None)


def _lines(text: str, delimiter: str) -> dict[int, list[str]] | None:
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    lines: dict[int, list[str]] = {}
    number = 1
    try:
        for cells in reader:
            lines[number] = cells
            number = reader.line_num + 1
            if number > MAX_LINES:
                raise CueSheetError(f"more than {MAX_LINES} lines are too many for a cue sheet")
    except csv.Error:
        return None
    return lines


def _found(place: str, lines: Mapping[int, list[str]]) -> Grid | None:
    for number in list(lines)[:MAX_ROWS_ABOVE]:
        columns = _columns(lines[number])
        if columns is not None:
            return Grid(place, lines, number, columns)
    return None


def _columns(cells: Iterable[str]) -> tuple[str, ...] | None:
    """Return what the columns mean, ``""`` for those that mean nothing here; ``None`` for a row
    that is no header of a spotting list.
    """
    columns: list[str] = []
    for cell in cells:
        written = " ".join(re.sub(r"[^a-z0-9#]+", " ", cell.lower().replace("#", " #")).split())
        column = _MEANS.get(written, written.replace(" ", "_"))
        known = column in COLUMNS or column in SETTINGS
        columns.append(column if known and column not in columns else "")
    is_header = "in" in columns and ("cue" in columns or "title" in columns)
    return tuple(columns) if is_header else None
