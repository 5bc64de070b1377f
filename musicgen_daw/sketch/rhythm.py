"""Meters as groups of sixteenths, and rhythm patterns fitted to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Onset", "fit", "fit_tune", "groups_of", "onsets", "pattern_for", "steps_in"]

BAR_STEPS = 16
"""Sixteenths in the bar of 4/4 that every pattern is written for."""


class Onset(NamedTuple):
    """A sign of a pattern that sounds: where, for how many steps, which sign."""

    step: int
    length: int
    sign: str


def groups_of(numerator: int, denominator: int) -> tuple[int, ...]:
    """Return the felt beats of a bar as numbers of steps: 4/4 is (4, 4, 4, 4), 7/8 (4, 4, 6)."""
    if denominator <= 4:
        return (4,) * (numerator * (4 // denominator))
    step = 2 if denominator == 8 else 1
    if numerator == 1:
        return (step,)
    if numerator % 3 == 0:
        return (3 * step,) * (numerator // 3)
    if numerator % 3 == 2 and numerator > 5:  # 8/8 is 3+3+2
        return (3 * step,) * (numerator // 3) + (2 * step,)
    threes = numerator % 2
    twos = (numerator - 3 * threes) // 2
    return (2 * step,) * twos + (3 * step,) * threes


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
    beats = _beats_for(len(groups))
    bars = (pattern[start : start + BAR_STEPS] for start in range(0, len(pattern), BAR_STEPS))
    return "".join(
        _stretch(bar[4 * beat : 4 * beat + 4], steps)
        for bar in bars
        for beat, steps in zip(beats, groups, strict=True)
    )


def fit_tune(rhythm: str, groups: tuple[int, ...]) -> tuple[Onset, ...]:
    """Lay a rhythm of 4/4 over a bar of ``groups`` so that no note of a tune is lost.

    Notes move to the nearest eighth that is free; only a bar with fewer eighths than notes drops
    the last ones.
    """
    if groups == (4, 4, 4, 4):
        return onsets(rhythm)
    total = sum(groups)
    steps: list[int] = []
    for onset in onsets(rhythm):
        eighth = 2 * ((onset.step * total + BAR_STEPS) // (2 * BAR_STEPS))
        step = max(eighth, steps[-1] + 2) if steps else eighth
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
