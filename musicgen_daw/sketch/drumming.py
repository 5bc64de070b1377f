"""Drums: grooves, ghost notes, fills that lead into the next phrase."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import Form, Measure
from musicgen_daw.sketch.instruments import DRUM_KEYS
from musicgen_daw.sketch.rhythm import fit, groups_of, onsets
from musicgen_daw.sketch.styles.pack import DrumLine, Groove
from musicgen_daw.timeline import Note

__all__ = ["draw_groove", "drum_notes", "with_bass"]

_WEIGHTS = {"X": 1.0, "x": 0.7, "o": 0.1, "g": -0.5, "?": -0.1, "2": 0.4, "3": 0.3}
_ROLLS = {"2": 2, "3": 3}
_SOMETIMES = 0.35

_QUIET = 0.3
"""Below this intensity nothing is filled."""

_HEAD_STEPS = 2
Velocity = Callable[[Measure, float], int]


def draw_groove(grooves: Sequence[Groove], groups: tuple[int, ...], dice: Dice) -> Groove:
    """Draw a groove, if possible one that was written for bars of ``groups``."""
    written = [groove for groove in grooves if _native(groove) == groups]
    return dice.pick(written or [groove for groove in grooves if groove.meter == "4/4"])


def drum_notes(
    form: Form,
    grooves: Sequence[Groove],
    active: Sequence[bool],
    hits: Sequence[Fraction],
    velocity: Velocity,
    dice: Dice,
) -> list[Note]:
    """Play grooves over a form, in its ``active`` measures; phrases B may have one of their own.

    Fills lead into phrases, into every section, meter and last chord, and to the ``hits``.
    """
    drawn: dict[tuple[tuple[int, ...], bool, str], Groove] = {}
    notes: list[Note] = []
    filled = False
    measures = list(form.measures)
    for measure, after, playing in zip(measures, [*measures[1:], None], active, strict=True):
        if not playing:
            filled = False
            continue
        draw = dice.child("measure", measure.index)
        kind = form.phrases[measure.phrase].kind
        name = (measure.groups, kind[0] == "B", kind[1:])
        if name not in drawn:
            drawn[name] = draw_groove(grooves, measure.groups, _groove_dice(dice, kind))
        groove = drawn[name]
        target = _target(form, measure, after, hits, draw) if groove.fills else None
        fill = _NO_FILL if target is None else _Fill.to(target, groove, measure, draw)
        for line in groove.lines:
            if line.enters <= measure.intensity < line.leaves:
                notes += _line(line, groove, measure, velocity, draw, fill)
        for line in fill.lines:
            notes += _line(line, groove, measure, velocity, draw, fill, shift=fill.shift)
        if filled and groove.crash and measure.start >= 0:
            notes.append(_stroke(groove.crash, measure, 0, velocity(measure, 1.0)))
        filled = target == measure.end
    return _without_twins(notes)


def with_bass(notes: Sequence[Note], bass: Sequence[Note], form: Form) -> list[Note]:
    """Return the strokes of a kit whose bass drum strikes with the bass, wherever both play."""
    kick = DRUM_KEYS["kick"]
    lines = [float(measure.start) for measure in form.measures]
    strokes: dict[int, list[Note]] = {}
    for note in bass:
        strokes.setdefault(bisect_right(lines, float(note.start_beats)), []).append(note)
    kept: list[Note] = []
    led: set[int] = set()
    for note in notes:
        bar = bisect_right(lines, float(note.start_beats))
        if note.pitch != kick or bar not in strokes:
            kept.append(note)
        elif bar not in led:
            led.add(bar)
            kept += [replace(note, start_beats=each.start_beats) for each in strokes[bar]]
    return kept


def _groove_dice(dice: Dice, kind: str) -> Dice:
    groove = dice.child("groove", kind[0] == "B")
    return groove.child(kind[1:]) if kind[1:] else groove


@dataclass(frozen=True, slots=True)
class _Fill:
    """A fill that is played ``shift`` steps later than written (earlier where negative).

    The groove makes room for it from step ``first`` up to, not including, ``stop``.
    """

    lines: tuple[DrumLine, ...] = ()
    shift: int = 0
    first: int = 0
    stop: int = 0

    @classmethod
    def to(cls, target: Fraction, groove: Groove, measure: Measure, dice: Dice) -> _Fill:
        """Draw a fill that ends at a position of the measure."""
        lines = dice.pick(groove.fills)
        steps = sum(measure.groups)
        stop = next((step for step, at in enumerate(measure.grid) if at >= target), steps)
        shift = stop - steps
        own = [
            onset.step + shift
            for line in lines
            if line.drum != "kick"
            for onset in onsets(_bar(line, groove, measure))
        ]
        first = min((step for step in own if step >= 0), default=stop)
        return cls(lines, shift, first, stop)


_NO_FILL = _Fill()


def _target(
    form: Form, measure: Measure, after: Measure | None, hits: Sequence[Fraction], dice: Dice
) -> Fraction | None:
    """Return where the fill of a measure leads, ``None`` for a measure without."""
    if measure.intensity < _QUIET:
        return None
    # A hit at the head of a bar is led up to by the bar before.
    head = _HEAD_STEPS * measure.step_beats
    for hit in hits:
        if measure.start + head < hit <= measure.end + head:
            return min(hit, measure.end)
    phrase = form.phrases[measure.phrase]
    if after is not None:
        later = form.phrases[after.phrase]
        if after.groups != measure.groups or later.section != phrase.section:
            return measure.end
    if not measure.last_in_phrase or measure.place == 0:
        return None
    next_phrase = form.phrases[min(phrase.index + 1, len(form.phrases) - 1)]
    rises = next_phrase.measures[0].intensity > phrase.measures[0].intensity + 0.05
    return measure.end if rises or phrase.is_last or dice.chance(0.6) else None


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
    fill: _Fill,
    shift: int | None = None,
) -> list[Note]:
    """Return the strokes of a line: of the groove, beside a fill, or of a fill with its shift."""
    notes = []
    for written, _, sign in onsets(_bar(line, groove, measure)):
        step = written + (shift or 0)
        if step < 0:
            continue
        if shift is None and fill.first <= step < fill.stop and line.drum != "kick":
            continue
        if sign == "?" and not dice.chance(_SOMETIMES):
            continue
        if measure.is_whole or 0 <= measure.grid[step] < measure.end:
            stroke = _stroke(line.drum, measure, step, velocity(measure, _WEIGHTS[sign]))
            notes += _rolled(stroke, _ROLLS.get(sign, 1) if measure.is_whole else 1)
    return notes


def _rolled(stroke: Note, count: int) -> list[Note]:
    """Return a stroke as ``count`` equal ones in its time."""
    if count == 1:
        return [stroke]
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
