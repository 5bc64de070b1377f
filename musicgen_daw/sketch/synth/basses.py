"""Basses."""

from __future__ import annotations

import numpy as np

from musicgen_daw.sketch.synth.solo import Solo
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, lowpassed
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.strung import Strung
from musicgen_daw.sketch.synth.sustained import Brightness

__all__ = ["BASSES"]

UPRIGHT = Strung(
    stiffness=0.0003,
    contact=0.27,
    soft_hz=500.0,
    hard_hz=1200.0,
    slope=1.3,
    t60_s=2.2,
    halving_octaves=2.5,
    loss_hz=650.0,
    strings=2,
    detune_cents=0.4,
    aftersound=0.35,
    resonances=((62.0, 0.4, 3.0), (105.0, 0.3, 4.0), (230.0, 0.35, 3.0), (900.0, 0.7, 4.0)),
    attack_s=0.003,
    knock=(1100.0, -24.0, 0.045),
    spread=0.12,
)
ELECTRIC = Strung(
    stiffness=0.0001,
    contact=0.17,
    soft_hz=900.0,
    hard_hz=3600.0,
    slope=1.4,
    t60_s=4.0,
    halving_octaves=2.5,
    loss_hz=900.0,
    resonances=((90.0, 0.7, 2.0), (750.0, 0.9, 3.0)),
    attack_s=0.0015,
    knock=(2200.0, -28.0, 0.02),
    spread=0.05,
)


def saw(corner_hz: float) -> Spectrum:
    """Return the spectrum of a saw behind a resonant low-pass filter."""

    def shape(frequencies_hz: Curve) -> Curve:
        resonance = 1.0 + 0.9 * np.exp(-((np.log2(frequencies_hz / corner_hz) / 0.35) ** 2))
        gain: Curve = resonance * lowpassed(frequencies_hz, corner_hz, 2.0) / frequencies_hz
        return gain

    return shape


def sub(second: float) -> Spectrum:
    """Return a sine with a trace of its first overtones, by partial number."""

    def shape(numbers: Curve) -> Curve:
        trace: Curve = np.where(numbers <= 6, second ** (numbers - 1), 0.0)
        return trace

    return shape


BASSES = (
    Solo(
        "bass-sub",
        (sub(0.06), sub(0.3)),
        level_db=-11.0,
        attack_s=0.006,
        release_s=0.06,
        brightness=Brightness(soft=0.2, loud=0.9, follow=0.2, flash=0.4, flash_s=0.06),
        decay_s=4.0,
        sustain=0.6,
        by_number=True,
        airy=False,
    ),
    Struck(
        "bass-upright",
        UPRIGHT.strike,
        level_db=-11.0,
        ring_s=2.4,
        damp_s=0.07,
        round_robin=2,
        airy=False,
    ),
    Struck(
        "bass-electric", ELECTRIC.strike, level_db=-11.0, ring_s=3.4, damp_s=0.06, round_robin=2
    ),
    Solo(
        "bass-synth",
        (saw(140.0), saw(400.0), saw(1000.0), saw(2600.0), saw(6000.0)),
        level_db=-13.0,
        voices=((-4.0, -0.25), (4.0, 0.25)),
        attack_s=0.003,
        release_s=0.05,
        brightness=Brightness(soft=0.1, loud=0.55, follow=0.3, flash=0.45, flash_s=0.35),
        decay_s=3.0,
        sustain=0.7,
        airy=False,
    ),
)
"""The basses by name."""
