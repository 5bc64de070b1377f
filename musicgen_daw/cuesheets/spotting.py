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

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.cuesheets import spotting_table
from musicgen_daw.cuesheets.events import CueEvent, SheetEvent
from musicgen_daw.cuesheets.frames import warn_of_an_unsaid_start
from musicgen_daw.cuesheets.keys import LENGTH_KEYS, settings_of
from musicgen_daw.cuesheets.marks import FileFacts, Mark, event_of, sheet_of_events
from musicgen_daw.cuesheets.reader import Reader, SheetOptions, standing_at
from musicgen_daw.cuesheets.spotting_table import SETTINGS, Grid, SpottedRow, is_spotting_list
from musicgen_daw.cuesheets.times import Ruler, is_musical, is_timecode
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import (
    ASSUMED_FRAME_RATE,
    FOUR_FOUR,
    CueSettings,
    CueSheet,
    SheetWarning,
    TempoMap,
)

__all__ = ["READER", "parse"]

MAX_BYTES = 16 * 2**20
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
    grid = spotting_table.read(content, options.charset, warnings)
    if grid is None:
        raise CueSheetError(
            "no spotting list: one of the first rows must name the columns, "
            "such as Cue #, Title, TC In, TC Out, Description"
        )
    rate = options.frame_rate or grid.frame_rate()
    options = replace(options, frame_rate=rate).settled()
    clock = _Clock.of(options)
    events = [event for row in grid.rows() if (event := _event(row, clock, warnings)) is not None]
    warnings += _on_reels(grid)
    warn_of_an_unsaid_start(
        [Mark(event.at_s, event.name, event.place) for event in events], options, warnings
    )
    if not events:
        raise CueSheetError("the spotting list has no cue: no row below the header has an in time")
    return sheet_of_events(events, options, FileFacts(), warnings, file="the spotting list")


# -- rows --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    """A ruler that knows which of its marks are only assumed."""

    ruler: Ruler
    has_frame_rate: bool
    has_tempo: bool

    @classmethod
    def of(cls, options: SheetOptions) -> _Clock:
        rate, start, defaults = options.frame_rate, options.started_at(), options.defaults
        tempo_map = TempoMap()
        if defaults.bpm is not None:
            tempo_map = TempoMap.constant(defaults.bpm, *(defaults.meter or FOUR_FOUR))
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


def _event(row: SpottedRow, clock: _Clock, warnings: list[SheetWarning]) -> SheetEvent | None:
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


def _settings(row: SpottedRow) -> CueSettings:
    settings = CueSettings()
    for column, text in row.cells.items():
        if column in SETTINGS and not (
            column in LENGTH_KEYS and {"out", "length"} & set(row.cells)
        ):
            with standing_at(row.at(column)):
                settings = settings.filled_from(settings_of([(column, text)]))
    return settings


def _end_s(
    row: SpottedRow, at_s: Fraction, clock: _Clock, warnings: list[SheetWarning]
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


def _on_reels(grid: Grid) -> Iterator[SheetWarning]:
    """Tell where the hours of timecode count reels."""
    labels = [found for row in grid.rows() if (found := _HOURS.fullmatch(row.cells.get("in", "")))]
    hours = sorted({int(label[1]) for label in labels})
    if len(hours) > 1:
        reels = ", ".join(f"{hour:02}:" for hour in hours[:8])
        message = f"reels begin at hours of their own ({reels}): cues stand where timecode says"
        yield SheetWarning("", message)


READER = Reader("spotting list", (".xlsx",), is_spotting_list, parse)
