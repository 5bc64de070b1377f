"""Drums: grooves, ghost notes, fills that lead into the next phrase."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import Form, Measure
from musicgen_daw.sketch.instruments import DRUM_KEYS
from musicgen_daw.sketch.rhythm import fit, groups_of, onsets
from musicgen_daw.sketch.styles.pack import DrumLine, Groove
from musicgen_daw.timeline import Note

__all__ = ["draw_groove", "drum_notes"]

_WEIGHTS = {"X": 1.0, "x": 0.7, "o": 0.1, "g": -0.5, "?": -0.1, "2": 0.4, "3": 0.3}
_ROLLS = {"2": 2, "3": 3}
_SOMETIMES = 0.35
Velocity = Callable[[Measure, float], int]


def draw_groove(grooves: Sequence[Groove], groups: tuple[int, ...], dice: Dice) -> Groove:
    """Draw a groove, if possible one that was written for bars of ``groups``."""
    written = [groove for groove in grooves if _native(groove) == groups]
    return dice.pick(written or [groove for groove in grooves if groove.meter == "4/4"])


def drum_notes(
    form: Form, grooves: Sequence[Groove], active: Sequence[bool], velocity: Velocity, dice: Dice
) -> list[Note]:
    """Play grooves over a form, in its ``active`` measures; phrases B may have one of their own."""
    drawn: dict[tuple[tuple[int, ...], bool], Groove] = {}
    notes: list[Note] = []
    filled = False
    for measure, playing in zip(form.measures, active, strict=True):
        if not playing:
            filled = False
            continue
        draw = dice.child("measure", measure.index)
        name = (measure.groups, form.phrases[measure.phrase].kind == "B")
        if name not in drawn:
            drawn[name] = draw_groove(grooves, measure.groups, dice.child("groove", name[1]))
        groove = drawn[name]
        fill = _fill(form, groove, measure, draw)
        silent_from = _first_step(fill, groove, measure)
        for line in groove.lines:
            if line.enters <= measure.intensity < line.leaves:
                notes += _line(line, groove, measure, velocity, draw, silent_from)
        for line in fill:
            notes += _line(line, groove, measure, velocity, draw, None)
        if filled and groove.crash and measure.start >= 0:
            notes.append(_stroke(groove.crash, measure, 0, velocity(measure, 1.0)))
        filled = bool(fill)
    return _without_twins(notes)


def _fill(form: Form, groove: Groove, measure: Measure, dice: Dice) -> tuple[DrumLine, ...]:
    """Draw a fill for the last measure of a phrase: always into a stronger one."""
    if not measure.last_in_phrase or not groove.fills or measure.place == 0:
        return ()
    phrase = form.phrases[measure.phrase]
    after = form.phrases[min(phrase.index + 1, len(form.phrases) - 1)]
    rises = after.measures[0].intensity > phrase.measures[0].intensity + 0.05
    if measure.intensity < 0.3 or not (rises or phrase.is_last or dice.chance(0.6)):
        return ()
    return dice.pick(groove.fills)


def _first_step(fill: Sequence[DrumLine], groove: Groove, measure: Measure) -> int | None:
    """Return the step from which on the groove makes room for the fill."""
    steps = [
        onset.step
        for line in fill
        if line.drum != "kick"
        for onset in onsets(_bar(line, groove, measure))
    ]
    return min(steps, default=None)


def _native(groove: Groove) -> tuple[int, ...]:
    """Return the felt beats of the meter that a groove is written for."""
    numerator, denominator = groove.meter.split("/")
    return groups_of(int(numerator), int(denominator))


def _bar(line: DrumLine, groove: Groove, measure: Measure) -> str:
    """Return what a drum plays in a measure, fitted to its meter."""
    native = _native(groove)
    steps = sum(native)
    bar = measure.place % (len(line.pattern) // steps)
    pattern = line.pattern[bar * steps : (bar + 1) * steps]
    return pattern if measure.groups == native else fit(pattern, measure.groups)


def _line(
    line: DrumLine,
    groove: Groove,
    measure: Measure,
    velocity: Velocity,
    dice: Dice,
    silent_from: int | None,
) -> list[Note]:
    notes = []
    for step, _, sign in onsets(_bar(line, groove, measure)):
        if silent_from is not None and step >= silent_from and line.drum != "kick":
            continue
        if sign == "?" and not dice.chance(_SOMETIMES):
            continue
        if measure.is_whole or 0 <= measure.grid[step] < measure.end:
            stroke = _stroke(line.drum, measure, step, velocity(measure, _WEIGHTS[sign]))
            notes += _rolled(stroke, _ROLLS.get(sign, 1) if measure.is_whole else 1)
    return notes


def _rolled(stroke: Note, count: int) -> list[Note]:
    """Return a stroke as ``count`` equal ones in its time."""
    length = stroke.length_beats / count
    return [
        replace(stroke, start_beats=stroke.start_beats + number * length, length_beats=length)
        for number in range(count)
    ]


def _stroke(drum: str, measure: Measure, step: int, velocity: int) -> Note:
    start = measure.grid[step]
    length = measure.grid[1] - measure.grid[0] if measure.is_whole else measure.end - start
    return Note(start, length, DRUM_KEYS[drum], velocity)


def _without_twins(notes: list[Note]) -> list[Note]:
    """Keep one stroke where two lines strike the same drum at once."""
    strongest: dict[tuple[Fraction, int], Note] = {}
    for note in notes:
        place = (note.start_beats, note.pitch)
        if place not in strongest or note.velocity > strongest[place].velocity:
            strongest[place] = note
    return list(strongest.values())
