"""Meters as groups of sixteenths, and rhythm patterns fitted to them.

7/8         4 4 6        three beats, as every style feels it
3+2+2/8     6 4 4        the same bar in the groups that were asked for
5/4         4 4 4 4 4    five beats
3+2/4       12 8         the same beats in two groups, whose heads are stressed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

__all__ = [
    "BAR_STEPS",
    "HELD_STEPS",
    "Onset",
    "beats_in",
    "divided",
    "fit",
    "fit_tune",
    "groups_of",
    "onsets",
    "pattern_for",
    "steps_in",
]

BAR_STEPS = 16
"""Sixteenths in the bar of 4/4 that every pattern is written for."""

HELD_STEPS = 4
"""A note of so many steps is heard as held."""

_BEAT_STEPS = 4
_EIGHTH_STEPS = 2


class Onset(NamedTuple):
    """A sign of a pattern that sounds: where, for how many steps, which sign."""

    step: int
    length: int
    sign: str


def groups_of(numerator: int, denominator: int, chosen: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the groups of a bar as numbers of steps: 4/4 is (4, 4, 4, 4), 7/8 (4, 4, 6).

    Each is a felt beat, but where groups of several beats were ``chosen``: 3+2/4 is (12, 8).
    """
    step = 4 * (4 // denominator) if denominator <= 4 else 2 if denominator == 8 else 1
    if chosen:
        return tuple(group * step for group in chosen)
    if denominator <= 4:
        return (4,) * (numerator * (4 // denominator))
    if numerator == 1:
        return (step,)
    if numerator % 3 == 0:
        return (3 * step,) * (numerator // 3)
    if numerator % 3 == 2 and numerator > 5:  # 8/8 is 3+3+2
        return (3 * step,) * (numerator // 3) + (2 * step,)
    threes = numerator % 2
    twos = (numerator - 3 * threes) // 2
    return (2 * step,) * twos + (3 * step,) * threes


def beats_in(groups: tuple[int, ...]) -> int:
    """Return how many felt beats groups have: a group of several quarters has as many."""
    return sum(map(_beats_of, groups))


def divided(groups: tuple[int, ...], parts: int) -> list[Fraction]:
    """Return where the parts of a bar begin, as shares of it: on the heads of its groups.

    More parts than groups, and parts that would have the same head, are equally long.
    """
    total = sum(groups)
    even = [Fraction(number, parts) for number in range(parts)]
    heads = [Fraction(head, total) for head in accumulate(groups[:-1], initial=0)]
    near = [min(heads, key=lambda head: abs(head - share)) for share in even]
    return near if len(set(near)) == parts else even


def onsets(pattern: str) -> tuple[Onset, ...]:
    """Read a pattern: each sign that is neither a rest nor a hold begins a note."""
    found: list[Onset] = []
    for step, sign in enumerate(pattern):
        if sign == "-" and found and found[-1].step + found[-1].length == step:
            found[-1] = found[-1]._replace(length=found[-1].length + 1)
        elif sign not in ".-":
            found.append(Onset(step, 1, sign))
    return tuple(found)


def steps_in(meter: str) -> int:
    """Return the steps in a bar of a meter such as ``6/8``."""
    numerator, denominator = meter.split("/")
    return sum(groups_of(int(numerator), int(denominator)))


def fit(pattern: str, groups: tuple[int, ...]) -> str:
    """Make a pattern in 4/4 into one for bars of ``groups``, beat by beat."""
    if len(groups) == 4 and set(groups) == {4}:
        return pattern
    felt = [group // _beats_of(group) for group in groups for _ in range(_beats_of(group))]
    # Groups of several beats each begin like a bar; single beats make up one together.
    bars_of = [_beats_of(group) for group in groups] if len(felt) > len(groups) else [len(felt)]
    beats = [beat for count in bars_of for beat in _beats_for(count)]
    bars = (pattern[start : start + BAR_STEPS] for start in range(0, len(pattern), BAR_STEPS))
    return "".join(
        _stretch(bar[4 * beat : 4 * beat + 4], steps)
        for bar in bars
        for beat, steps in zip(beats, felt, strict=True)
    )


def fit_tune(rhythm: str, groups: tuple[int, ...]) -> tuple[Onset, ...]:
    """Lay a rhythm of 4/4 over a bar of ``groups`` so that no note of a tune is lost.

    Notes move to the nearest eighth that is free, and where groups were chosen those on a beat to
    the heads of the groups; only a bar with fewer eighths than notes drops the last ones.
    """
    if groups == (4, 4, 4, 4):
        return onsets(rhythm)
    total = sum(groups)
    found = onsets(rhythm)
    eighths = [2 * ((onset.step * total + BAR_STEPS) // (2 * BAR_STEPS)) for onset in found]
    if not _is_usual(groups):
        eighths = _on_heads(found, eighths, groups)
    steps: list[int] = []
    for eighth in eighths:
        step = max(eighth, steps[-1] + _EIGHTH_STEPS) if steps else eighth
        if step < total:
            steps.append(step)
    ends = [*steps[1:], total]
    return tuple(Onset(step, end - step, "x") for step, end in zip(steps, ends, strict=True))


def pattern_for(
    patterns: Mapping[str, tuple[str, ...]], groups: tuple[int, ...]
) -> tuple[str, ...]:
    """Return the patterns for bars of ``groups``: as written for the meter, else fitted."""
    for meter, written in patterns.items():
        numerator, denominator = meter.split("/")
        if groups_of(int(numerator), int(denominator)) == groups:
            return written
    return tuple(fit(pattern, groups) for pattern in patterns["4/4"])


@lru_cache(maxsize=64)
def _is_usual(groups: tuple[int, ...]) -> bool:
    """Return whether a meter is felt in these groups where nobody chooses others."""
    steps = sum(groups)
    return any(
        steps % step == 0 and groups == groups_of(steps // step, denominator)
        for denominator, step in ((4, _BEAT_STEPS), (8, _EIGHTH_STEPS), (16, 1))
    )


def _on_heads(found: Sequence[Onset], steps: Sequence[int], groups: tuple[int, ...]) -> list[int]:
    """Move to the head of each group the nearest note that is on a beat as written.

    The notes before it make room, an eighth each.
    """
    total = sum(groups)
    moved = list(steps)
    # The downbeat has its note already.
    left = [n for n, onset in enumerate(found) if onset.step and onset.step % _BEAT_STEPS == 0]
    for head in accumulate(groups[:-1]):
        number = min(
            left, key=lambda one: abs(found[one].step * total - head * BAR_STEPS), default=None
        )
        if number is not None and number * _EIGHTH_STEPS <= head:
            moved[number] = head
            left = [one for one in left if one > number]
    room = total
    for number in reversed(range(len(moved))):
        before_next = min(moved[number], room - _EIGHTH_STEPS)
        room = moved[number] = max(before_next, number * _EIGHTH_STEPS)
    return moved


def _beats_of(group: int) -> int:
    return group // _BEAT_STEPS if group % _BEAT_STEPS == 0 else 1


def _beats_for(count: int) -> tuple[int, ...]:
    """Return which beats of 4/4 make a bar of ``count`` beats: it keeps the first and the last."""
    if count <= 4:
        return ((0,), (0, 3), (0, 1, 3), (0, 1, 2, 3))[max(count, 1) - 1]
    head = 3 if count in (5, 6) else 4
    return _beats_for(head) + _beats_for(count - head)


def _stretch(beat: str, steps: int) -> str:
    """Lay a beat of four steps over another number of steps."""
    if steps == 6:  # a beat of three eighths: its last eighth repeats the offbeat
        return beat + beat[2:]
    return "".join(beat[step * 4 // steps] for step in range(steps))
