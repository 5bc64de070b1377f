"""Synthesisers of dance music: stacks of saws, plucks, stabs."""

from __future__ import annotations

from musicgen_daw.sketch.synth.basses import saw
from musicgen_daw.sketch.synth.loops import Section
from musicgen_daw.sketch.synth.solo import Solo
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, lowpassed
from musicgen_daw.sketch.synth.sustained import Brightness, Sustained

__all__ = ["SYNTHS"]


def open_saw(corner_hz: float) -> Spectrum:
    """Return the spectrum of a saw behind a gentle filter without resonance."""

    def shape(frequencies_hz: Curve) -> Curve:
        gain: Curve = lowpassed(frequencies_hz, corner_hz, 1.6) / frequencies_hz
        return gain

    return shape


SYNTHS = (
    Sustained(
        "supersaw",
        Section(
            (open_saw(900.0), open_saw(3200.0), open_saw(13000.0)),
            players=7,
            detune_cents=13.0,
            vibrato_cents=0.5,
        ),
        level_db=-18.0,
        attack_s=0.012,
        release_s=0.16,
        brightness=Brightness(soft=0.3, loud=0.9, follow=0.2, flash=0.2, flash_s=0.3),
        swell_db=0.5,
    ),
    Sustained(
        "pad-saw",
        Section(
            (open_saw(420.0), open_saw(1500.0), open_saw(6000.0)),
            players=5,
            detune_cents=9.0,
            vibrato_cents=2.0,
            vibrato_hz=3.1,
        ),
        level_db=-18.0,
        attack_s=0.22,
        release_s=0.5,
        brightness=Brightness(soft=0.15, loud=0.75, follow=0.3, wave=0.15),
        airy=False,
    ),
    Sustained(
        "synth-stab",
        Section(
            (saw(350.0), saw(1100.0), saw(3400.0), saw(9000.0)),
            players=6,
            detune_cents=8.0,
            vibrato_cents=0.5,
        ),
        level_db=-15.0,
        attack_s=0.006,
        release_s=0.12,
        brightness=Brightness(soft=0.1, loud=0.5, follow=0.4, flash=0.5, flash_s=0.22),
        decay_s=1.6,
        airy=False,
    ),
    Solo(
        "synth-pluck",
        (saw(400.0), saw(1300.0), saw(4000.0), saw(10000.0)),
        level_db=-15.0,
        voices=((-6.0, -0.7), (6.0, 0.7)),
        attack_s=0.003,
        release_s=0.1,
        brightness=Brightness(soft=0.05, loud=0.4, follow=0.5, flash=0.6, flash_s=0.2),
        decay_s=0.9,
        sustain=0.05,
    ),
)
"""The synthesisers by name."""
