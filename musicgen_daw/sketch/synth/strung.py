"""Struck and plucked strings, as the modes that a string loop with losses would have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import fade_in, falling
from musicgen_daw.sketch.synth.modes import ring
from musicgen_daw.sketch.synth.spectra import Curve, body, bump, burst, harmonics, lowpassed
from musicgen_daw.sketch.synth.tone import Tone, gain_of

__all__ = ["Strung"]

SCATTER = 2.2
PAIRED = 20
"""Partials that sound on every string; higher ones are gone before they could be heard to beat."""


@dataclass(frozen=True, slots=True)
class Strung:
    """One key or string of a piano, harp, guitar or bass.

    ``stiffness`` is the inharmonicity coefficient at middle C, and doubles every
    ``stiffness_octaves``. ``contact`` is where the string is struck or plucked, as a share of its
    length. ``soft_hz`` and ``hard_hz`` are the corners of the excitation at the lowest and the
    highest force. A partial loses 60 dB in ``t60_s`` at middle C, twice as fast every
    ``halving_octaves``, and faster above ``loss_hz``. Of ``strings`` strings, up to
    ``detune_cents`` off, the last rings longer and softer: a piano's second decay. ``knock`` is
    the noise of hammer or finger: ``(centre_hz, level_db, t60_s)``.
    """

    stiffness: float = 0.0
    stiffness_octaves: float = 1.0
    contact: float = 0.12
    soft_hz: float = 700.0
    hard_hz: float = 4000.0
    slope: float = 1.5
    t60_s: float = 6.0
    halving_octaves: float = 1.6
    loss_hz: float = 2500.0
    strings: int = 1
    detune_cents: float = 0.7
    aftersound: float = 0.25
    resonances: tuple[tuple[float, float, float], ...] = ()
    attack_s: float = 0.0008
    knock: tuple[float, float, float] = (900.0, -30.0, 0.05)
    spread: float = 0.5

    def strike(
        self, tone: Tone, length: int, sample_rate: int, rng: np.random.Generator
    ) -> Samples:
        """Return the string left to itself, ``(2, length)``."""
        fundamental_hz = tone.frequency_hz
        octaves = (tone.pitch - 60) / 12.0
        numbers = np.arange(1, len(harmonics(fundamental_hz, sample_rate)) + 1, dtype=np.float64)
        stiffness = self.stiffness * 2.0 ** (octaves / self.stiffness_octaves)
        stretch = np.sqrt((1.0 + stiffness * numbers**2) / (1.0 + stiffness))
        frequencies_hz = fundamental_hz * numbers * stretch
        levels = self._levels(numbers, frequencies_hz, tone.force, rng)
        t60_s = self.t60_s * 2.0 ** (-octaves / self.halving_octaves)
        decays_s = t60_s / (1.0 + (frequencies_hz / self.loss_hz) ** 1.3)
        # Partials that all start together make a spike. A body scatters them, and each side hears
        # each of them a little earlier or later.
        scatter = rng.uniform(-SCATTER, SCATTER, len(numbers))
        angles = scatter + self.spread * rng.uniform(-1.2, 1.2, (2, len(numbers)))
        strings = [
            (2.0 ** (cents / 1200.0), weight, ringing, slice(0, PAIRED if index else None))
            for index, (cents, weight, ringing) in enumerate(self._strings())
        ]
        amplitudes = levels * np.exp(1j * angles)
        amplitudes[:, PAIRED:] *= sum(weight for _, weight, _, _ in strings)
        amplitudes[:, PAIRED:] /= strings[0][1]
        sound = ring(
            np.concatenate([frequencies_hz[some] * ratio for ratio, _, _, some in strings]),
            np.concatenate([decays_s[some] * ringing for _, _, ringing, some in strings]),
            np.concatenate(
                [amplitudes[:, some] * weight for _, weight, _, some in strings], axis=1
            ),
            length,
            sample_rate,
        )
        knock = self._knock(tone, length, sample_rate, rng)
        sound[:, : knock.shape[1]] += knock
        fade_in(sound, max(2, round(self.attack_s * sample_rate)))
        return sound

    def _strings(self) -> list[tuple[float, float, float]]:
        """Return ``(cents, weight, how much longer it rings)`` of each string."""
        if self.strings == 1:
            return [(0.0, 1.0, 1.0)]
        tunings = [float(cents) for cents in self.detune_cents * np.linspace(-1, 1, self.strings)]
        struck = [(cents, 1.0 / (self.strings - 1), 1.0) for cents in tunings[:-1]]
        return [*struck, (tunings[-1], self.aftersound, 2.2)]

    def _levels(
        self,
        numbers: Curve,
        frequencies_hz: Curve,
        force: float,
        rng: np.random.Generator,
    ) -> Curve:
        """Return the level of each partial, the whole at an RMS of 1."""
        contact = self.contact * rng.uniform(0.94, 1.06)
        corner_hz = self.soft_hz * (self.hard_hz / self.soft_hz) ** force
        # Felt and flesh cover more of a short string: the corner follows the pitch a little.
        corner_hz *= (frequencies_hz[0] / 261.6) ** 0.35
        levels = np.abs(np.sin(np.pi * numbers * contact)) + 0.03
        levels *= lowpassed(frequencies_hz, corner_hz, self.slope) / numbers**0.5
        levels *= body(frequencies_hz, *self.resonances)
        levels *= rng.uniform(0.85, 1.15, len(numbers))
        result: Curve = levels / np.sqrt(np.sum(levels**2) / 2.0)
        return result

    def _knock(
        self, tone: Tone, length: int, sample_rate: int, rng: np.random.Generator
    ) -> Samples:
        centre_hz, level_db, t60_s = self.knock
        short = min(length, round(1.2 * t60_s * sample_rate))
        gain = np.float32(gain_of(level_db) * (0.4 + 1.2 * tone.force))
        decay = gain * falling(short, t60_s * sample_rate)
        shape = bump(centre_hz, 1.2, 30.0)
        return np.stack([decay * burst(short, sample_rate, shape, rng) for _ in range(2)])
