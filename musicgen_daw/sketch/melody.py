"""Melody: phrases that state a motif, vary it, answer it and come to a cadence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from musicgen_daw.sketch.chords import Chord
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.embellish import Sung
from musicgen_daw.sketch.form import Measure, Phrase
from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.motif import PERIOD, Motif, figure
from musicgen_daw.sketch.rhythm import HELD_STEPS, beats_in, fit_tune
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles.pack import Layer

__all__ = ["sing"]

_CADENCE = ("x---x---x-------", "x-------x-------", "x-----x-x-------", "x-x-x---x-------")

_CONTRAST = 2
"""Degrees by which phrases of another kind lie higher than those that state the motif."""

_NEVER = 1e9


class _Slot(NamedTuple):
    """A note of a rhythm: ``strong`` on a felt beat, ``held`` if it also lasts half of one.

    ``long`` is one of a quarter of a bar of 4/4 or more, wherever it begins.
    """

    at: Fraction
    length: Fraction
    strong: bool
    held: bool
    long: bool


def sing(
    motif: Motif,
    phrase: Phrase,
    layer: Layer,
    key: Scale,
    harmony: Harmonisation,
    dice: Dice,
    lift: int = 0,
) -> list[Sung]:
    """Write the melody of one phrase, without the freedoms of the one who plays it.

    The first phrase and every phrase of its kind state the motif, always in one place; the others
    turn it over, a little higher. The second half answers the first, the last measure is a cadence
    that comes by step to a tone of the chord. ``lift`` raises those others by so many degrees.
    """
    stretch = layer.melody.stretch
    blocks = [phrase.measures[at : at + stretch] for at in range(0, len(phrase.measures), stretch)]
    low, high = (key.degree_near(pitch) for pitch in layer.compass)
    higher = 0 if phrase.kind[0] == "A" else _CONTRAST + lift
    home = min(max((low + high) // 2 + higher, low), high)
    figures = dice.child("figure", phrase.kind)
    sung: list[Sung] = []
    for number, block in enumerate(blocks):
        draw = dice.child("cadence", phrase.index, number)
        if number == len(blocks) - 1 and len(blocks) > 1:
            slots = list(_slots(block, draw.pick(_CADENCE)))
            last = sung[-1].degree if sung else home
            degrees = _cadence(slots, last, home, key, harmony, (low, high), closes=phrase.is_last)
        else:
            rhythm, contour = figure(motif, number, len(blocks), phrase.kind[0], figures)
            slots = list(_slots(block, rhythm))
            near = home - (min(contour) + max(contour)) // 2
            if number % PERIOD and sung:
                near = (near + sung[-1].degree) // 2
            degrees = _laid(contour, slots, near, key, harmony, (low, high))
        sung += [
            Sung(slot.at, slot.length, degree, 1.0 if slot.strong else 0.8)
            for degree, slot in zip(degrees, slots, strict=False)
        ]
    return _tame_leaps(sung, layer.melody.leaps, key, harmony, (low, high))


def _laid(
    contour: Sequence[int],
    slots: Sequence[_Slot],
    near: int,
    key: Scale,
    harmony: Harmonisation,
    compass: tuple[int, int],
) -> list[int]:
    """Return the degrees of a contour over its chords.

    Held strong notes are tones of them, and no long one lies a semitone above a tone.
    """
    start = _best_start(contour, slots, key, harmony, near, compass)
    laid: list[int] = []
    before = 0
    for offset, slot in zip(contour, slots, strict=False):
        degree = _fold(start + offset, *compass)
        way = (offset > before) - (offset < before)
        before = offset
        if slot.held:
            chord = harmony.chord_at(slot.at)
            degree = _tone_near(degree, chord, key)
            if way and laid and (degree - laid[-1]) * way <= 0:
                # A step of the motif must not become a repetition.
                degree = _tone_beyond(laid[-1], way, chord, key)
        elif way and laid and (degree - laid[-1]) * way <= 0:
            degree = laid[-1] + way
        if slot.long and harmony.chord_at(slot.at).rubs(key.pitch(degree)):
            # The tone below is one of the chord; above it nothing rubs that soon again.
            degree += 1 if way > 0 else -1
        laid.append(_fold(degree, *compass))
    return laid


def _cadence(
    slots: Sequence[_Slot],
    last: int,
    home: int,
    key: Scale,
    harmony: Harmonisation,
    compass: tuple[int, int],
    *,
    closes: bool,
) -> list[int]:
    """Return the degrees of a cadence: by step, from near the last note, to a tone of the chord.

    It rests on a root if it ``closes`` the cue, elsewhere on what lies nearest.
    """
    if not slots:
        return []
    chord = harmony.chord_at(slots[-1].at)
    goal = harmony.final if closes and harmony.final is not None else chord
    low, high = compass
    best: tuple[float, list[int]] = (_NEVER, [])
    for target in range(max(home - 5, low), min(home + 5, high) + 1):
        pitch_class = key.pitch(target) % 12
        for way in (1, -1):
            walk = [target + way * (len(slots) - 1 - number) for number in range(len(slots))]
            leap = abs(walk[0] - last)
            cost = float(leap) + (1.5 if leap == 0 or way < 0 else 0.0) + 0.4 * abs(target - home)
            cost += 0.0 if pitch_class in chord.classes else 6.0
            cost += 1.5 * (not closes and pitch_class == chord.root)
            # What closes leads on to the root of the last chord, at most a step away.
            cost += 2.0 * (closes and _steps_to(goal.root, target, key) > 1)
            cost += 4.0 * (max(walk) > high or min(walk) < low)
            cost += sum(_rub(degree, slot, key, harmony)
                        for degree, slot in zip(walk[:-1], slots, strict=False))  # fmt: skip
            best = min(best, (cost, walk))
    return [_fold(degree, *compass) for degree in best[1]]


def _slots(block: Sequence[Measure], rhythm: str) -> Iterator[_Slot]:
    """Yield the notes of a rhythm that is spread over all the measures."""
    first, last = block[0], block[-1]
    spread = len(block)
    pulses = set(first.pulses)
    half_beat = first.full_beats / beats_in(first.groups) / 2
    long = HELD_STEPS * first.step_beats
    for onset in fit_tune(rhythm, first.groups):
        at = first.at(onset.step * spread)
        if 0 <= at < last.end:
            length = min(first.at((onset.step + onset.length) * spread), last.end) - at
            strong = onset.step in pulses
            held = strong and length > half_beat
            yield _Slot(at, length, strong, held, long=length >= long)


def _rub(degree: int, slot: _Slot, key: Scale, harmony: Harmonisation) -> float:
    """Return how much a held degree speaks against its chord: most where it is next to a tone."""
    chord, pitch = harmony.chord_at(slot.at), key.pitch(degree)
    if not (slot.held or slot.long) or pitch % 12 in chord.classes:
        return 0.0
    return 4.0 if chord.rubs(pitch) else 1.5 * slot.held


def _best_start(
    contour: Sequence[int],
    slots: Sequence[_Slot],
    key: Scale,
    harmony: Harmonisation,
    near: int,
    compass: tuple[int, int],
) -> int:
    """Return the degree near ``near`` from which most strong notes are tones of their chords."""
    low, high = compass
    chords = [(degree, harmony.chord_at(slot.at), slot.length)
              for degree, slot in zip(contour, slots, strict=False) if slot.strong]  # fmt: skip

    def misfit(start: int) -> float:
        misses = sum(float(length) for degree, chord, length in chords
                     if key.pitch(start + degree) % 12 not in chord.classes)  # fmt: skip
        outside = max(start + max(contour) - high, 0) + max(low - start - min(contour), 0)
        return misses + 0.3 * abs(start - near) + outside

    return min(range(near - 3, near + 4), key=misfit)


def _tone_near(degree: int, chord: Chord, key: Scale) -> int:
    """Return the degree nearest to ``degree`` that is a tone of the chord, itself if none is."""
    for distance in range(4):
        for candidate in (degree - distance, degree + distance):
            if key.pitch(candidate) % 12 in chord.classes:
                return candidate
    return degree


def _tone_beyond(degree: int, way: int, chord: Chord, key: Scale) -> int:
    """Return the next degree above or below that is a tone of the chord."""
    steps = (degree + way * distance for distance in range(1, 5))
    return next((each for each in steps if key.pitch(each) % 12 in chord.classes), degree + way)


def _steps_to(pitch_class: int, degree: int, key: Scale) -> int:
    """Return how many degrees away the nearest pitch of a class lies."""
    return next(
        (distance for distance in range(4)
         if pitch_class in (key.pitch(degree - distance) % 12, key.pitch(degree + distance) % 12)),
        4,
    )  # fmt: skip


def _fold(degree: int, low: int, high: int) -> int:
    """Turn a degree that leaves the compass back into it, as a mirror would."""
    if degree > high:
        degree = 2 * high - degree
    if degree < low:
        degree = 2 * low - degree
    return min(max(degree, low), high)


def _tame_leaps(
    sung: list[Sung], widest: int, key: Scale, harmony: Harmonisation, compass: tuple[int, int]
) -> list[Sung]:
    """Bring a note that lies too far from the one before nearer, onto a tone of its chord."""
    tamed: list[Sung] = []
    for note in sung:
        degree = note.degree
        if tamed and abs(degree - tamed[-1].degree) > widest:
            way = 1 if degree > tamed[-1].degree else -1
            near = tamed[-1].degree + way * min(widest, 3)
            degree = _fold(_tone_near(near, harmony.chord_at(note.start), key), *compass)
        tamed.append(replace(note, degree=degree))
    return tamed
