"""Spotting lists of film and television: a row a cue, from CSV, TSV or an Excel workbook.

    Reel 1 – spotted 3 May, 23.976 fps
    Cue #   Title      TC In        TC Out       Description
    1M1     The Chase  01:00:10:12  01:01:02:00  brass stabs, relentless
    1M2     ! Door     01:00:31:00

Columns have the names of the trade, in any order, below whatever stands above them; those with the
name of a setting (``preset``, ``bpm``, …) set it, and others are left alone. The description, or
where there is none the notes, is the prompt. A title with a ``!``, or a row of type ``hit``, is a
hit. Cues whose timecode counts reels by the hour (01:, 02:) stand where the timecode says.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from types import MappingProxyType

from musicgen_daw.cuesheets import delimited
from musicgen_daw.cuesheets.encoding import decode, decoded
from musicgen_daw.cuesheets.events import CueEvent, SheetEvent
from musicgen_daw.cuesheets.keys import KEYS, LENGTH_KEYS, settings_of
from musicgen_daw.cuesheets.marker import tidy
from musicgen_daw.cuesheets.marks import FileFacts, Mark, event_of, sheet_of_events
from musicgen_daw.cuesheets.reader import Reader, SheetOptions, standing_at
from musicgen_daw.cuesheets.table import DELIMITERS, MAX_LINES
from musicgen_daw.cuesheets.times import Ruler, is_musical, is_timecode
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import xlsx
from musicgen_daw.timeline import (
    ASSUMED_FRAME_RATE,
    CueSettings,
    CueSheet,
    FrameRate,
    SheetWarning,
    TempoMap,
)

__all__ = ["READER", "parse"]

MAX_BYTES = 16 * 2**20
MAX_ROWS_ABOVE = 40
"""The header must stand within so many rows."""

_WRITTEN: Mapping[str, tuple[str, ...]] = MappingProxyType(
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
_MEANS = MappingProxyType({name: column for column, names in _WRITTEN.items() for name in names})
_KEYS = frozenset(KEYS) - {"end"}

_FRAME_RATE = re.compile(
    r"([0-9.]{2,6} ?(?:df|ndf)?) ?(?:fps|frames)|(?:fps|frame rate)[ :=]{1,3}([0-9.]{2,6})"
)
_TITLE_LENGTH = 300
_HOURS = re.compile(r"(\d{1,2}):\d{2}:\d{2}(?:[:;.,]\d+)?", re.ASCII)


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a spotting list.

    Raises:
        CueSheetError: with the line or row, when there is no header of such a list, a cell can't
            be meant, timecode has no frame rate, or there is no cue.
    """
    if len(content) > MAX_BYTES:
        raise CueSheetError(f"{len(content)} bytes are too many for a spotting list")
    warnings: list[SheetWarning] = []
    grid = _grid(content, options.charset, warnings)
    if grid is None:
        raise CueSheetError(
            "no spotting list: one of the first rows must name the columns, "
            "such as Cue #, Title, TC In, TC Out, Description"
        )
    options = options.settled()
    rate = options.frame_rate or grid.frame_rate()
    clock = _Clock.of(options, rate)
    events = [event for row in grid.rows() if (event := _event(row, clock, warnings)) is not None]
    warnings += _on_reels(grid, options)
    if not events:
        raise CueSheetError("the spotting list has no cue: no row below the header has an in time")
    facts = FileFacts(frame_rate=rate)
    return sheet_of_events(events, options, facts, warnings, file="the spotting list")


