"""How a cue ends: the last chord, and the lane of dynamics over the whole."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from musicgen_daw.sketch.chords import Chord, voice
from musicgen_daw.sketch.form import Form
from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.instruments import DRUM_KEYS
from musicgen_daw.sketch.sheet import compass_of
from musicgen_daw.sketch.styles.pack import Layer
from musicgen_daw.timeline import Note

__all__ = ["dynamics", "last_chord", "plays_last_chord"]

SILENCE_DB = -80.0
_LONGEST_BUTTON_S = Fraction(45, 100)
_NEAR_ROOT = 3
"""Semitones by which another tone must lie nearer than the root for a tune to end on it."""


def plays_last_chord(layer: Layer, notes: Sequence[Note], form: Form) -> bool:
    """Return whether a layer is still playing when the last chord comes."""
    if not notes or form.final is None:
        return False
    last = max(note.start_beats + note.length_beats for note in notes[-8:])
    return layer.role != "texture" and last > form.phrases[-1].measures[-1].start - 4


def last_chord(layer: Layer, notes: Sequence[Note], form: Form, harmony: Harmonisation,
               ending: str) -> list[Note]:  # fmt: skip
    """Return what a layer plays on the last chord."""
    chord, start = harmony.final, form.final
    if chord is None or start is None:
        return []
    end = _release(form, start, ending)
    compass = compass_of(layer)
    pitches: tuple[int, ...]
    # All players strike at once: on a button with force, else none of them needs to.
    stress = 6 if ending == "button" else -6
    loudest = max((note.velocity for note in notes[-16:]), default=80)
    velocity = min(max(loudest + stress, 1), 124)
    if layer.role == "drums":
        drums = (DRUM_KEYS["kick"], DRUM_KEYS["crash"])
        return [Note(start, end - start, drum, velocity) for drum in drums]
    if layer.role in ("bass", "drone"):
        pitches = (compass[0] + (chord.root - compass[0]) % 12,)
    elif layer.role == "melody":
        pitches = (_rest(chord, notes[-1].pitch, compass),)
    else:
        pitches = voice(chord, compass, layer.voices, _last_pitches(notes), spread=layer.spread)
        if layer.stem == "lead":  # a part of single notes ends on one
            pitches = pitches[-1:]
    return [Note(start, end - start, pitch, velocity) for pitch in pitches]


def dynamics(
    form: Form, ending: str, length_s: Fraction, tail_s: Fraction
) -> tuple[tuple[float, float], ...]:
    """Return ``(second, gain_db)``: the phrases' rise and fall, then the ending's fade."""
    length, stop = float(length_s), float(length_s + tail_s)
    levels = [
        (float(form.tempo_map.seconds_at(max(phrase.measures[0].start, Fraction(0)))),
         sum(measure.intensity for measure in phrase.measures) / len(phrase.measures))
        for phrase in form.phrases
    ]  # fmt: skip
    mean = sum(level for _, level in levels) / len(levels)
    points = [(at, max(-3.0, min(3.0, 5 * (level - mean)))) for at, level in levels]
    if ending == "loop":  # the seam joins two equal levels
        points.append((length, points[0][1]))
        return tuple(points)
    last = points[-1][1]
    for share_of_time, gain_db in _fade(form, ending, length, stop):
        points = [point for point in points if point[0] < share_of_time or gain_db < -1]
        points.append((share_of_time, last + gain_db))
    return tuple(sorted(points))


def _fade(form: Form, ending: str, length: float, stop: float) -> list[tuple[float, float]]:
    """Return second and gain of the points of the last fade."""
    if ending == "fade":
        fade_s = min(max(0.25 * length, 4.0), 12.0, 0.6 * length)
        shape = ((0.0, 0.0), (0.35, -4.0), (0.65, -11.0), (0.85, -22.0), (1.0, SILENCE_DB))
        return [(length - fade_s * (1 - share), gain_db) for share, gain_db in shape]
    if ending == "cut":
        return [(length, 0.0), (length + 0.01, SILENCE_DB)]
    start = length * 0.5 if form.final is None else float(form.tempo_map.seconds_at(form.final))
    room = stop - start
    return [(start, 0.0), (start + 0.5 * room, -0.5), (start + 0.8 * room, -3.0),
            (start + 0.98 * room, -12.0), (stop, SILENCE_DB)]  # fmt: skip


def _release(form: Form, start: Fraction, ending: str) -> Fraction:
    """Return where the last chord is let go."""
    if ending == "button":
        return min(form.later(start, _LONGEST_BUTTON_S), form.end)
    return form.end


def _rest(chord: Chord, pitch: int, compass: tuple[int, int]) -> int:
    """Return where a tune comes to rest: the nearest tone of a chord, the root if it is near."""
    inside = [each for each in range(compass[0], compass[1] + 1) if each % 12 in chord.tones[:3]]
    return min(inside, key=lambda each: abs(each - pitch) + _NEAR_ROOT * (each % 12 != chord.root))


def _last_pitches(notes: Sequence[Note]) -> tuple[int, ...]:
    """Return the pitches of the last chord that a layer played."""
    start = notes[-1].start_beats
    return tuple(sorted({note.pitch for note in notes[-8:] if note.start_beats == start}))
