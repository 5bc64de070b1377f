"""Basses of machines: the long 808, plucked filters, the beating reese."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.basses import saw, sub
from musicgen_daw.sketch.synth.envelopes import fade_in, falling
from musicgen_daw.sketch.synth.solo import Solo
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, lowpassed
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.sustained import Brightness
from musicgen_daw.sketch.synth.tone import Tone

__all__ = ["SYNTH_BASSES"]

Turns = NDArray[np.float64]

BOOM_T60_S = 3.6
DROP_CENTS, DROP_S = 500.0, 0.022
ATTACK_S = 0.002
SLIDE_S, SLID_ATTACK_S = 0.11, 0.012
OVERTONES = ((2, 0.22, 0.5), (3, 0.2, 0.35), (4, 0.06, 0.2), (5, 0.07, 0.18))
"""Number, level at full force, and share of the fundamental's ring of each overtone."""


def boom(tone: Tone, length: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Return the long bass drum of a TR-808 as a bass: a sine that drops onto its pitch, or
    slides to it from the note before.

    Its overtones are those of a driven sine, added one by one, so that none can alias.
    """
    t60_samples = BOOM_T60_S * sample_rate
    slid = tone.slide_from is not None
    turns, highest_hz = (_slid if slid else _dropped)(tone, length, sample_rate)
    angle = 2.0 * np.pi * turns
    wave = np.sin(angle).astype(np.float32) * falling(length, t60_samples)
    for number, level, share in OVERTONES:
        if number * highest_hz < 0.45 * sample_rate:
            gain = np.float32(level * (0.3 + 0.7 * tone.force) * rng.uniform(0.95, 1.05))
            wave += (
                gain
                * np.sin(number * angle).astype(np.float32)
                * falling(length, share * t60_samples)
            )
    fade_in(wave, max(2, round((SLID_ATTACK_S if slid else ATTACK_S) * sample_rate)))
    return np.stack([wave, wave])


def _dropped(tone: Tone, length: int, sample_rate: int) -> tuple[Turns, float]:
    """Return the turns of a stroke from its start, and the highest frequency in them."""
    clock = np.arange(length) / sample_rate
    rise = 2.0 ** (DROP_CENTS * (0.5 + 0.5 * tone.force) / 1200.0) - 1.0
    turns = clock + rise * DROP_S * (1.0 - np.exp(-clock / DROP_S))
    return tone.frequency_hz * turns, (1.0 + rise) * tone.frequency_hz


def _slid(tone: Tone, length: int, sample_rate: int) -> tuple[Turns, float]:
    """Return the turns of a note that slides to its pitch, and the highest frequency in them."""
    interval = (tone.slide_from or tone.pitch) - tone.pitch
    left = np.zeros(length)
    slide = min(length, round(SLIDE_S * sample_rate))
    left[:slide] = 0.5 + 0.5 * np.cos(np.pi * np.arange(slide) / (SLIDE_S * sample_rate))
    frequency_hz = tone.frequency_hz * 2.0 ** (interval * left / 12.0)
    return np.cumsum(frequency_hz) / sample_rate, float(frequency_hz.max())


def reed(corner_hz: float) -> Spectrum:
    """Return a square-like spectrum behind a low-pass: the hollow body of an organ bass."""

    def shape(frequencies_hz: Curve) -> Curve:
        number = np.rint(frequencies_hz / frequencies_hz[0])
        odd = np.where(number % 2 == 1, 1.0, 0.25)
        gain: Curve = odd / number * lowpassed(frequencies_hz, corner_hz, 2.0)
        return gain

    return shape


SYNTH_BASSES = (
    Struck(
        "bass-808", boom, level_db=-7.0, ring_s=2.0, halving_octaves=4.0, damp_s=0.05,
        round_robin=2, airy=False,
    ),
    Solo(
        "bass-pluck",
        (saw(120.0), saw(450.0), saw(1400.0), saw(4500.0)),
        level_db=-13.0,
        voices=((-3.0, -0.2), (3.0, 0.2)),
        attack_s=0.003,
        release_s=0.05,
        brightness=Brightness(soft=0.05, loud=0.3, follow=0.5, flash=0.65, flash_s=0.16),
        decay_s=0.9,
        sustain=0.25,
        airy=False,
    ),
    Solo(
        "bass-organ",
        (reed(300.0), reed(1100.0), reed(3200.0)),
        level_db=-11.0,
        attack_s=0.003,
        release_s=0.04,
        brightness=Brightness(soft=0.05, loud=0.6, follow=0.3, flash=0.45, flash_s=0.07),
        decay_s=1.4,
        sustain=0.45,
        airy=False,
    ),
    Solo(
        "bass-reese",
        (saw(160.0), saw(420.0), saw(1100.0), saw(2800.0)),
        level_db=-13.0,
        voices=((-12.0, -0.6), (0.0, 0.0), (12.0, 0.6)),
        attack_s=0.006,
        release_s=0.06,
        brightness=Brightness(soft=0.15, loud=0.7, follow=0.2, wave=0.22, wave_s=1.4),
        airy=False,
    ),
    Solo(
        "bass-deep",
        (sub(0.1), sub(0.34)),
        level_db=-11.0,
        attack_s=0.008,
        release_s=0.07,
        brightness=Brightness(soft=0.1, loud=0.9, follow=0.2),
        by_number=True,
        airy=False,
    ),
)  # fmt: skip
"""The synthetic basses by name."""
