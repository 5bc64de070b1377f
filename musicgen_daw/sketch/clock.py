"""The tempo of a cue: as given, as said, or chosen so that bars and hits come out even."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.sketch.brief import Brief
from musicgen_daw.sketch.commission import Commission
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.rhythm import beats_in, groups_of
from musicgen_daw.sketch.styles.pack import StylePack
from musicgen_daw.timeline import (
    Meter,
    MeterChange,
    TempoChange,
    TempoMap,
    parse_meter,
    us_per_beat,
)

__all__ = ["continued", "tempo_map_for"]

_ON_THE_LINE = Fraction(1, 16)
"""Beats by which whole bars may miss the end of a cue: tempos are whole microseconds."""

_NEAR = 0.04
"""How far, as a share, a chosen tempo may move to make whole bars."""

_NEAR_TO_SAID = 0.009
"""The same for a tempo that the words name."""

_NEAR_FOR_LOOP = 0.35
"""The same for loops, which have to be whole bars: a seam inside a bar is heard at once."""


def tempo_map_for(commission: Commission, brief: Brief, pack: StylePack, dice: Dice) -> TempoMap:
    """Return the cue's tempo map: the commission's own, else one of a single tempo and meter."""
    if commission.tempo_map is not None:
        return _with_meter(commission.tempo_map, commission.meter)
    meter = brief.meter or _drawn_meter(pack, dice.child("meter"))
    change = MeterChange(Fraction(0), *meter)
    felt_beats = change.bar_beats / beats_in(groups_of(*meter))
    if brief.bpm is not None:
        wanted, near = brief.bpm, _NEAR_TO_SAID
    else:
        wanted = _drawn_bpm(brief, pack, dice.child("bpm")) * float(felt_beats)
        near = _NEAR_FOR_LOOP if commission.end == "loop" else _NEAR
    us = _fitting(commission, wanted, near, change.bar_beats, felt_beats)
    return TempoMap((TempoChange(Fraction(0), us),), (change,))


def continued(tempo_map: TempoMap, length_s: Fraction) -> TempoMap:
    """Return the map of what follows a cue of a length: its last tempo, and its bars go on."""
    end = tempo_map.beats_at(length_s)
    tempo, meter = tempo_map.tempo_at(end), tempo_map.meter_at(end)
    rest = meter.bar_beats - tempo_map.bar_at(end).beat
    near = rest < _ON_THE_LINE or rest > meter.bar_beats - _ON_THE_LINE
    return TempoMap(
        (replace(tempo, at_beats=Fraction(0)),),
        (replace(meter, at_beats=Fraction(0)),),
        Fraction(0) if near else rest,
    )


def _with_meter(tempo_map: TempoMap, meter: Meter | None) -> TempoMap:
    """Return the map with the asked meter, where it has only one meter and a different one."""
    only = tempo_map.meters[0].meter
    if meter is None or len(tempo_map.meters) > 1 or meter[:2] == only[:2]:
        return tempo_map.grouped(meter)
    change = MeterChange(Fraction(0), *meter)
    return replace(
        tempo_map, meters=(change,), pickup_beats=tempo_map.pickup_beats % change.bar_beats
    )


def _drawn_meter(pack: StylePack, dice: Dice) -> Meter:
    return parse_meter(dice.pick(pack.meters))


def _drawn_bpm(brief: Brief, pack: StylePack, dice: Dice) -> float:
    """Draw a tempo in felt beats: from the part of the style's range that the words point at."""
    low, high = pack.tempo_bpm
    width = high - low
    if brief.tempo == 0:
        return dice.between(low + 0.1 * width, high - 0.1 * width)
    middle = (low + high) / 2 + brief.tempo * 0.4 * width
    return max(dice.between(middle - 0.15 * width, middle + 0.15 * width), 0.6 * low)


def _fitting(
    commission: Commission, wanted: float, near: float, bar_beats: Fraction, felt_beats: Fraction
) -> int:
    """Return the microseconds per beat near ``wanted`` bpm that suit length and hits best."""
    loop = commission.end == "loop"
    own = us_per_beat(wanted)
    whole = list(_whole_bars(commission.length_s, wanted, bar_beats, near))

    def cost(us: int, uneven: float) -> float:
        moved = abs(math.log2(us / own))
        return 10 * moved + 2 * _misses(us, commission, felt_beats) + uneven

    candidates = [(cost(us, 0.0 if exact or not loop else 2.5), us) for us, exact in whole]
    if not loop or not whole:
        steps = range(-8, 9) if commission.hits else (0,)
        moved = [round(own * (1 + near * step / 8)) for step in steps]
        candidates += [(cost(us, 0.6), us) for us in moved]
    return min(candidates)[1]


def _whole_bars(
    length_s: Fraction, wanted: float, bar_beats: Fraction, near: float
) -> Iterator[tuple[int, bool]]:
    """Yield the tempi near ``wanted`` that make whole bars, and whether they do so exactly."""
    length_us = length_s * 1_000_000
    bars = float(length_us / bar_beats) / us_per_beat(wanted)
    for count in range(max(math.floor(bars / (1 + near)), 1), math.ceil(bars * (1 + near)) + 1):
        exact = length_us / (count * bar_beats)
        us = round(exact)
        if abs(bars / count - 1) <= near and 150_000 <= us <= 3_000_000:
            yield us, exact == us


def _misses(us: int, commission: Commission, felt_beats: Fraction) -> float:
    """Return how far the hits lie from felt beats on average, as a share of a beat."""
    inside: Sequence[Fraction] = [hit.at_s for hit in commission.hits if hit.at_s > 0]
    if not inside:
        return 0.0
    beat_s = us * float(felt_beats) / 1_000_000
    offsets = (float(at_s) / beat_s % 1.0 for at_s in inside)
    return sum(min(offset, 1 - offset) for offset in offsets) / len(inside)
