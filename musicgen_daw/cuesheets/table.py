"""CSV and TSV text as rows with line numbers and named columns, strictly checked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from musicgen_daw.cuesheets.marker import tidy
from musicgen_daw.errors import CueSheetError

__all__ = ["MAX_LINES", "Row", "Table", "read", "unguarded"]

MAX_LINES = 100_000
DELIMITERS = ",;\t"

# What keeps a spreadsheet from taking a text for a formula is no part of the text.
_GUARD = re.compile(r"^'(?=[=+\-@＝＋－＠])")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``cells`` by column, tidied, empty ones left out."""

    line: int
    cells: Mapping[str, str]

    def place(self, column: str = "") -> str:
        """Say where the row, or one of its cells, stands."""
        return f"line {self.line}, column {column!r}" if column else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Table:
    """The columns, in lower case with underscores, and the rows that hold anything."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def unguarded(cell: str) -> str:
    """Return a cell without the sign that keeps a spreadsheet from taking it for a formula."""
    return _GUARD.sub("", cell)


def read(text: str) -> Table:
    """Read a table whose first line names its columns.

    Raises:
        CueSheetError: for a broken table, with the line.
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise CueSheetError("a NUL byte: this is no text file", place=f"line {line}")
    header = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = ()
    rows = []
    line = 1
    try:
        for record in reader:
            cells = [unguarded(tidy(cell)) for cell in record]
            if any(cells) and not columns:
                columns = _columns(cells, line)
            elif any(cells):
                rows.append(Row(line, _by_column(columns, cells, line)))
            line = reader.line_num + 1
            if line > MAX_LINES:
                raise CueSheetError(f"more than {MAX_LINES} lines are too many for a cue sheet")
    except csv.Error as error:
        raise CueSheetError(f"the table is broken: {error}", place=f"line {line}") from None
    return Table(columns, tuple(rows))


def _columns(cells: list[str], line: int) -> tuple[str, ...]:
    while not cells[-1]:
        cells.pop()
    columns = tuple(cell.lower().replace(" ", "_").replace("-", "_") for cell in cells)
    for index, column in enumerate(columns):
        if not column:
            raise CueSheetError(f"column {index + 1} has no name", place=f"line {line}")
        if column in columns[:index]:
            raise CueSheetError(f"column {column[:40]!r} is there twice", place=f"line {line}")
    return columns


def _by_column(columns: tuple[str, ...], cells: list[str], line: int) -> dict[str, str]:
    while len(cells) > len(columns) and not cells[-1]:
        cells.pop()
    if len(cells) != len(columns):
        raise CueSheetError(
            f"{len(cells)} cells stand under {len(columns)} columns "
            "(a cell that contains the delimiter needs quotes)",
            place=f"line {line}",
        )
    return {column: cell for column, cell in zip(columns, cells, strict=True) if cell}
