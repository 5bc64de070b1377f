"""The tempo points of a program as a tempo map: jumps, and ramps as steps of a sixteenth note.

Each step of a ramp lasts as long as the ramp takes over it, to the microsecond a beat that a MIDI
file can hold; what rounding leaves goes into the next step, so that a ramp ends when it should.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import zip_longest

from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import MeterChange, SheetWarning, TempoChange, TempoMap, us_per_beat
from musicgen_daw.timeline.tempo import MAX_US_PER_BEAT

__all__ = ["TempoPoint", "on_grid", "tempo_map_of"]

MAX_STEPS = 100_000
MAX_DENOMINATOR = 64
"""Of a meter: shorter beats nobody writes, and a minute would have millions of bars."""

# Fine enough for every program's ticks, and one grid for all changes: the arithmetic of a tempo
# map takes the common denominator of them all.
_GRID = 960_000
_STEP = _GRID // 4


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """From ``at_beats`` on it is ``bpm``; with ``ramp_to_bpm`` until the next point it becomes
    that, in a straight line over the beats between them, or over their time.
    """

    at_beats: Fraction
    bpm: Fraction
    place: str = ""
    ramp_to_bpm: Fraction | None = None
    over_time: bool = False


def on_grid(beats: Fraction) -> Fraction:
    """Return the nearest position that tempo and meter changes may have: within 0.6 ppm of a
    beat, which no program resolves.
    """
    return Fraction(round(beats * _GRID), _GRID)


def tempo_map_of(
    points: Iterable[TempoPoint],
    meters: Iterable[MeterChange],
    warnings: list[SheetWarning],
) -> TempoMap:
    """Return the map of tempo points and meters in any order; of several in one place the last.

    What is before the first point or meter has its tempo or is in it. Impossible tempos are left
    out with a warning.

    Raises:
        CueSheetError: when the ramps would take more than ``MAX_STEPS`` steps.
    """
    in_order = _in_order(points, warnings)
    changes: list[TempoChange] = []
    for point, after in zip_longest(in_order, in_order[1:]):
        end_bpm = point.ramp_to_bpm
        if after is not None and end_bpm is not None and end_bpm != point.bpm:
            steps = _ramp(point, after.at_beats, end_bpm)
        else:
            steps = iter([TempoChange(point.at_beats, us_per_beat(point.bpm))])
        for step in steps:
            if not changes or changes[-1].us_per_beat != step.us_per_beat:
                changes.append(step)
            if len(changes) > MAX_STEPS:
                raise CueSheetError(
                    f"the tempo changes more than {MAX_STEPS} times: make its ramps shorter",
                    place=point.place or None,
                )
    return TempoMap(tuple(changes) or TempoMap().tempos, _meters(meters, warnings))


def _in_order(points: Iterable[TempoPoint], warnings: list[SheetWarning]) -> list[TempoPoint]:
    by_place: dict[Fraction, TempoPoint] = {}
    for point in points:
        try:
            us_per_beat(point.bpm)
            if point.ramp_to_bpm is not None:
                us_per_beat(point.ramp_to_bpm)
        except ValueError as error:
            warnings.append(SheetWarning(point.place, f"a tempo is left out: {error}"))
            continue
        at_beats = max(Fraction(0), on_grid(point.at_beats))
        by_place[at_beats] = replace(point, at_beats=at_beats)
    in_order = [by_place[at_beats] for at_beats in sorted(by_place)]
    if in_order and in_order[0].at_beats > 0:
        in_order.insert(0, replace(in_order[0], at_beats=Fraction(0), ramp_to_bpm=None))
    return in_order


def _ramp(start: TempoPoint, end_beats: Fraction, end_bpm: Fraction) -> Iterator[TempoChange]:
    begin, end = int(start.at_beats * _GRID), int(end_beats * _GRID)
    if (end - begin) // _STEP > MAX_STEPS:
        raise CueSheetError(
            f"a tempo ramp of {(end - begin) // _GRID} beats is too long to be read as sixteenths",
            place=start.place or None,
        )
    elapsed_us = _over_time if start.over_time else _over_beats
    length, from_bpm, to_bpm = (end - begin) / _GRID, float(start.bpm), float(end_bpm)
    passed_us = 0.0
    for at in range(begin, end, _STEP):
        until = min(at + _STEP, end)
        until_us = length * elapsed_us(from_bpm, to_bpm, (until - begin) / (end - begin))
        beats = (until - at) / _GRID
        us = min(max(1, round((until_us - passed_us) / beats)), MAX_US_PER_BEAT)
        passed_us += us * beats
        yield TempoChange(Fraction(at, _GRID), us)


def _over_beats(start_bpm: float, end_bpm: float, share: float) -> float:
    """Return the microseconds until a share of a ramp's beats, for each beat of the ramp."""
    rise_bpm = end_bpm - start_bpm
    return 60e6 / rise_bpm * math.log1p(rise_bpm * share / start_bpm)


def _over_time(start_bpm: float, end_bpm: float, share: float) -> float:
    """Return the same for a ramp that is straight over its time."""
    bpm = math.sqrt(start_bpm**2 + (end_bpm**2 - start_bpm**2) * share)
    return 120e6 / (start_bpm + end_bpm) * (bpm - start_bpm) / (end_bpm - start_bpm)


def _meters(meters: Iterable[MeterChange], warnings: list[SheetWarning]) -> tuple[MeterChange, ...]:
    by_place = {}
    for meter in meters:
        if meter.denominator <= MAX_DENOMINATOR:
            by_place[on_grid(meter.at_beats)] = meter
            continue
        message = f"a meter of {meter.numerator}/{meter.denominator} is left out"
        warnings.append(SheetWarning("", message))
    changes = [MeterChange(at_beats, *by_place[at_beats].meter) for at_beats in sorted(by_place)]
    if not changes:
        return TempoMap().meters
    first = changes[0]
    if first.at_beats > 0:
        changes.insert(0, MeterChange(Fraction(0), *first.meter))
    return tuple(changes)
