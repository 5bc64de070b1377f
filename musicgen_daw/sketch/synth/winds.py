"""Brass, choir and flute: what sounds by breath."""

from __future__ import annotations

import numpy as np

from musicgen_daw.sketch.synth.loops import Section
from musicgen_daw.sketch.synth.solo import Solo
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, body, lowpassed
from musicgen_daw.sketch.synth.sustained import Brightness, Sustained

__all__ = ["WINDS"]

OO = ((330.0, 0.35, 22.0), (820.0, 0.3, 14.0), (2500.0, 0.35, 2.0))
AH = ((700.0, 0.32, 20.0), (1150.0, 0.28, 17.0), (2750.0, 0.3, 12.0), (3500.0, 0.3, 9.0))


def blown(corner_hz: float) -> Spectrum:
    """Return the spectrum of a horn: level up to a corner that rises with the blowing."""

    def shape(frequencies_hz: Curve) -> Curve:
        bell = body(frequencies_hz, (420.0, 0.7, 4.0), (1200.0, 0.6, 3.0))
        gain: Curve = (
            bell * lowpassed(frequencies_hz, corner_hz, 1.9) / np.sqrt(1 + frequencies_hz / 500.0)
        )
        return gain

    return shape


def sung(formants: tuple[tuple[float, float, float], ...], corner_hz: float) -> Spectrum:
    """Return the spectrum of voices on a vowel."""

    def shape(frequencies_hz: Curve) -> Curve:
        glottis = 1.0 / (1.0 + (frequencies_hz / 260.0) ** 1.6)
        vowel = body(frequencies_hz, *formants)
        gain: Curve = glottis * vowel * lowpassed(frequencies_hz, corner_hz, 2.0)
        return gain

    return shape


def fluted(corner_hz: float, second: float) -> Spectrum:
    """Return the amplitudes of a flute by partial number, the octave more or less overblown."""

    def shape(frequencies_hz: Curve) -> Curve:
        number = np.rint(frequencies_hz / frequencies_hz[0])
        gain: Curve = lowpassed(frequencies_hz, corner_hz, 1.5) / number**1.7
        gain[number == 2] *= second
        return gain

    return shape


def air(frequencies_hz: Curve) -> Curve:
    """Return the spectrum of breath."""
    return body(frequencies_hz, (2200.0, 1.0, 12.0), (6500.0, 0.9, 14.0)) * lowpassed(
        frequencies_hz, 10000.0, 1.0
    )


WINDS = (
    Sustained(
        "brass",
        Section(
            (blown(420.0), blown(1000.0), blown(2200.0), blown(6500.0)),
            players=4,
            detune_cents=4.0,
            vibrato_cents=2.5,
            vibrato_hz=4.6,
            breath=air,
            breath_db=-34.0,
        ),
        level_db=-17.0,
        attack_s=0.11,
        release_s=0.16,
        brightness=Brightness(soft=0.05, loud=0.95, follow=0.75, flash=0.12, flash_s=0.25),
        swell_db=1.5,
    ),
    Sustained(
        "brass-stab",
        Section(
            (blown(700.0), blown(1800.0), blown(4200.0), blown(9000.0)),
            players=4,
            detune_cents=4.5,
            vibrato_cents=2.0,
            vibrato_hz=5.0,
            breath=air,
            breath_db=-34.0,
        ),
        level_db=-16.0,
        attack_s=0.03,
        release_s=0.09,
        brightness=Brightness(soft=0.1, loud=0.95, follow=0.5, flash=0.2, flash_s=0.15),
        swell_db=1.0,
    ),
    Sustained(
        "choir",
        Section(
            (sung(OO, 2600.0), sung(AH, 6000.0)),
            players=7,
            detune_cents=6.5,
            vibrato_cents=16.0,
            vibrato_hz=5.0,
            breath=air,
            breath_db=-25.0,
        ),
        level_db=-18.0,
        attack_s=0.4,
        release_s=0.45,
        brightness=Brightness(soft=0.1, loud=0.95, follow=0.5),
        swell_db=2.0,
        airy=False,
    ),
    Solo(
        "flute",
        (fluted(900.0, 0.5), fluted(2600.0, 1.1)),
        level_db=-17.0,
        attack_s=0.07,
        release_s=0.12,
        brightness=Brightness(soft=0.1, loud=0.9, follow=0.5),
        vibrato_cents=14.0,
        vibrato_hz=5.1,
        vibrato_delay_s=0.35,
        breath=air,
        breath_db=-27.0,
        airy=False,
    ),
)
"""The wind instruments and voices by name."""
