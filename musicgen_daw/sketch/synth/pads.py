"""Pads, drones and textures: clouds that move slowly and never repeat to the ear."""

from __future__ import annotations

import numpy as np

from musicgen_daw.sketch.synth.loops import Cloud
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, body, lowpassed
from musicgen_daw.sketch.synth.sustained import Brightness, Sustained

__all__ = ["PADS"]


def analogue(corner_hz: float, slope: float = 1.0) -> Spectrum:
    """Return the spectrum of a saw behind a low-pass filter."""

    def shape(frequencies_hz: Curve) -> Curve:
        saw = np.maximum(frequencies_hz, 20.0) ** -slope
        gain: Curve = saw * lowpassed(frequencies_hz, corner_hz, 1.7)
        return gain

    return shape


def shimmer(frequencies_hz: Curve) -> Curve:
    """Return the spectrum of the air above a pad."""
    return body(frequencies_hz, (7500.0, 1.0, 26.0)) * lowpassed(frequencies_hz, 12000.0, 1.0)


GLASS = tuple(
    zip(
        (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24),
        (1.0, 0.5, 0.45, 0.22, 0.2, 0.18, 0.16, 0.1, 0.12, 0.08, 0.05, 0.04),
        strict=True,
    )
)
DRONE = tuple(
    zip(
        (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 12.0, 16.0),
        (0.5, 1.0, 0.4, 0.6, 0.35, 0.25, 0.1, 0.14, 0.1, 0.06, 0.06, 0.03),
        strict=True,
    )
)

PADS = (
    Sustained(
        "pad-warm",
        Cloud(
            (analogue(700.0), analogue(3200.0)),
            spread_cents=9.0,
            breath=shimmer,
            breath_db=-28.0,
        ),
        level_db=-18.0,
        attack_s=0.7,
        release_s=0.9,
        brightness=Brightness(soft=0.2, loud=0.8, follow=0.3, wave=0.15),
        airy=False,
    ),
    Sustained(
        "pad-dark",
        Cloud((analogue(260.0, 1.2), analogue(900.0, 1.1)), spread_cents=11.0),
        level_db=-17.0,
        attack_s=0.9,
        release_s=1.1,
        brightness=Brightness(soft=0.1, loud=0.7, follow=0.3, wave=0.2),
        airy=False,
    ),
    Sustained(
        "pad-glass",
        Cloud(
            (analogue(900.0, 0.1), analogue(7000.0, 0.1)),
            partials=GLASS,
            spread_cents=5.0,
            breath=shimmer,
            breath_db=-30.0,
        ),
        level_db=-16.0,
        attack_s=0.5,
        release_s=1.2,
        brightness=Brightness(soft=0.2, loud=0.9, follow=0.4, wave=0.25, wave_s=6.0),
    ),
    Sustained(
        "drone",
        Cloud(
            (analogue(180.0, 0.3), analogue(1400.0, 0.3)),
            partials=DRONE,
            spread_cents=7.0,
            breath=shimmer,
            breath_db=-42.0,
            loop_s=5.3,
        ),
        level_db=-15.0,
        attack_s=1.4,
        release_s=1.6,
        brightness=Brightness(soft=0.1, loud=0.7, follow=0.2, wave=0.3, wave_s=13.0),
        airy=False,
    ),
)
"""The pads by name."""
