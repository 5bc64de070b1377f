"""Strokes: which pattern a layer plays in which bar, and when each of its signs sounds.

A layer has one pattern for each kind of phrase, over and over, or is drawn ``by_bar``: then every
phrase has a row of its own, in which ``answers`` stand where the tune rests or holds its note.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import Measure
from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.rhythm import onsets, pattern_for
from musicgen_daw.sketch.sheet import Sheet
from musicgen_daw.sketch.singing import resting
from musicgen_daw.sketch.styles.pack import Layer

__all__ = ["Stroke", "strokes"]

_AHEAD = "A"
_HELD_ON = 4
"""Steps for which a chord ahead of its beat is held on into it."""


class Stroke(NamedTuple):
    """A sign that sounds from ``start`` to ``end``, with the chord in force at ``chord_at``."""

    measure: Measure
    step: int
    start: Fraction
    end: Fraction
    sign: str
    chord_at: Fraction


def strokes(sheet: Sheet, layer: Layer, active: Sequence[bool], dice: Dice) -> Iterator[Stroke]:
    """Yield everything that a patterned layer plays, in order."""
    patterns = _row if layer.by_bar else _repeated
    found: list[Stroke] = []
    for measure, pattern in patterns(sheet, layer, dice):
        if not active[measure.index]:
            continue
        grid = measure.grid
        goes_on = measure.index + 1 < len(active) and active[measure.index + 1]
        for step, length, sign in onsets(pattern):
            start, end = grid[step], grid[step + length]
            if not measure.is_whole:
                end = min(end, measure.end)
                if not 0 <= start < end:
                    continue
            stroke = Stroke(measure, step, start, end, sign, start)
            if sign == _AHEAD:
                stroke = _ahead(stroke, sheet.harmony, goes_on=goes_on)
            found.append(stroke)
    for stroke, after in pairwise(found):
        # What is held on gives way to the next chord, wherever that comes.
        is_cut = stroke.sign == _AHEAD and stroke.end > after.start
        yield stroke._replace(end=after.start) if is_cut else stroke
    yield from found[-1:]


def _ahead(stroke: Stroke, harmony: Harmonisation, *, goes_on: bool) -> Stroke:
    """Return a stroke with the chord of the beat after it, held on into that beat.

    A chord that a hit strikes comes with the hit, and no layer sounds on where it stops playing.
    """
    measure, beat = stroke.measure, stroke.end
    if harmony.is_struck(stroke.start, beat) or not (goes_on or beat < measure.end):
        return stroke
    end = beat + _HELD_ON * measure.step_beats
    return stroke._replace(end=end if goes_on else min(end, measure.end), chord_at=beat)


def _repeated(sheet: Sheet, layer: Layer, dice: Dice) -> Iterator[tuple[Measure, str]]:
    """Yield the measures with their stretch of pattern: one pattern for each kind of phrase."""
    drawn: dict[tuple[str, tuple[int, ...]], str] = {}
    for phrase in sheet.form.phrases:
        for measure in phrase.measures:
            name = (phrase.kind, measure.groups)
            if name not in drawn:
                patterns = pattern_for(layer.patterns, measure.groups)
                drawn[name] = dice.child("pattern", phrase.kind).pick(patterns)
            steps = sum(measure.groups)
            bar = measure.place % (len(drawn[name]) // steps)
            yield measure, drawn[name][bar * steps : (bar + 1) * steps]


def _row(sheet: Sheet, layer: Layer, dice: Dice) -> Iterator[tuple[Measure, str]]:
    """Yield the measures with a pattern drawn for each, no one twice in a row.

    It goes by the tune as it is planned: who comps plays the same where nobody sings it yet.
    """
    tune = sheet.tune
    rests = resting(sheet.form, tune, sheet.dice.child(tune.part)) if tune else frozenset()
    stretch = tune.melody.stretch if tune else 1
    before = ""
    for phrase in sheet.form.phrases:
        draw = dice.child("bars", phrase.index)
        for measure in phrase.measures:
            answers = phrase.index in rests or _comes_to_rest(measure, stretch)
            stock = layer.answers if answers and layer.answers else layer.patterns
            patterns = pattern_for(stock, measure.groups)
            left = [pattern for pattern in patterns if pattern != before] or patterns
            before = draw.pick(left)
            yield measure, before


def _comes_to_rest(measure: Measure, stretch: int) -> bool:
    """Return whether a tune holds a note in the second half: where a motif or a phrase ends."""
    return measure.last_in_phrase or measure.place % (2 * stretch) == 2 * stretch - 1
