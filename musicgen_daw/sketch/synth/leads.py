"""Lead synthesisers."""

from __future__ import annotations

import numpy as np

from musicgen_daw.sketch.synth.basses import saw
from musicgen_daw.sketch.synth.solo import Solo
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, lowpassed
from musicgen_daw.sketch.synth.sustained import Brightness

__all__ = ["LEADS"]


def hollow(corner_hz: float) -> Spectrum:
    """Return the spectrum of a softened triangle: odd partials first, some of the even."""

    def shape(frequencies_hz: Curve) -> Curve:
        number = np.rint(frequencies_hz / frequencies_hz[0])
        odd = np.where(number % 2 == 1, 1.0, 0.35)
        gain: Curve = odd / number**1.5 * lowpassed(frequencies_hz, corner_hz, 1.0)
        return gain

    return shape


LEADS = (
    Solo(
        "lead-soft",
        (hollow(1000.0), hollow(6000.0)),
        level_db=-17.0,
        voices=((-4.0, -0.6), (0.0, 0.0), (4.0, 0.6)),
        attack_s=0.03,
        release_s=0.15,
        brightness=Brightness(soft=0.1, loud=0.9, follow=0.3, flash=0.2, flash_s=0.2),
        vibrato_cents=13.0,
        vibrato_delay_s=0.4,
        airy=False,
    ),
    Solo(
        "lead-saw",
        (saw(700.0), saw(2000.0), saw(6000.0), saw(14000.0)),
        level_db=-17.0,
        voices=((-9.0, -0.8), (-3.5, 0.4), (4.0, -0.4), (8.5, 0.8)),
        attack_s=0.008,
        release_s=0.12,
        brightness=Brightness(soft=0.25, loud=0.9, follow=0.2, flash=0.3, flash_s=0.25),
        vibrato_cents=8.0,
        vibrato_delay_s=0.5,
    ),
)
"""The leads by name."""
