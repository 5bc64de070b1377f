"""What players do for each other: a second tune gives way, the bass drum strikes with its bass."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.sketch.drumming import with_bass
from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.sheet import Sheet, compass_of
from musicgen_daw.sketch.styles.pack import Layer
from musicgen_daw.timeline import Note

__all__ = ["together"]

_HEARD = 0.45
"""Beats for which two notes sound together before anybody minds."""

_WAYS = (-1, 1, -2, 2, -3, 3)
"""Degrees by which a note may give way, the nearest first."""


def together(sheet: Sheet, layers: Sequence[Layer], played: list[list[Note]]) -> list[list[Note]]:
    """Return what the players of layers play when they hear each other.

    Tunes give way to those of the layers before them, and a kit follows the layer that
    ``leads_kick``.
    """
    leading = [notes for layer, notes in zip(layers, played, strict=True) if layer.leads_kick]
    sung: list[Note] = []
    heard = []
    for layer, notes in zip(layers, played, strict=True):
        if layer.role == "melody":
            notes = _agreeing(notes, sung, compass_of(layer), sheet.key, sheet.harmony)
            sung = sorted([*sung, *notes], key=lambda note: float(note.start_beats))
        elif layer.role == "drums" and leading:
            notes = with_bass(notes, leading[0], sheet.form)
        heard.append(notes)
    return heard


def _agreeing(
    notes: Sequence[Note],
    sung: Sequence[Note],
    compass: tuple[int, int],
    key: Scale,
    harmony: Harmonisation,
) -> list[Note]:
    """Return a tune whose notes give way, to tones of the chord, where they rub against ``sung``.

    ``sung`` are the notes of another tune in order; ``compass`` is that of the one that yields.
    """
    if not sung:
        return list(notes)
    starts = [float(note.start_beats) for note in sung]
    longest = max(float(note.length_beats) for note in sung)
    return [_given_way(note, sung, starts, longest, compass, key, harmony) for note in notes]


def _given_way(
    note: Note,
    sung: Sequence[Note],
    starts: Sequence[float],
    longest: float,
    compass: tuple[int, int],
    key: Scale,
    harmony: Harmonisation,
) -> Note:
    start, end = float(note.start_beats), float(note.start_beats + note.length_beats)
    first, last = bisect_right(starts, start - longest), bisect_right(starts, end)
    together = [other for other in sung[first:last] if _overlap(note, other) > _HEARD]
    if not any(_rubs(note.pitch, note.start_beats, other, harmony) for other in together):
        return note
    classes = harmony.chord_at(note.start_beats).classes
    degree = key.degree_near(note.pitch)
    for way in _WAYS:
        pitch = key.pitch(degree + way)
        if not compass[0] <= pitch <= compass[1] or pitch % 12 not in classes:
            continue
        if not any(_rubs(pitch, note.start_beats, other, harmony) for other in together):
            return replace(note, pitch=pitch)
    return note


def _overlap(one: Note, other: Note) -> float:
    start = max(one.start_beats, other.start_beats)
    end = min(one.start_beats + one.length_beats, other.start_beats + other.length_beats)
    return float(end - start)


def _rubs(pitch: int, at: Fraction, other: Note, harmony: Harmonisation) -> bool:
    """Return whether two pitches are a semitone or, unless the chord has both, a tone apart."""
    apart = (pitch - other.pitch) % 12
    if apart in (1, 11):
        return True
    classes = harmony.chord_at(max(at, other.start_beats)).classes
    return apart in (2, 10) and not {pitch % 12, other.pitch % 12} <= classes
