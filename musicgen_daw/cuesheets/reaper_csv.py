"""REAPER's region and marker list (Region/Marker Manager > Export), as CSV.

    #,Name,Start,End,Length
    R1,1M1 Chase,0:10.500,0:42.000,0:31.500
    M1,! door,0:12.250,,

``R`` is a region, ``M`` a marker. Times are what the ruler showed: minutes and seconds, bars
(``5.1.00``: bar, beat, hundredths of a beat), samples, or timecode. The file tells neither tempo
nor sample rate nor frame rate: bars need ``bpm`` and samples ``rate`` in the sheet's TOML,
timecode ``--fps``. A length is read only where there is no end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.cuesheets.columns import Record, header_of
from musicgen_daw.cuesheets.columns import read as read_columns
from musicgen_daw.cuesheets.encoding import decoded
from musicgen_daw.cuesheets.frames import Labels
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions, standing_at
from musicgen_daw.cuesheets.times import parse_length
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import FOUR_FOUR, BarBeat, CueSheet, SheetWarning, TempoMap

__all__ = ["READER", "parse"]

_FILE = "REAPER's marker list"
_COLUMNS = {"#", "name", "start", "end", "length", "color"}

_SAMPLES = re.compile(r"\d{1,15}", re.ASCII)
_BARS = re.compile(r"(\d{1,6})\.(\d{1,3})\.(\d{1,4})", re.ASCII)


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a list in any of the ruler's times.

    Raises:
        CueSheetError: with the line, when a marker or time can't be understood, nobody says what
            its times need, or there is no cue.
    """
    warnings: list[SheetWarning] = []
    table = read_columns(decoded(content, options.charset, warnings))
    number, name = table.index("#"), table.index("name")
    start, end, length = map(table.index, ("start", "end", "length"))
    clock = _Clock(options, warnings)

    def marks() -> Iterator[Mark]:
        for row in table.rows:
            if row.cell(start).startswith("-"):
                message = f"{row.cell(name)!r} is before the start: left out"
                warnings.append(SheetWarning(row.place, message))
                continue
            at_s = clock.position(row.cell(start), row.place)
            end_s = None
            if row.cell(end):
                end_s = clock.position(row.cell(end), row.place)
            elif row.cell(length):
                end_s = clock.end(row.cell(start), row.cell(length), row.place)
            text = row.cell(name) or _unnamed(row, number, end_s)
            yield Mark(at_s, text, row.place, end_s)

    return sheet_of(list(marks()), options, FileFacts(), warnings, file=_FILE)


def _unnamed(row: Record, number: int | None, end_s: Fraction | None) -> str:
    """Return what a region without a name is called: REAPER shows its number."""
    return f"Region {row.cell(number).lstrip('RM')}".strip() if end_s is not None else ""


@dataclass(frozen=True, slots=True)
class _Clock:
    """Turns the times of REAPER's rulers into seconds."""

    options: SheetOptions
    warnings: list[SheetWarning]

    def position(self, text: str, place: str) -> Fraction:
        if bars := _BARS.fullmatch(text):
            with standing_at(place):
                return self.bar_beat(bars).seconds(self.tempo_map(place))
        return self.length(text, place, is_position=True)

    def end(self, start: str, length: str, place: str) -> Fraction:
        """Return the end of a region that begins at ``start`` and tells only its length."""
        begins, lasts = _BARS.fullmatch(start), _BARS.fullmatch(length)
        if begins is None or lasts is None:
            return self.position(start, place) + self.length(length, place)
        tempo_map = self.tempo_map(place)
        with standing_at(place):
            at_beats = tempo_map.beats_at(self.bar_beat(begins).seconds(tempo_map))
        meter = tempo_map.meter_at(at_beats)
        beats = int(lasts[1]) * meter.numerator + int(lasts[2]) + _share(lasts[3])
        return tempo_map.seconds_at(at_beats + beats * 4 / meter.denominator)

    def length(self, text: str, place: str, *, is_position: bool = False) -> Fraction:
        if _SAMPLES.fullmatch(text):
            return Fraction(int(text), self.sample_rate(place))
        if Labels.is_one(text):
            labels = Labels.of(self.options, [], file=_FILE)
            return (labels.position if is_position else labels.length)(text, place)
        with standing_at(place):
            return parse_length(text)

    def bar_beat(self, bars: re.Match[str]) -> BarBeat:
        return BarBeat(int(bars[1]), int(bars[2]) + _share(bars[3]))

    def tempo_map(self, place: str) -> TempoMap:
        defaults = self.options.defaults
        if defaults.bpm is None:
            raise CueSheetError(
                "the times are in bars, and nobody says the tempo: "
                f"set bpm = 120 in {self.options.title}.toml",
                place=place,
            )
        return TempoMap.constant(defaults.bpm, *(defaults.meter or FOUR_FOUR))

    def sample_rate(self, place: str) -> int:
        rate = self.options.sample_rate or self.options.settings.rate
        if rate is None:
            raise CueSheetError(
                "the times are in samples, and nobody says the sample rate: "
                f"set rate = 48000 in {self.options.title}.toml",
                place=place,
            )
        return rate


def _share(digits: str) -> Fraction:
    """Return the share of a beat that its decimals tell."""
    return Fraction(int(digits), 10 ** len(digits))


def _recognises(content: bytes) -> bool:
    names = header_of(content)
    return names[:1] == ("#",) and {"name", "start", "end"} <= set(names) <= _COLUMNS


READER = Reader("REAPER markers", (), _recognises, parse)
