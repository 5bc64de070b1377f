"""What a player makes of a tune as it is written: graces, runs, notes before the beat, breaths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import Measure, Phrase
from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.rhythm import HELD_STEPS
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles.pack import MelodyRules

__all__ = ["Sung", "embellished"]

_EIGHTH = 2
"""Steps of an eighth."""

_SOFTER = 0.15
"""By how much what a held note falls to is softer."""

_PEAK = 0.6
"""Where in a phrase a tune is loudest, …"""

_SWELL = 0.2
"""… and by how much of a note's strength."""


@dataclass(frozen=True, slots=True)
class Sung:
    """One note of a melody: where (in beats), how long, which degree of the key, how strong."""

    start: Fraction
    length: Fraction
    degree: int
    strength: float

    @property
    def end(self) -> Fraction:
        """Where it ends."""
        return self.start + self.length


def embellished(
    sung: Sequence[Sung],
    phrase: Phrase,
    rules: MelodyRules,
    key: Scale,
    harmony: Harmonisation,
    dice: Dice,
) -> list[Sung]:
    """Return the tune of a phrase as it is played."""
    if not sung:  # what is left of a bar may have no room for a note
        return []
    notes = _following(sung, phrase, key, harmony)
    notes = _resolving(notes, phrase, key, harmony)
    notes = _with_runs(notes, phrase, rules.runs, dice.child("runs"))
    notes = _graced(notes, phrase, rules.ornaments, dice.child("ornaments"))
    notes = _pushed(notes, phrase, rules.pushes, dice.child("pushes"))
    return _swelling(notes if phrase.is_last else _breathing(notes), phrase)


def _following(
    sung: Sequence[Sung], phrase: Phrase, key: Scale, harmony: Harmonisation
) -> list[Sung]:
    """Let a note that would rub against the next chord move into it by step."""
    worth = _EIGHTH * phrase.measures[0].step_beats
    moved: list[Sung] = []
    for note in sung:
        rest = note
        index = harmony.index_at(note.start) + 1
        for span in harmony.spans[index:]:
            if span.start >= rest.end:
                break
            inside = span.start > rest.start and rest.end - span.start >= worth
            if not inside or key.pitch(rest.degree) % 12 in span.chord.classes:
                continue
            near = (rest.degree - 1, rest.degree + 1, rest.degree - 2, rest.degree + 2)
            fits = (each for each in near if key.pitch(each) % 12 in span.chord.classes)
            moved.append(replace(rest, length=span.start - rest.start))
            degree = next(fits, rest.degree)
            rest = replace(rest, start=span.start, length=rest.end - span.start, degree=degree)
        moved.append(rest)
    return moved


def _resolving(
    notes: Sequence[Sung], phrase: Phrase, key: Scale, harmony: Harmonisation
) -> list[Sung]:
    """Let a held note that rubs against its chord fall by step to a tone of it, half way through.

    Where the next note does that anyway, it is a suspension as it stands.
    """
    held = HELD_STEPS * phrase.measures[0].step_beats
    done: list[Sung] = []
    for note, after in zip(notes, [*notes[1:], None], strict=True):
        chord = harmony.chord_at(note.start)
        rubs = chord.rubs(key.pitch(note.degree)) and note.length >= held
        falls = after is not None and (after.degree, after.start) == (note.degree - 1, note.end)
        if rubs and not falls and key.pitch(note.degree - 1) % 12 in chord.classes:
            half = note.length / 2
            done.append(replace(note, length=half))
            note = Sung(note.start + half, half, note.degree - 1, note.strength - _SOFTER)
        done.append(note)
    return done


def _with_runs(notes: Sequence[Sung], phrase: Phrase, chance: float, dice: Dice) -> list[Sung]:
    """Walk some leaps by step, in eighths before the note that they lead to."""
    if not chance:
        return list(notes)
    lines = _eighths(phrase)
    done: list[Sung] = []
    for note, after in zip(notes, [*notes[1:], None], strict=True):
        done.append(note)
        if after is None or not 2 <= abs(after.degree - note.degree) <= 4:
            continue
        inside = [line for line in lines if note.start < line < after.start]
        way = 1 if after.degree > note.degree else -1
        count = min(abs(after.degree - note.degree) - 1, len(inside))
        if note.end != after.start or not count or not dice.chance(chance):
            continue
        first = inside[-count:]
        done[-1] = replace(note, length=first[0] - note.start)
        done += [
            Sung(at, stop - at, after.degree - way * (count - number), 0.7)
            for number, (at, stop) in enumerate(pairwise([*first, after.start]))
        ]
    return done


def _graced(notes: Sequence[Sung], phrase: Phrase, chance: float, dice: Dice) -> list[Sung]:
    """Lead into some notes with the neighbour from above, taken from the note before."""
    longest = _EIGHTH * phrase.measures[0].step_beats
    done: list[Sung] = []
    for index, note in enumerate(notes):
        after = notes[index + 1] if index + 1 < len(notes) else None
        if after is not None and note.strength == 1.0 and dice.chance(chance):
            turn = min(note.length / 4, longest)
            done.append(replace(note, length=note.length - turn))
            neighbour = after.degree + (1 if note.degree >= after.degree else -1)
            done.append(Sung(note.start + note.length - turn, turn, neighbour, 0.65))
        else:
            done.append(note)
    return done


def _pushed(notes: Sequence[Sung], phrase: Phrase, chance: float, dice: Dice) -> list[Sung]:
    """Begin some notes of the beat an eighth before it, where the note before is long enough."""
    if not chance:
        return list(notes)
    beats = {measure.grid[pulse] for measure in phrase.measures for pulse in measure.pulses}
    earlier = dict(pairwise(_eighths(phrase)))
    before_of = {after: before for before, after in earlier.items()}
    done = list(notes[:1])
    for note in notes[1:]:
        at = before_of.get(note.start)
        room = at is not None and at - done[-1].start >= note.start - at
        if at is not None and room and note.start in beats and dice.chance(chance):
            done[-1] = replace(done[-1], length=min(done[-1].length, at - done[-1].start))
            note = replace(note, start=at, length=note.end - at)
        done.append(note)
    return done


def _breathing(notes: list[Sung]) -> list[Sung]:
    """Leave the last note early, as one does who has to breathe."""
    return [*notes[:-1], replace(notes[-1], length=notes[-1].length * 3 / 4)] if notes else notes


def _swelling(notes: Sequence[Sung], phrase: Phrase) -> list[Sung]:
    """Let a phrase grow to its second half, and come back at its end."""
    start, end = float(phrase.measures[0].start), float(phrase.measures[-1].end)
    swelled = []
    for note in notes:
        place = min(max((float(note.start) - start) / (end - start), 0.0), 1.0)
        rise = place / _PEAK if place < _PEAK else (1 - place) / (1 - _PEAK)
        swelled.append(replace(note, strength=note.strength - _SWELL * (1 - rise)))
    return swelled


def _eighths(phrase: Phrase) -> list[Fraction]:
    """Return where the eighths of a phrase begin, in time with the swing."""
    return [line for measure in phrase.measures for line in _lines(measure)]


def _lines(measure: Measure) -> list[Fraction]:
    return [line for line in measure.grid[:-1:_EIGHTH] if 0 <= line < measure.end]
