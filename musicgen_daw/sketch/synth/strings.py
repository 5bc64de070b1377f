"""Bowed strings in sections."""

from __future__ import annotations

from musicgen_daw.sketch.synth.loops import Section
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, body, lowpassed
from musicgen_daw.sketch.synth.sustained import Brightness, Sustained

__all__ = ["STRINGS"]

VIOLINS = ((290.0, 0.3, 4.0), (480.0, 0.3, 3.0), (1050.0, 0.5, 2.5), (2600.0, 0.6, 6.0))
CELLOS = ((110.0, 0.35, 4.0), (200.0, 0.3, 4.0), (420.0, 0.4, 2.5), (1700.0, 0.6, 3.5))


def bowed(corner_hz: float, resonances: tuple[tuple[float, float, float], ...]) -> Spectrum:
    """Return the spectrum of a bowed string, a saw, behind its bridge and body."""

    def shape(frequencies_hz: Curve) -> Curve:
        saw = 1.0 / frequencies_hz
        gain: Curve = (
            saw * body(frequencies_hz, *resonances) * lowpassed(frequencies_hz, corner_hz, 1.4)
        )
        return gain

    return shape


def bow_noise(frequencies_hz: Curve) -> Curve:
    """Return the spectrum of rosin on string: broad, highest around 5 kHz."""
    return body(frequencies_hz, (5200.0, 1.1, 30.0)) * lowpassed(frequencies_hz, 9000.0, 1.0)


HIGH = (bowed(1100.0, VIOLINS), bowed(3000.0, VIOLINS), bowed(11000.0, VIOLINS))
LOW = (bowed(450.0, CELLOS), bowed(1500.0, CELLOS), bowed(6000.0, CELLOS))

STRINGS = (
    Sustained(
        "string-ensemble",
        Section(HIGH, players=6, detune_cents=6.0, breath=bow_noise, breath_db=-24.0),
        level_db=-17.0,
        attack_s=0.34,
        release_s=0.38,
        brightness=Brightness(soft=0.35, loud=1.0, follow=0.4),
        swell_db=2.0,
    ),
    Sustained(
        "string-low",
        Section(
            LOW,
            players=5,
            detune_cents=5.0,
            vibrato_cents=7.0,
            vibrato_hz=4.8,
            breath=bow_noise,
            breath_db=-27.0,
        ),
        level_db=-16.0,
        attack_s=0.28,
        release_s=0.32,
        brightness=Brightness(soft=0.35, loud=1.0, follow=0.4),
        swell_db=2.0,
    ),
    Sustained(
        "string-short",
        Section(
            HIGH,
            players=6,
            detune_cents=5.0,
            vibrato_cents=3.0,
            breath=bow_noise,
            breath_db=-22.0,
            loop_s=1.0,
        ),
        level_db=-12.0,
        attack_s=0.018,
        release_s=0.09,
        brightness=Brightness(soft=0.3, loud=1.0, follow=0.5, flash=0.3, flash_s=0.05),
        decay_s=0.9,
    ),
    Sustained(
        "string-tremolo",
        Section(
            HIGH,
            players=6,
            detune_cents=6.0,
            vibrato_cents=2.0,
            breath=bow_noise,
            breath_db=-22.0,
            tremolo_hz=12.5,
        ),
        level_db=-18.0,
        attack_s=0.16,
        release_s=0.22,
        brightness=Brightness(soft=0.3, loud=1.0, follow=0.4),
        swell_db=2.0,
    ),
)
"""The string instruments by name."""
