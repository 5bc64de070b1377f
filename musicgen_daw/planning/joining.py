"""How the end of one cue's music is heard by a generator that goes on from it in another cue.

    cue before, 90 bpm    |       |       |   ^ ends inside a bar
    what is heard         |       |       |     up to the bar line, as the next cue begins on one
    cue after, 120 bpm      |     |     |     |     |     |     |
                            └ made shorter  ┘ └ goes on

So the clip that goes on has its downbeat where its cue has it, and its tempo from the first beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.timeline import TempoMap

__all__ = ["Joint", "joint"]

_BESIDE_BEATS = Fraction(1, 64)
"""Nearer than this to where a bar should be left, an end is left as it is."""

_SAME_TEMPO = Fraction(1, 100)
"""Tempos that differ by less are heard as the same one."""

_HALF_TIME = Fraction(7, 5)
"""Beyond this a tempo is nearer as the half or the double of the other one."""


@dataclass(frozen=True, slots=True)
class Joint:
    """The last ``less_s`` seconds are not heard, and what is heard is ``stretch`` times as long."""

    less_s: Fraction = Fraction(0)
    stretch: Fraction = Fraction(1)


def joint(before: TempoMap | None, length_s: Fraction, after: TempoMap | None) -> Joint:
    """Return how a cue of ``length_s`` seconds is heard by the one that goes on from it.

    Both maps have beat 0 at the start of their cue. Where one is ``None`` nothing can be told.
    """
    if before is None or after is None:
        return Joint()
    return Joint(_less_s(before, length_s, after), _stretch(before, length_s, after))


def _less_s(before: TempoMap, length_s: Fraction, after: TempoMap) -> Fraction:
    """Return what is left out so that the next cue begins at the place in a bar that it has."""
    end = before.beats_at(length_s)
    bar = before.meter_at(end).bar_beats
    off = (before.bar_at(end).beat - after.bar_at(0).beat) % bar
    if min(off, bar - off) <= _BESIDE_BEATS or off >= end:
        return Fraction(0)
    return length_s - before.seconds_at(end - off)


def _stretch(before: TempoMap, length_s: Fraction, after: TempoMap) -> Fraction:
    end = before.beats_at(length_s)
    last = [tempo for tempo in before.tempos if tempo.at_beats < end][-1]
    ratio = Fraction(after.tempos[0].us_per_beat, last.us_per_beat)
    while ratio > _HALF_TIME:
        ratio /= 2
    while ratio < 1 / _HALF_TIME:
        ratio *= 2
    return ratio if abs(ratio - 1) > _SAME_TEMPO else Fraction(1)
