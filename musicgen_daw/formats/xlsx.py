"""The cells of an Office Open XML workbook (``.xlsx``) as text, sheet by sheet.

Only what a table needs: values, texts, and whether a number is shown as a time of day (then it
comes as ``hh:mm:ss.mmm``). Formulas come as the values that the program saved for them.

Source: ECMA-376, Part 1, sections 18.2 (workbook), 18.3 (sheet), 18.4 (texts) and 18.8 (styles).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import xml, zipped
from musicgen_daw.formats.xml import TreeElement

__all__ = ["Sheet", "is_workbook", "parse"]

MAX_COLUMNS = 64
MAX_ROWS = 100_000
MAX_SHEETS = 16
MAX_SHEET_BYTES = 8 * 2**20

_WORKBOOK = "xl/workbook.xml"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(r"([A-Z]{1,3})\d{1,7}", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}(\.\d{1,20})?([eE]-?\d{1,2})?", re.ASCII)
_TIME_FORMATS = {18, 19, 20, 21, 22, 45, 46, 47}
# What of a number format is neither literal text, colour, condition nor locale.
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\[\]hms]*\]')


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its rows by number, from 1 on; each the texts of its cells from column A on."""

    name: str
    rows: dict[int, list[str]]


def is_workbook(content: bytes) -> bool:
    """Tell whether a file is such a workbook."""
    return _WORKBOOK in zipped.names(content)


def parse(content: bytes) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, in its order.

    Raises:
        CueSheetError: with the sheet, when the archive or its XML is broken, or a sheet is larger
            than any cue sheet.
    """
    workbook = _member(content, _WORKBOOK)
    targets = _targets(content)
    texts = [_text(item) for item in _optional(content, "xl/sharedStrings.xml", "si")]
    times = _time_styles(content)
    for count, element in enumerate(workbook.iter(f"{_MAIN}sheet")):
        target = targets.get(element.get(_RELATION, ""))
        if count >= MAX_SHEETS or target is None:
            continue
        name = element.get("name", f"sheet {count + 1}")
        try:
            yield Sheet(name, _rows(_member(content, target), texts, times))
        except CueSheetError as error:
            raise CueSheetError(
                error.reason, place=f"{target} {error.place or ''}".strip()
            ) from None


def _member(content: bytes, name: str) -> TreeElement:
    return xml.parse(zipped.read(io.BytesIO(content), name, MAX_SHEET_BYTES))


def _optional(content: bytes, name: str, tag: str) -> list[TreeElement]:
    """Return the elements of a tag in a member that not every workbook has."""
    if name not in zipped.names(content):
        return []
    return _member(content, name).findall(f"{_MAIN}{tag}")


def _targets(content: bytes) -> dict[str, str]:
    """Return the members that hold the sheets, by the id of their relationship."""
    relations = _member(content, "xl/_rels/workbook.xml.rels")
    targets = {}
    for relation in relations:
        target = relation.get("Target", "")
        member = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        targets[relation.get("Id", "")] = member
    return targets


def _text(element: TreeElement) -> str:
    """Return a text with all its runs, without its reading in another script."""
    parts = [element.findtext(f"{_MAIN}t") or ""]
    parts += (run.findtext(f"{_MAIN}t") or "" for run in element.findall(f"{_MAIN}r"))
    return "".join(parts)


def _time_styles(content: bytes) -> set[str]:
    """Return the styles, by their number in the workbook, that show a number as a time."""
    formats = {}
    for group in _optional(content, "xl/styles.xml", "numFmts"):
        for each in group:
            code = _LITERALS.sub("", each.get("formatCode", "")).lower()
            formats[each.get("numFmtId", "")] = "s" in code or "h" in code
    styles = set()
    for group in _optional(content, "xl/styles.xml", "cellXfs"):
        for number, style in enumerate(group):
            shown = style.get("numFmtId", "0")
            if formats.get(shown, shown.isdecimal() and int(shown) in _TIME_FORMATS):
                styles.add(str(number))
    return styles


def _rows(sheet: TreeElement, texts: list[str], times: set[str]) -> dict[int, list[str]]:
    rows: dict[int, list[str]] = {}
    number = 0
    for row in sheet.iter(f"{_MAIN}row"):
        told = row.get("r", "")
        number = int(told) if told.isdecimal() and len(told) < 8 else number + 1
        cells: list[str] = []
        for cell in row.findall(f"{_MAIN}c"):
            column = _column(cell, len(cells))
            if column < MAX_COLUMNS:
                cells += [""] * (column + 1 - len(cells))
                cells[column] = _value(cell, texts, times)
        rows[number] = cells
        if len(rows) > MAX_ROWS:
            raise CueSheetError(f"more than {MAX_ROWS} rows are too many for a cue sheet")
    return rows


def _column(cell: TreeElement, following: int) -> int:
    reference = _CELL.fullmatch(cell.get("r", ""))
    if reference is None:
        return following
    column = 0
    for letter in reference[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _value(cell: TreeElement, texts: list[str], times: set[str]) -> str:
    kind = cell.get("t", "n")
    inline = cell.find(f"{_MAIN}is")
    if inline is not None:
        return _text(inline)
    value = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        index = int(value) if value.isdecimal() and len(value) < 10 else len(texts)
        return texts[index] if index < len(texts) else ""
    if kind == "n" and cell.get("s") in times and _NUMBER.fullmatch(value):
        return _time_of_day(Fraction(value))
    return "" if kind == "e" else value


def _time_of_day(days: Fraction) -> str:
    """Return a time that is kept as a part of a day; the date before it says nothing here."""
    milliseconds = round(days % 1 * 86_400_000) if days >= 1 else round(days * 86_400_000)
    seconds, thousandths = divmod(milliseconds, 1000)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours:02}:{minutes:02}:{seconds % 60:02}.{thousandths:03}"
