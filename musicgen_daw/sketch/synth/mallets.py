"""Bars, bells and tines: few modes, none of them harmonic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import fade_in, falling
from musicgen_daw.sketch.synth.modes import ring
from musicgen_daw.sketch.synth.spectra import bump, burst
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.tone import Tone, gain_of

__all__ = ["MALLETS", "Bar"]


@dataclass(frozen=True, slots=True)
class Bar:
    """Something tuned that is struck: ``modes`` are ``(ratio, level, t60_s)`` at middle C.

    ``hardness`` is how many dB the force of a stroke gives to a mode an octave up.
    """

    modes: tuple[tuple[float, float, float], ...]
    hardness: float = 3.0
    halving_octaves: float = 1.6
    knock: tuple[float, float, float] = (3000.0, -30.0, 0.02)
    attack_s: float = 0.0006
    beating: float = 0.0006

    def strike(
        self, tone: Tone, length: int, sample_rate: int, rng: np.random.Generator
    ) -> Samples:
        """Return the bar left to itself, ``(2, length)``."""
        ratios, levels, t60_s = (np.array(column) for column in zip(*self.modes, strict=True))
        octaves_up = np.log2(np.maximum(ratios, 1.0))
        levels = levels * 10.0 ** (self.hardness * (tone.force - 0.7) * octaves_up / 10.0)
        levels *= rng.uniform(0.88, 1.12, len(levels))
        levels /= np.sqrt(np.sum(levels**2) / 2.0)
        # Nothing cast is quite round: every mode but the first is a pair that beats.
        pair = np.where(ratios == 1.0, 0.0, self.beating)
        ratios = np.concatenate([ratios * (1 - pair), ratios * (1 + pair)])
        decays_s = np.tile(t60_s, 2) * 2.0 ** (-(tone.pitch - 60) / 12.0 / self.halving_octaves)
        angles = -0.5 * np.pi + rng.uniform(-0.5, 0.5, (2, len(ratios)))
        amplitudes = 0.5 * np.tile(levels, 2) * np.exp(1j * angles)
        sound = ring(tone.frequency_hz * ratios, decays_s, amplitudes, length, sample_rate)
        centre_hz, level_db, knock_s = self.knock
        short = min(length, round(1.2 * knock_s * sample_rate))
        knock = burst(short, sample_rate, bump(centre_hz, 0.9, 30.0), rng)
        gain = np.float32(gain_of(level_db) * 2.0 * tone.force)
        sound[:, :short] += gain * knock * falling(short, knock_s * sample_rate)
        fade_in(sound, max(2, round(self.attack_s * sample_rate)))
        return sound


# A tubular bell: the strike note lies an octave below modes in the ratio 2 : 3 : 4.
BELL = Bar(
    (
        (0.5, 0.25, 9.0),
        (1.0, 1.0, 8.0),
        (1.19, 0.45, 5.5),
        (1.5, 0.4, 4.0),
        (2.0, 0.75, 4.5),
        (2.51, 0.25, 2.4),
        (2.66, 0.3, 2.2),
        (3.01, 0.35, 1.8),
        (4.17, 0.4, 1.3),
        (5.43, 0.35, 1.0),
        (6.79, 0.28, 0.8),
        (8.21, 0.22, 0.6),
        (10.1, 0.16, 0.45),
        (13.4, 0.1, 0.3),
        (17.2, 0.06, 0.2),
    ),
    knock=(4500.0, -27.0, 0.03),
    beating=0.0009,
)
MUSIC_BOX = Bar(
    (
        (1.0, 1.0, 2.6),
        (2.0, 0.12, 1.5),
        (4.0, 0.1, 0.9),
        (6.27, 0.28, 0.55),
        (11.6, 0.07, 0.25),
        (17.55, 0.08, 0.15),
    ),
    knock=(5200.0, -28.0, 0.012),
    halving_octaves=2.0,
)
MARIMBA = Bar(
    ((1.0, 1.0, 1.1), (3.93, 0.3, 0.35), (9.5, 0.12, 0.14), (16.2, 0.05, 0.07)),
    hardness=4.0,
    knock=(1500.0, -25.0, 0.02),
    attack_s=0.001,
)

MALLETS = (
    Struck("bell", BELL.strike, level_db=-9.0, ring_s=7.0, damp_s=None, round_robin=2),
    Struck("music-box", MUSIC_BOX.strike, level_db=-9.0, ring_s=2.8, damp_s=None, round_robin=2),
    Struck(
        "mallet", MARIMBA.strike, level_db=-8.0, ring_s=1.2, damp_s=None, round_robin=3, airy=False
    ),
)
"""The mallet instruments by name."""