# -- the table ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    cells: Mapping[str, str]

    def at(self, column: str) -> str:
        return f"{self.place}, column {column!r}"


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table whose row ``header`` names the columns; ``place`` is written before row numbers."""

    place: str
    lines: Mapping[int, list[str]]
    header: int
    columns: tuple[str, ...]

    def rows(self) -> Iterator[_Row]:
        for number, cells in self.lines.items():
            named = {
                column: text
                for column, cell in zip(self.columns, cells, strict=False)
                if column and (text := tidy(cell))
            }
            if number > self.header and named:
                yield _Row(f"{self.place} {number}", named)

    def frame_rate(self) -> FrameRate | None:
        """Return the rate that is written above the table, or that drop-frame labels imply."""
        above = [cells for number, cells in self.lines.items() if number < self.header]
        titles = (tidy(" ".join(cells)[:_TITLE_LENGTH]).lower() for cells in above)
        for found in chain.from_iterable(map(_FRAME_RATE.finditer, titles)):
            name = (found[1] or found[2]).replace("ndf", "").replace(" ", "")
            with suppress(ValueError):
                return FrameRate.named(name)
        times = (row.cells.get(column, "") for row in self.rows() for column in ("in", "out"))
        drops = any(is_timecode(time) and ";" in time for time in times)
        return FrameRate.named("29.97df") if drops else None


def _grid(content: bytes, charset: str | None, warnings: list[SheetWarning]) -> _Grid | None:
    if xlsx.is_workbook(content):
        grids = (_found(f"sheet {s.name!r} row", s.rows) for s in xlsx.parse(content))
        return next((grid for grid in grids if grid is not None), None)
    return _best(decoded(content, charset, warnings))


def _best(text: str) -> _Grid | None:
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


def _found(place: str, lines: Mapping[int, list[str]]) -> _Grid | None:
    for number in list(lines)[:MAX_ROWS_ABOVE]:
        columns = _columns(lines[number])
        if columns is not None:
            return _Grid(place, lines, number, columns)
    return None


def _columns(cells: Iterable[str]) -> tuple[str, ...] | None:
    """Return what the columns mean, ``""`` for those that mean nothing here; ``None`` for a row
    that is no header of a spotting list.
    """
    columns: list[str] = []
    for cell in cells:
        written = " ".join(re.sub(r"[^a-z0-9#]+", " ", cell.lower().replace("#", " #")).split())
        column = _MEANS.get(written, written.replace(" ", "_"))
        known = column in _WRITTEN or column in _KEYS
        columns.append(column if known and column not in columns else "")
    is_header = "in" in columns and ("cue" in columns or "title" in columns)
    return tuple(columns) if is_header else None


# -- rows --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    """A ruler that knows which of its marks are only assumed."""

    ruler: Ruler
    has_frame_rate: bool
    has_tempo: bool

    @classmethod
    def of(cls, options: SheetOptions, rate: FrameRate | None) -> _Clock:
        start, defaults = options.started_at(), options.defaults
        tempo_map = TempoMap()
        if defaults.bpm is not None:
            tempo_map = TempoMap.constant(defaults.bpm, *(defaults.meter or (4, 4)))
        start_s = start.seconds if start else Fraction(0)
        ruler = Ruler(rate or ASSUMED_FRAME_RATE, start_s, tempo_map)
        return cls(ruler, rate is not None, defaults.bpm is not None)

    def position(self, text: str) -> Fraction:
        """Read a place; ``hh:mm:ss`` is timecode without its video frames."""
        self._check(text)
        if is_timecode(text) or not _HOURS.fullmatch(text):
            return self.ruler.position(text)
        seconds = self.ruler.length(text) - self.ruler.start_s
        if seconds < 0:
            raise ValueError(f"{text} is before the start of the sheet")
        return seconds

    def length(self, text: str) -> Fraction:
        self._check(text)
        return self.ruler.length(text)

    def _check(self, text: str) -> None:
        if is_timecode(text) and not self.has_frame_rate:
            raise ValueError("the list tells no frame rate: say --fps 25, or what the picture has")
        if is_musical(text) and not self.has_tempo:
            raise ValueError(
                "the list tells no tempo, which bars need: set bpm in a .toml beside it"
            )


def _event(row: _Row, clock: _Clock, warnings: list[SheetWarning]) -> SheetEvent | None:
    cells = row.cells
    name = " ".join(cells[column] for column in ("cue", "title") if column in cells)
    if "in" not in cells:
        if name and len(cells) > 1:
            warnings.append(SheetWarning(row.place, f"{name!r} has no in time, and is left out"))
        return None
    with standing_at(row.at("in")):
        at_s = clock.position(cells["in"])
    special = cells.get("title") or cells.get("cue", "")
    if cells.get("type", "").lower() == "hit" and not special.startswith("!"):
        special = f"! {special}"
    if special.startswith("!") or special.lower() in ("end", "=end", "[end]"):
        return event_of(Mark(at_s, special, row.place))
    if not name:
        raise CueSheetError("the row has neither a cue number nor a title", place=row.place)
    settings = _settings(row)
    prompt = settings.prompt or cells.get("description") or cells.get("notes")
    return CueEvent(
        at_s,
        name,
        row.place,
        settings.filled_from(CueSettings(prompt=prompt)),
        id=cells.get("cue", ""),
        end_s=_end_s(row, at_s, clock, warnings),
        bare=settings.preset is None and prompt is None,
    )


def _settings(row: _Row) -> CueSettings:
    settings = CueSettings()
    for column, text in row.cells.items():
        if column in _KEYS and not (column in LENGTH_KEYS and {"out", "length"} & set(row.cells)):
            with standing_at(row.at(column)):
                settings = settings.filled_from(settings_of([(column, text)]))
    return settings


def _end_s(
    row: _Row, at_s: Fraction, clock: _Clock, warnings: list[SheetWarning]
) -> Fraction | None:
    ends = []
    if "out" in row.cells:
        with standing_at(row.at("out")):
            ends.append(clock.position(row.cells["out"]))
    if "length" in row.cells:
        with standing_at(row.at("length")):
            ends.append(at_s + clock.length(row.cells["length"]))
    after = [end_s for end_s in ends if end_s > at_s]
    if len(after) < len(ends):
        warnings.append(SheetWarning(row.place, "an end that is not after the start is left out"))
    elif len(ends) == 2 and abs(ends[0] - ends[1]) > 1:
        message = "the length is not what lies between in and out: the out time rules"
        warnings.append(SheetWarning(row.place, message))
    return after[0] if after else None


def _on_reels(grid: _Grid, options: SheetOptions) -> Iterator[SheetWarning]:
    """Tell where the hours of timecode count reels, or the film begins at a later hour."""
    labels = [found for row in grid.rows() if (found := _HOURS.fullmatch(row.cells.get("in", "")))]
    hours = sorted({int(label[1]) for label in labels})
    if len(hours) > 1:
        reels = ", ".join(f"{hour:02}:" for hour in hours[:8])
        message = f"reels begin at hours of their own ({reels}): cues stand where timecode says"
        yield SheetWarning("", message)
    if hours and hours[0] > 0 and options.start_timecode is None:
        start = f"--timecode-start {hours[0]:02}:00:00:00"
        message = f"second 0 is timecode 00:00:00:00: say {start} to begin with the first reel"
        yield SheetWarning("", message)


def _recognises(content: bytes) -> bool:
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
    return any(column in _WRITTEN and not delimited.knows(name) for name, column in pairs)


READER = Reader("spotting list", (".xlsx",), _recognises, parse)
