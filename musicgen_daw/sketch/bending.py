"""Bars bent so that hits fall on beats: a little faster or slower before them, and back after.

    beats       |   |   |   |   |   |   |   |        ×  a hit off the beat
    asked       |   |   |   | × |   |   |   |
    bent        |    |    |   ×  |  |  |    |        the bars around it keep their outer lines

Only the bars next to a hit are bent, and only within a limit: where that is not enough, the tempo
stays and the accent of the hit stands free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from musicgen_daw.timeline import TempoChange, TempoMap, pulse_beats

__all__ = ["bent"]

_REACH_BARS = 2
"""So many bars before a hit, and after it, may be bent."""


@dataclass(frozen=True, slots=True)
class _Knot:
    """A position in beats that comes at a second of the bent map."""

    beats: Fraction
    at_s: Fraction


def bent(
    tempo_map: TempoMap, hits_s: Iterable[Fraction], length_s: Fraction, limit: float
) -> TempoMap:
    """Return the map with the bars around hits bent so that the hits fall on beats exactly.

    Args:
        tempo_map: The map of the cue.
        hits_s: The hits in seconds from the start of the cue.
        length_s: The length of the cue; what follows keeps its place.
        limit: How far, as a share, a tempo may be moved.
    """
    if limit <= 0:
        return tempo_map
    end = _Knot(tempo_map.beats_at(length_s), length_s)
    knots = [_Knot(Fraction(0), Fraction(0))]
    for at_s in sorted({at_s for at_s in hits_s if 0 < at_s < length_s}):
        hit = _Knot(_nearest_beat(tempo_map, at_s), at_s)
        head, back = _around(tempo_map, hit, end)
        # Where the hit before has not come back to its bar line yet, the two share a stretch.
        before = knots[:-1] if len(knots) > 1 and head.beats < knots[-1].beats else [*knots, head]
        if _is_within(tempo_map, [*before[-2:], hit, back], limit):
            knots = _without_twins([*before, hit, back])
    if len(knots) == 1:
        return tempo_map
    return replace(tempo_map, tempos=tuple(_changes(tempo_map, knots)))


def _around(tempo_map: TempoMap, hit: _Knot, end: _Knot) -> tuple[_Knot, _Knot]:
    """Return the bar lines around a hit between which the tempo may be bent."""
    bar = tempo_map.bar_at(hit.beats).bar
    on_line = tempo_map.beats_of(bar) == hit.beats
    head = max(tempo_map.beats_of(bar - _REACH_BARS + (not on_line)), Fraction(0))
    back = tempo_map.beats_of(bar + _REACH_BARS)
    return (
        _Knot(head, tempo_map.seconds_at(head)),
        _Knot(back, tempo_map.seconds_at(back)) if back < end.beats else end,
    )


def _nearest_beat(tempo_map: TempoMap, at_s: Fraction) -> Fraction:
    at = tempo_map.beats_at(at_s)
    bar, beat = tempo_map.bar_at(at)
    pulse = pulse_beats(tempo_map.meter_at(at))
    before = at - beat % pulse
    after = min(before + pulse, tempo_map.beats_of(bar + 1))
    return min((before, after), key=lambda line: abs(tempo_map.seconds_at(line) - at_s))


def _is_within(tempo_map: TempoMap, knots: Sequence[_Knot], limit: float) -> bool:
    """Return whether every stretch between knots moves its tempo by no more than the limit."""
    for before, after in pairwise(_without_twins(knots)):
        if after.beats <= before.beats or after.at_s <= before.at_s:
            return False
        asked_s = tempo_map.seconds_at(after.beats) - tempo_map.seconds_at(before.beats)
        if abs(float((after.at_s - before.at_s) / asked_s) - 1) > limit:
            return False
    return True


def _without_twins(knots: Sequence[_Knot]) -> list[_Knot]:
    """Keep one of equal knots."""
    return list(dict.fromkeys(knots))


def _changes(tempo_map: TempoMap, knots: Sequence[_Knot]) -> Iterator[TempoChange]:
    """Yield the steps of tempo that meet the knots exactly, then those of the map."""
    for before, after in pairwise(knots):
        yield from _stretch(tempo_map, before, after)
    last = knots[-1].beats
    yield TempoChange(last, tempo_map.tempo_at(last).us_per_beat)
    yield from (change for change in tempo_map.tempos if change.at_beats > last)


def _stretch(tempo_map: TempoMap, before: _Knot, after: _Knot) -> Iterator[TempoChange]:
    """Yield the steps between two knots: tempos are whole microseconds, so some are one longer."""
    inside = [change.at_beats for change in tempo_map.tempos
              if before.beats < change.at_beats < after.beats]  # fmt: skip
    lines = [before.beats, *inside, after.beats]
    wanted_us = (after.at_s - before.at_s) * 1_000_000
    asked_us = (tempo_map.seconds_at(after.beats) - tempo_map.seconds_at(before.beats)) * 1_000_000
    tempos = [
        int(tempo_map.tempo_at(line).us_per_beat * wanted_us / asked_us) for line in lines[:-1]
    ]
    spent_us = sum(
        us * (stop - start) for us, (start, stop) in zip(tempos, pairwise(lines), strict=True)
    )
    longer_until = before.beats + (wanted_us - spent_us)
    for us, (start, stop) in zip(tempos, pairwise(lines), strict=True):
        if longer_until > start:
            yield TempoChange(start, us + 1)
        if longer_until < stop:
            yield TempoChange(max(start, longer_until), us)
