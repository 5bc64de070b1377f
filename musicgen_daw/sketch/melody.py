"""Melody: a motif made from the theme alone, and phrases that repeat, vary and answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.sketch.chords import Chord
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import Measure, Phrase
from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.rhythm import BAR_STEPS, beats_in, fit_tune, onsets
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles.pack import Layer

__all__ = ["Motif", "Sung", "make_motif", "sing"]

_OPENINGS = (
    "x---x-x-x---x---",
    "x-----x-x---x---",
    "x---x---x-x-x---",
    "x-x-x---x---x---",
    "x-------x---x-x-",
    "x---x-----x-x---",
    "x-x-x-x-x-------",
    "x-----x-x-x-x---",
)
_ANSWERS = (
    "x---x---x-------",
    "x-x-x---x-------",
    "x-----x-x-------",
    "x-------x-------",
    "x---x-x-x-------",
    "x-------x---x---",
)
_CADENCE = ("x---x---x-------", "x-------x-------", "x-----x-x-------", "x-x-x---x-------")


@dataclass(frozen=True, slots=True)
class Motif:
    """A musical idea of two bars of 4/4: rhythms as patterns, contours as degrees from the first
    note.
    """

    rhythms: tuple[str, str]
    contours: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Sung:
    """One note of a melody: where (in beats), how long, which degree of the key, how strong."""

    start: Fraction
    length: Fraction
    degree: int
    strength: float


def make_motif(theme: str, theme_seed: int) -> Motif:
    """Make the motif of a theme: mostly steps, one leap that is answered by a step back."""
    dice = Dice("motif", theme, theme_seed)
    rhythms = (dice.pick(_OPENINGS), dice.pick(_ANSWERS))
    direction = 1 if dice.chance(0.65) else -1
    contours = []
    for rhythm, turn in zip(rhythms, (direction, -direction), strict=True):
        count = len(onsets(rhythm))
        leap_at = 1 + int(dice.share() * max(count - 2, 1))
        degree, contour = 0, [0]
        for number in range(1, count):
            if number == leap_at:
                degree += turn * dice.pick((2, 2, 3, 4))
            elif number == leap_at + 1:
                degree -= turn
            else:
                degree += dice.pick((turn, turn, turn, -turn, 0))
            contour.append(degree)
        contours.append(tuple(contour))
    return Motif(rhythms, (contours[0], contours[1]))


def sing(
    motif: Motif,
    phrase: Phrase,
    layer: Layer,
    key: Scale,
    harmony: Harmonisation,
    dice: Dice,
    before: int | None,
) -> list[Sung]:
    """Write the melody of one phrase.

    The first phrase and every phrase of its kind state the motif; the others turn it over. The
    second half answers the first, the last measure is a cadence on a tone of the chord. ``before``
    is the degree on which the melody stood, so that phrases join.
    """
    stretch = layer.melody.stretch
    blocks = [phrase.measures[at : at + stretch] for at in range(0, len(phrase.measures), stretch)]
    low, high = (key.degree_near(pitch) for pitch in layer.compass)
    home = _near(before, (low + high) // 2, low, high)
    sung: list[Sung] = []
    for number, block in enumerate(blocks):
        ends = number == len(blocks) - 1 and len(blocks) > 1
        rhythm, contour = _figure(motif, number, phrase.kind[0], ends, dice.child("figure", number))
        slots = list(_slots(block, rhythm))
        chord = harmony.chord_at(slots[0][0]) if slots else harmony.spans[0].chord
        start = _best_start(contour, slots, key, harmony, _tone_near(home, chord, key))
        notes = []
        for degree, (at, length, strong) in zip(contour, slots, strict=False):
            placed = _fold(start + degree, low, high)
            if strong and length > block[0].full_beats / beats_in(block[0].groups) / 2:
                placed = _tone_near(placed, harmony.chord_at(at), key)
            notes.append(Sung(at, length, placed, 1.0 if strong else 0.8))
        if ends and notes:
            last = notes[-1]
            target = _tone_near(last.degree, harmony.chord_at(last.start), key)
            notes[-1] = replace(last, degree=_fold(target, low, high))
        sung += _ornamented(notes, layer.melody.ornaments, dice.child("ornament", number))
        home = notes[-1].degree if notes else home
    return _tame_leaps(sung, layer.melody.leaps, key, harmony, (low, high))


def _figure(
    motif: Motif, number: int, kind: str, ends: bool, dice: Dice
) -> tuple[str, tuple[int, ...]]:
    """Return rhythm and contour of the block of a number in its phrase."""
    half = number % 2
    rhythm, contour = motif.rhythms[half], motif.contours[half]
    if ends:
        rhythm = dice.pick(_CADENCE)
        return rhythm, _cadence_contour(contour, len(onsets(rhythm)))
    if kind == "A" and number < 2:
        return rhythm, contour
    turned = tuple(-degree for degree in contour)
    backwards = tuple(degree - contour[-1] for degree in reversed(contour))
    variations: tuple[Callable[[], tuple[str, tuple[int, ...]]], ...] = (
        lambda: (rhythm, contour),
        lambda: (rhythm, turned),
        lambda: (rhythm, backwards),
        lambda: _fragment(motif),
        lambda: (motif.rhythms[1 - half], _cadence_contour(contour, 16)),
    )
    return dice.pick(variations if kind != "A" else variations[:2] + variations[3:4])()


def _fragment(motif: Motif) -> tuple[str, tuple[int, ...]]:
    """Repeat the head of the motif a degree higher: half a bar, twice."""
    head = motif.rhythms[0][: BAR_STEPS // 2]
    count = len(onsets(head))
    contour = motif.contours[0][:count]
    return head + head, contour + tuple(degree + 1 for degree in contour)


def _cadence_contour(contour: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Walk down by step from the motif's height to its first note."""
    height = min(3, max(max(contour), count - 1))
    return tuple(max(height - number, 0) for number in range(count))


