"""Stingers: cues too short for a phrase are one gesture on the tonic chord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.sketch.chords import diatonic, parse_chord, voice
from musicgen_daw.sketch.instruments import DRUM_KEYS
from musicgen_daw.sketch.players import play
from musicgen_daw.sketch.sheet import Sheet, compass_of
from musicgen_daw.sketch.styles.pack import Layer
from musicgen_daw.timeline import Note

__all__ = ["gesture"]

_RUN_S = Fraction(9, 100)
"""The time from one note of a broken chord to the next."""


def gesture(sheet: Sheet, layers: Sequence[Layer], *, is_cut: bool = False) -> list[list[Note]]:
    """Return what every layer plays in a stinger: chord, root, stroke, or a run up to the chord.

    It is let go before the end, unless the stinger is cut there. What would be left out, textures
    and layers of a high intensity, plays where nothing else does, as everything else is refused.
    """
    figures = [_figure(sheet, layer, is_cut=is_cut) for layer in layers]
    if any(figures):
        return figures
    present = [replace(layer, enters=0.0) for layer in layers]
    return [
        play(sheet, layer) if layer.role == "texture" else _figure(sheet, layer, is_cut=is_cut)
        for layer in present
    ]


def _figure(sheet: Sheet, layer: Layer, *, is_cut: bool) -> list[Note]:
    if layer.role == "texture" or layer.enters > 0.75:
        return []
    chord = diatonic(parse_chord("i" if sheet.key.is_minor else "I", sheet.key), sheet.key)
    form = sheet.form
    low, _ = compass = compass_of(layer)
    velocity = min(layer.velocity[1] + 4, 124)
    zero = Fraction(0)
    end = form.end if is_cut else form.end * Fraction(4, 5)
    if layer.role == "drums":
        drums = (DRUM_KEYS["kick"], DRUM_KEYS["crash"])
        return [Note(zero, end, drum, velocity) for drum in drums]
    if layer.role in ("bass", "drone"):
        return [Note(zero, end, low + (chord.root - low) % 12, velocity)]
    pitches = voice(chord, compass, layer.voices, spread=layer.spread)
    if layer.role == "sustain":
        return [Note(zero, end, pitch, velocity) for pitch in pitches]
    if layer.role == "melody":
        pitches = pitches[-1:] if form.length_s < 1 else voice(chord, compass, 4)
    step = min(form.later(zero, _RUN_S), end / (2 * len(pitches)))
    return [
        Note(
            number * step,
            end - number * step,
            pitch,
            max(velocity - 8 * (len(pitches) - number), 30),
        )
        for number, pitch in enumerate(pitches)
    ]
