"""Keyboard instruments."""

from __future__ import annotations

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import fade_in, falling, steady_angle
from musicgen_daw.sketch.synth.spectra import Curve, body, burst
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.strung import Strung
from musicgen_daw.sketch.synth.tone import Tone, gain_of

__all__ = ["KEYS"]

SOUNDBOARD = ((110.0, 0.5, 3.0), (260.0, 0.6, 3.0), (1200.0, 0.8, 1.5), (3000.0, 0.6, 2.0))
TINE_RATIO = 14.0
TINE_T60_S = 0.35
TINE_S = 0.6
"""After so long the tine is 100 dB down."""

HAMMER_DB, HAMMER_S = -24.0, 0.012


def electric_piano(tone: Tone, length: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Return a tine piano by frequency modulation: a body at 1:1, a tine far above it.

    Source: J. Chowning, "The Synthesis of Complex Audio Spectra by Means of Frequency
    Modulation", JAES 21 (1973).
    """
    frequency_hz = tone.frequency_hz
    angle = steady_angle(frequency_hz, length, sample_rate)
    swing = np.sin(angle)
    ring_s = 5.0 * 2.0 ** (-(tone.pitch - 60) / 24.0)
    # Side bands reach (index + 2) modulators up: few enough to stay below the top.
    room = 0.42 * sample_rate / frequency_hz
    index = min((0.35 + 2.6 * tone.force**1.5) * rng.uniform(0.94, 1.06), max(0.0, room - 3.0))
    body = np.float32(index) * falling(length, 0.45 * ring_s * sample_rate)
    body *= swing
    body += angle
    np.sin(body, out=body)
    body *= falling(length, ring_s * sample_rate)
    ratio = max(1.0, min(TINE_RATIO, np.floor(room - 2.0)))
    heard = min(length, round(TINE_S * sample_rate))
    tine = steady_angle(ratio * frequency_hz, heard, sample_rate)
    tine += np.float32(0.6 * tone.force) * swing[:heard]
    np.sin(tine, out=tine)
    tine *= np.float32(0.05 + 0.18 * tone.force) * falling(heard, TINE_T60_S * sample_rate)
    sound = np.stack([body, body])
    sound[0, :heard] += tine
    sound[1, :heard] += np.float32(0.6) * tine
    sway = np.float32(0.22) * np.sin(steady_angle(4.6, length, sample_rate))
    sound[0] *= 1 + sway
    sound[1] *= 1 - sway
    short = min(length, round(1.5 * HAMMER_S * sample_rate))
    hammer = np.stack([burst(short, sample_rate, _hammer, rng) for _ in range(2)])
    hammer *= np.float32(gain_of(HAMMER_DB) * (0.4 + tone.force))
    sound[:, :short] += hammer * falling(short, HAMMER_S * sample_rate)
    fade_in(sound, round(0.0015 * sample_rate) + 1)
    return sound


def _hammer(frequencies_hz: Curve) -> Curve:
    """Return the spectrum of neoprene on a tine: a short, airy tick."""
    return body(frequencies_hz, (4500.0, 1.2, 30.0))


PIANO = Strung(
    stiffness=0.0004,
    stiffness_octaves=1.1,
    contact=0.125,
    soft_hz=550.0,
    hard_hz=5200.0,
    slope=1.3,
    t60_s=7.0,
    loss_hz=2600.0,
    strings=3,
    detune_cents=0.5,
    aftersound=0.22,
    resonances=SOUNDBOARD,
    knock=(420.0, -24.0, 0.06),
    spread=0.6,
)

FELT = Strung(
    stiffness=0.0005,
    stiffness_octaves=1.1,
    contact=0.14,
    soft_hz=300.0,
    hard_hz=1600.0,
    slope=1.6,
    t60_s=5.0,
    loss_hz=1500.0,
    strings=2,
    detune_cents=0.7,
    aftersound=0.35,
    resonances=SOUNDBOARD,
    attack_s=0.004,
    knock=(7500.0, -6.0, 0.05),
    spread=0.5,
)

KEYS = (
    Struck("piano", PIANO.strike, level_db=-12.0, ring_s=7.0, damp_s=0.16, round_robin=2),
    Struck(
        "felt-piano", FELT.strike, level_db=-12.0, ring_s=5.0, damp_s=0.2, round_robin=2, airy=False
    ),
    Struck("electric-piano", electric_piano, level_db=-7.0, ring_s=4.5, damp_s=0.12, round_robin=2),
)
"""The keyboard instruments by name."""
