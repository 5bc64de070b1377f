"""Who plays: the layers of a style pack, as the words and the seed want them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from musicgen_daw.sketch.brief import Brief
from musicgen_daw.sketch.composition import Voice
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.instruments import FAMILIES, INSTRUMENTS
from musicgen_daw.sketch.styles.pack import Layer, MelodyRules, StylePack

__all__ = ["orchestrate", "transposed"]

_REGISTERS = (-5, -4, 4, 5)
"""Semitones by which the players of another take lie lower or higher than in the first one."""

_LOW = 48
"""Below this key chords are muddy: what begins there only goes up."""

_ARPEGGIO = {"4/4": ("1-2-3-4-3-2-3-2-", "1---3---2---4---", "1-3-2-4-3-2-4-3-")}

_GUESTS: dict[str, Layer] = {
    guest.part: guest
    for guest in (
        Layer("strings", "harmony", "sustain", Voice("string-ensemble", -8, width=0.9), (50, 77),
              voices=4),
        Layer("piano", "harmony", "pattern", Voice("piano", -7, -0.1), (48, 76), _ARPEGGIO, 4),
        Layer("electric-piano", "harmony", "pattern", Voice("electric-piano", -8, -0.1), (50, 74),
              {"4/4": ("C---------C-----", "C-----C---------")}, 4),
        Layer("brass", "harmony", "sustain", Voice("brass", -9, 0.15), (45, 67)),
        Layer("choir", "pad", "sustain", Voice("choir", -11, width=0.9), (53, 76)),
        Layer("harp", "harmony", "pattern", Voice("harp", -10, 0.3), (52, 84), _ARPEGGIO, 4,
              spread=True),
        Layer("guitar", "harmony", "pattern", Voice("guitar-nylon", -7, 0.2), (48, 74), _ARPEGGIO,
              4),
        Layer("bells", "lead", "pattern", Voice("bell", -12, 0.25, reverb_send_db=-8), (72, 93),
              {"4/4": ("1-------3-------2---------------", "..3-....2-......")}, 3),
        Layer("mallets", "harmony", "pattern", Voice("mallet", -9, 0.25), (60, 84), _ARPEGGIO, 4),
        Layer("pads", "pad", "sustain", Voice("pad-warm", -11, width=1.0), (48, 72), voices=4),
        Layer("drone", "pad", "drone", Voice("drone", -10, width=0.6, highpass_hz=30), (28, 52),
              voices=2),
        Layer("bass", "bass", "bass",
              Voice("bass-electric", -5, width=0.1, reverb_send_db=None, highpass_hz=18),
              (28, 47), {"4/4": ("R-----R-----5-a-", "R-------R---5---")}),
        Layer("organ", "pad", "sustain", Voice("organ", -13, width=0.6), (50, 74)),
        Layer("chip", "harmony", "pattern", Voice("chip-pulse-12", -12, reverb_send_db=None),
              (55, 79), {"4/4": ("1231231231231234", "1.2.3.2.1.2.3.4.")}),
        Layer("synth-keys", "harmony", "pattern", Voice("synth-pluck", -5, 0.2, delay_send_db=-14),
              (55, 81), _ARPEGGIO, 4),
        Layer("synth-lead", "lead", "melody", Voice("lead-saw", -9, delay_send_db=-14), (60, 84)),
        Layer("flute", "lead", "melody", Voice("flute", -6, 0.1, reverb_send_db=-10), (64, 88),
              melody=MelodyRules(rests=0.15, ornaments=0.15)),
        Layer("drums", "drums", "drums", Voice("kit-acoustic", -4, highpass_hz=18),
              velocity=(60, 110)),
    )
}  # fmt: skip
"""What an instrument plays in a style that has no part for it."""


def orchestrate(pack: StylePack, brief: Brief, least: float, dice: Dice) -> tuple[Layer, ...]:
    """Return the layers of a cue. ``least`` is its lowest intensity: something plays even there."""
    if brief.solo is not None:
        return _soloists(pack, brief.solo)
    wanted = tuple(family for family in brief.wanted if family not in brief.unwanted)
    layers = [
        layer
        for layer in pack.layers
        if _family(layer) not in brief.unwanted
        and not (layer.stem == "drums" and "drums" in brief.unwanted)  # timpani, too
        and (_family(layer) in wanted or dice.child("layer", layer.part).chance(layer.chance))
    ]
    for family in wanted:
        layers = _featured(layers, family)
    return _never_silent(layers or [_GUESTS["pads"]], least)


def transposed(layers: Sequence[Layer], dice: Dice) -> tuple[Layer, ...]:
    """Return the layers in other registers, so that they voice and sing the same chords anew."""
    return tuple(
        _raised(layer, dice.child(layer.part).pick(_REGISTERS))
        if layer.role in ("sustain", "pattern", "melody")
        else layer
        for layer in layers
    )


def _raised(layer: Layer, semitones: int) -> Layer:
    low, high = layer.compass
    if low + semitones < _LOW:
        semitones = abs(semitones)
    # An octave of the instrument has to be left.
    semitones = min(semitones, INSTRUMENTS[layer.voice.instrument].high - 11 - low)
    return replace(layer, compass=(low + semitones, high + semitones))


def _family(layer: Layer) -> str:
    return INSTRUMENTS[layer.voice.instrument].family


def _featured(layers: list[Layer], family: str) -> list[Layer]:
    """Bring an instrument forward, or invite it where the style has no part for it."""
    own = [layer for layer in layers if _family(layer) == family]
    if own:
        first = min(own, key=lambda layer: layer.enters)
        return [
            replace(
                layer,
                enters=0.0,
                leaves=2.0,
                voice=_louder(layer.voice),
                melody=replace(layer.melody, rests=0.0),
            )
            if layer is first and layer.role != "drums"
            else replace(layer, enters=min(layer.enters, 0.6))
            for layer in layers
        ]
    guest = _GUESTS.get(family)
    if guest is None:
        return layers
    if guest.role == "melody":  # it takes the tune over
        layers = [layer for layer in layers if layer.role != "melody"]
    return [*layers, guest]


def _louder(voice: Voice) -> Voice:
    return replace(voice, gain_db=voice.gain_db + 2)


def _soloists(pack: StylePack, family: str) -> tuple[Layer, ...]:
    """Return the layers of one family alone, with a tune among them unless they are drums."""
    own = [replace(layer, enters=min(layer.enters, 0.5), leaves=2.0)
           for layer in pack.layers if _family(layer) == family]  # fmt: skip
    own = own or [_GUESTS[family]]
    if family != "drums" and not any(layer.role == "melody" for layer in own):
        name = FAMILIES[family][0]
        low, high = INSTRUMENTS[name].low, INSTRUMENTS[name].high
        compass = (max(low, min(62, high - 16)), min(high, 86))
        own.append(Layer("tune", "lead", "melody", Voice(name, -4), compass))
    if family not in ("drums", "bass") and all(layer.role == "melody" for layer in own):
        own.append(_GUESTS[family])
    return _never_silent(own, 0.0)


def _never_silent(layers: Sequence[Layer], least: float) -> tuple[Layer, ...]:
    """Let the earliest chordal layer play from the start where no layer would."""
    chordal = [layer for layer in layers if layer.role in ("sustain", "pattern", "melody")]
    if any(layer.enters <= least < layer.leaves for layer in chordal if layer.role != "melody"):
        return tuple(layers)
    first = min(chordal or layers, key=lambda layer: (layer.role == "melody", layer.enters))
    return tuple(replace(layer, enters=0.0) if layer is first else layer for layer in layers)