def _slots(block: tuple[Measure, ...], rhythm: str) -> Iterator[tuple[Fraction, Fraction, bool]]:
    """Yield start, length and weight of each note of a rhythm, spread over all the measures."""
    first, last = block[0], block[-1]
    groups = first.groups
    spread = len(block)
    pulses = set(first.pulses)
    end = last.end
    for onset in fit_tune(rhythm, groups):
        at = first.at(onset.step * spread)
        if 0 <= at < end:
            stop = min(first.at((onset.step + onset.length) * spread), end)
            yield at, stop - at, onset.step in pulses


def _best_start(
    contour: tuple[int, ...],
    slots: list[tuple[Fraction, Fraction, bool]],
    key: Scale,
    harmony: Harmonisation,
    near: int,
) -> int:
    """Return the degree near ``near`` from which most strong notes are tones of their chords."""
    chords = [(degree, harmony.chord_at(at), length) for degree, (at, length, strong)
              in zip(contour, slots, strict=False) if strong]  # fmt: skip

    def misfit(start: int) -> float:
        misses = sum(float(length) for degree, chord, length in chords
                     if key.pitch(start + degree) % 12 not in chord.classes)  # fmt: skip
        return misses + 0.3 * abs(start - near)

    return min(range(near - 3, near + 4), key=misfit)


def _tone_near(degree: int, chord: Chord, key: Scale) -> int:
    """Return the degree nearest to ``degree`` that is a tone of the chord, itself if none is."""
    for distance in range(4):
        for candidate in (degree - distance, degree + distance):
            if key.pitch(candidate) % 12 in chord.classes:
                return candidate
    return degree


def _near(before: int | None, middle: int, low: int, high: int) -> int:
    """Return where a phrase starts: half way from the last note back to the middle."""
    return middle if before is None else min(max((before + middle) // 2, low), high)


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


def _ornamented(notes: list[Sung], chance: float, dice: Dice) -> list[Sung]:
    """Lead into some notes with the neighbour from above, taken from the note before."""
    done: list[Sung] = []
    for index, note in enumerate(notes):
        after = notes[index + 1] if index + 1 < len(notes) else None
        if after is not None and note.strength == 1.0 and dice.chance(chance):
            turn = note.length / 4
            done.append(replace(note, length=note.length - turn))
            neighbour = after.degree + (1 if note.degree >= after.degree else -1)
            done.append(Sung(note.start + note.length - turn, turn, neighbour, 0.65))
        else:
            done.append(note)
    return done
