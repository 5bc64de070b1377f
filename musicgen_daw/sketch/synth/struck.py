"""Instruments whose sound is made in one moment and then dies away: struck, plucked, shaken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import SHORTEST_FADE_S, fade_out
from musicgen_daw.sketch.synth.tone import Bench, Tone, gain_of

__all__ = ["Strike", "Struck", "let_ring", "strike_key"]

Strike = Callable[[Tone, int, int, np.random.Generator], Samples]
"""``(tone, length_samples, sample_rate, rng)`` to ``(2, length_samples)`` at full velocity level.

The tone's force shapes the timbre; the level of its velocity is set afterwards.
"""

LENGTH_STEP_S = 0.125
"""In such steps are strikes made: the longest notes come first, and shorter ones lie in theirs."""


@dataclass(frozen=True, slots=True)
class Struck:
    """Plays strikes, each made once for a pitch, a force and a turn of the round robin.

    A note sounds for ``ring_s`` at most (at middle C; half as long ``halving_octaves`` higher).
    At its end it is damped in ``damp_s``, or rings on where that is ``None``.
    ``airy`` tells that it has something to lose above 10 kHz.
    """

    name: str
    strike: Strike
    level_db: float = 0.0
    ring_s: float = 4.0
    halving_octaves: float = 2.0
    damp_s: float | None = 0.15
    round_robin: int = 2
    airy: bool = True

    def play(self, tone: Tone, bench: Bench) -> Samples:
        """Return the note until it is damped or has died away, ``(2, samples)``."""
        octaves = min(2.0, (tone.pitch - 60) / 12.0)
        ring_s = min(1.5 * self.ring_s, self.ring_s * 2.0 ** (-octaves / self.halving_octaves))
        full = length = bench.samples(ring_s)
        fade = full // 4
        if self.damp_s is not None:
            damp = bench.samples(max(SHORTEST_FADE_S, self.damp_s))
            if tone.length_samples + damp < full:
                length, fade = tone.length_samples + damp, damp
        turn = tone.variation % self.round_robin
        step = bench.samples(LENGTH_STEP_S)
        made = min(full, -(-length // step) * step)
        struck = bench.once(
            strike_key(self.name, tone, turn),
            lambda rng: self.strike(tone, made, bench.sample_rate, rng),
            length,
        )
        return let_ring(struck, self.level_db, tone, length, fade)


def strike_key(name: str, tone: Tone, turn: int) -> tuple[object, ...]:
    """Return what tells a strike from all others of a bench."""
    return (name, tone.pitch, tone.slide_from, tone.force, turn)


def let_ring(struck: Samples, level_db: float, tone: Tone, length: int, fade: int) -> Samples:
    """Return the first ``length`` samples of a strike at the level of its velocity, faded out."""
    gain = np.float32(tone.gain * gain_of(level_db + 1.2 * tone.chance - 0.6))
    sound = np.multiply(struck[:, :length], gain)
    fade_out(sound, fade)
    return sound
