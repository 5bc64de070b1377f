"""The tempo envelope of a REAPER project as a tempo map.

REAPER keeps the points in seconds and the beats follow from them; here the beats are computed
exactly and laid on one grid, because a bar line that is off by a rounding would cut a bar short.
Between a linear point and the next the tempo grows evenly with time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

from musicgen_daw.cuesheets.tempo_points import TempoPoint, on_grid, tempo_map_of
from musicgen_daw.cuesheets.times import parse_decimal
from musicgen_daw.formats.rpp import Block, Line
from musicgen_daw.timeline import FOUR_FOUR, Meter, MeterChange, SheetWarning, TempoMap, us_per_beat

__all__ = ["tempo_map_of_project"]

# REAPER writes 10 to 14 decimals: a point this near to a line of the grid stands on it.
_MUSICAL_GRID = 960
_SNAP_BEATS = Fraction(1, 20_000)


@dataclass(frozen=True, slots=True)
class _Point:
    at_s: Fraction
    bpm: Fraction
    is_linear: bool
    meter: Meter | None
    place: str


def tempo_map_of_project(root: Block, warnings: list[SheetWarning]) -> TempoMap | None:
    """Return the map of a project's ``TEMPO`` and ``TEMPOENVEX``, or ``None`` without either.

    Raises:
        CueSheetError: when the ramps of linear points would take more steps than a sheet can have.
    """
    points = sorted(_points(root, warnings), key=lambda point: point.at_s)
    if not points:
        return None
    tempos: list[TempoPoint] = []
    meters = [MeterChange(Fraction(0), *(points[0].meter or FOUR_FOUR))]
    # Before its first point the project has that point's tempo.
    at_beats = _snapped(points[0].at_s * points[0].bpm / 60)
    for point, after in zip_longest(points, points[1:]):
        end_bpm = after.bpm if after is not None and point.is_linear else point.bpm
        tempos.append(TempoPoint(at_beats, point.bpm, point.place, end_bpm, over_time=True))
        if point.meter is not None:
            meters.append(MeterChange(at_beats, *point.meter))
        if after is not None:
            length_s = after.at_s - point.at_s
            at_beats += _snapped(length_s * (point.bpm + end_bpm) / 120)
    return tempo_map_of(tempos, meters, warnings)


def _snapped(beats: Fraction) -> Fraction:
    """Return a position on the musical grid where it is on it but for REAPER's rounding."""
    near = Fraction(round(beats * _MUSICAL_GRID), _MUSICAL_GRID)
    return near if abs(near - beats) < _SNAP_BEATS else on_grid(beats)


# -- lines -------------------------------------------------------------------------------------


def _points(root: Block, warnings: list[SheetWarning]) -> Iterator[_Point]:
    """Yield the points of the envelope, or the project's one tempo where it has none."""
    envelope = [line for block in root.blocks("TEMPOENVEX") for line in block.lines("PT")]
    meter = None
    for line in root.lines("TEMPO"):
        words = (*line.words, "", "", "")
        meter = _meter_of(words[2:4])
        if not envelope:
            yield from _point("0", words[1], "1", meter, line, warnings)
    for line in envelope:
        at, bpm, shape = (*line.words, "", "", "")[1:4]
        yield from _point(at, bpm, shape, _signature(line) or meter, line, warnings)
        meter = None  # the project's own holds for the first point


def _point(
    at: str,
    bpm: str,
    shape: str,
    meter: Meter | None,
    line: Line,
    warnings: list[SheetWarning],
) -> Iterator[_Point]:
    """Yield the point, unless it is impossible."""
    place = f"line {line.number}"
    try:
        at_s, tempo = parse_decimal(at), parse_decimal(bpm)
        us_per_beat(tempo)
    except ValueError as error:
        warnings.append(SheetWarning(place, f"a tempo is left out: {error}"))
        return
    yield _Point(max(Fraction(0), at_s), tempo, shape == "0", meter, place)


def _signature(line: Line) -> Meter | None:
    """Return the meter that a point sets: ``65536 * denominator + numerator``."""
    words = line.words
    text = words[4] if len(words) > 4 else ""
    if not text.isdecimal() or len(text) > 9:
        return None
    denominator, numerator = divmod(int(text), 65536)
    return _meter_of((str(numerator), str(denominator)))


def _meter_of(words: tuple[str, ...]) -> Meter | None:
    if len(words) != 2 or not all(word.isdecimal() and len(word) < 5 for word in words):
        return None
    meter = Meter(int(words[0]), int(words[1]))
    try:
        MeterChange(Fraction(0), *meter)
    except ValueError:
        return None
    return meter
