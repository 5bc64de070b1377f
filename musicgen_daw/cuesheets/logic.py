"""Logic Pro's marker list, as copying it puts it into a text: position, name, length.

    🔒	 01:00:20:16.01	 1M1 Chase: brass stabs	 00:00:00:00.01
             17 1 1 1	 1M2	 8 0 0 0

Logic exports no markers as text; but what is selected in its Marker List is copied as one line a
marker, its columns parted by tabs. The lock of a marker that keeps its time may stand first.
Positions are timecode with eightieths of a video frame, or bar, beat, division (a sixteenth) and
tick (of 240), as the list shows them. A length of one tick, or none, means "until the next marker".

Neither frame rate nor tempo stand in it: they are asked for.

Source: Logic Pro User Guide, "Edit markers"; a pasted list in the MarkersExtractor project's
discussion of Logic Pro.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.cuesheets.encoding import decode, decoded
from musicgen_daw.cuesheets.frames import warn_of_an_unsaid_start
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions, standing_at
from musicgen_daw.cuesheets.table import MAX_LINES
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import (
    FOUR_FOUR,
    BarBeat,
    CueSheet,
    FrameRate,
    SheetWarning,
    TempoMap,
    Timecode,
)

__all__ = ["READER", "parse"]

SUBFRAMES = 80
TICKS_A_DIVISION = 240
_DIVISION_BEATS = Fraction(1, 4)

_TIMECODE = re.compile(r"(\d{1,2}:\d{2}:\d{2}[:;]\d{2})(?:\.(\d{2}))?", re.ASCII)
_SHORTEST = re.compile(r"0?0:00:00[:;]00", re.ASCII)
_BARS = re.compile(r"(-?\d{1,5})[ .](\d{1,3})[ .](\d{1,3})[ .](\d{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    position: str
    name: str
    length: str

    @property
    def place(self) -> str:
        return f"line {self.line}"


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a pasted marker list.

    Raises:
        CueSheetError: with the line, when a marker can't be understood; when the frame rate that
            its timecode needs, or the tempo that its bars need, isn't said; or without a cue.
    """
    warnings: list[SheetWarning] = []
    text = decoded(content, options.charset, warnings)
    clock = _Clock.of(options.settled())
    marks = [clock.mark(row) for row in _rows(text, warnings)]
    warn_of_an_unsaid_start(marks, options, warnings)
    return sheet_of(marks, options, FileFacts(), warnings, file="the marker list")


def _rows(text: str, warnings: list[SheetWarning]) -> Iterator[_Row]:
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise CueSheetError(f"more than {MAX_LINES} lines are too many for a cue sheet")
    for number, line in enumerate(lines, 1):
        row = _row(number, line)
        if row is not None:
            yield row
        elif line.strip():
            message = "no marker (position, tab, name, tab, length): left out"
            warnings.append(SheetWarning(f"line {number}", message))


def _row(number: int, line: str) -> _Row | None:
    cells = [cell.strip() for cell in line.split("\t")]
    for index in range(min(2, len(cells) - 1)):  # before the position there may be a lock
        if _TIMECODE.fullmatch(cells[index]) or _BARS.fullmatch(cells[index]):
            length = cells[index + 2] if len(cells) > index + 2 else ""
            return _Row(number, cells[index], cells[index + 1], length)
    return None


@dataclass(frozen=True, slots=True)
class _Clock:
    """What positions are measured against: ``start_s`` is the timecode of second 0."""

    start_s: Fraction
    frame_rate: FrameRate | None
    tempo_map: TempoMap | None

    @classmethod
    def of(cls, options: SheetOptions) -> _Clock:
        start, defaults = options.started_at(), options.defaults
        tempo_map = None
        if defaults.bpm is not None:
            tempo_map = TempoMap.constant(defaults.bpm, *(defaults.meter or FOUR_FOUR))
        return cls(start.seconds if start else Fraction(0), options.frame_rate, tempo_map)

    def mark(self, row: _Row) -> Mark:
        with standing_at(row.place):
            if bars := _BARS.fullmatch(row.position):
                at_s = self._bar_s(*map(int, bars.groups()))
            else:
                at_s = self._timecode_s(row.position) - self.start_s
            return Mark(at_s, row.name, row.place, self._end_s(at_s, row.length))

    def _end_s(self, at_s: Fraction, length: str) -> Fraction | None:
        """Return where a marker ends, unless its length says that the next one ends it."""
        if bars := _BARS.fullmatch(length):
            count, beats, divisions, ticks = map(int, bars.groups())
            if (count, beats, divisions) == (0, 0, 0) and ticks <= 1:
                return None
            return self._after_s(at_s, count, beats, divisions, ticks)
        label = _TIMECODE.fullmatch(length)
        if label is None or (_SHORTEST.match(label[1]) and int(label[2] or 0) <= 1):
            return None
        return at_s + self._timecode_s(length)

    def _timecode_s(self, text: str) -> Fraction:
        label = _TIMECODE.fullmatch(text)
        if label is None or self.frame_rate is None:
            raise ValueError("the list tells no frame rate: say --fps 25 (or what the project has)")
        video_frames = Timecode.parse(label[1], self.frame_rate).video_frames
        return (video_frames + Fraction(int(label[2] or 0), SUBFRAMES)) / self.frame_rate.fps

    def _tempo_map(self) -> TempoMap:
        if self.tempo_map is None:
            raise ValueError(
                "the list tells no tempo, which its bars need: set bpm in the .toml beside it, "
                "or let Logic show positions as timecode"
            )
        return self.tempo_map

    def _bar_s(self, bar: int, beat: int, division: int, tick: int) -> Fraction:
        tempo_map = self._tempo_map()
        if min(beat, division, tick) < 1:
            raise ValueError("beats, divisions and ticks count from 1")
        if bar < 1:  # before the project's start, where nothing is told of its beats
            return tempo_map.seconds_at(tempo_map.beats_of(bar))
        place_s = BarBeat(bar, Fraction(beat)).seconds(tempo_map)
        beats = tempo_map.beats_at(place_s) + _fine_beats(division - 1, tick - 1)
        return tempo_map.seconds_at(beats)

    def _after_s(
        self, at_s: Fraction, bars: int, beats: int, divisions: int, ticks: int
    ) -> Fraction:
        tempo_map = self._tempo_map()
        start = tempo_map.beats_at(at_s)
        unit = Fraction(4, tempo_map.meter_at(start).denominator)
        end = tempo_map.beats_after(start, bars) + beats * unit + _fine_beats(divisions, ticks)
        return tempo_map.seconds_at(end)


def _fine_beats(divisions: int, ticks: int) -> Fraction:
    return _DIVISION_BEATS * (divisions + Fraction(ticks, TICKS_A_DIVISION))


def _recognises(content: bytes) -> bool:
    try:
        text = decode(content[:4096])[0].lstrip("\ufeff\r\n")
    except CueSheetError:
        return False
    return _row(1, text.partition("\n")[0]) is not None


READER = Reader("Logic marker list", (), _recognises, parse)
