"""How loud a note is over its length."""

from __future__ import annotations

import numpy as np

from musicgen_daw.sketch.synth.tone import Signal

__all__ = ["fade_in", "fade_out", "falling", "gate", "ramp"]

SHORTEST_FADE_S = 0.003
"""A raised cosine of 3 ms keeps the splatter of an edge below hearing."""


def ramp(length: int) -> Signal:
    """Return a raised cosine from 0 to 1."""
    phase = (np.arange(length, dtype=np.float32) + np.float32(0.5)) / np.float32(max(1, length))
    return np.asarray(0.5 - 0.5 * np.cos(np.float32(np.pi) * phase), np.float32)


def fade_in(sound: Signal, length: int) -> None:
    """Let ``(..., samples)`` rise from silence over its first ``length`` samples, in place."""
    length = min(length, sound.shape[-1])
    sound[..., :length] *= ramp(length)


def fade_out(sound: Signal, length: int) -> None:
    """Let ``(..., samples)`` fall to silence over its last ``length`` samples, in place."""
    length = min(length, sound.shape[-1])
    if length:
        sound[..., -length:] *= ramp(length)[::-1]


def gate(length: int, attack: int, release: int) -> Signal:
    """Return a rise over ``attack``, full level until ``length``, a fall over ``release`` more.

    A note that ends inside its attack is released from where it has come to.
    """
    envelope = np.ones(length + release, np.float32)
    fade_in(envelope, attack)
    fade_out(envelope, release)
    return envelope


def falling(length: int, t60_samples: float) -> Signal:
    """Return an exponential decay from 1 that loses 60 dB in ``t60_samples``."""
    slope = np.float32(-np.log(1000.0) / max(1.0, t60_samples))
    return np.asarray(np.exp(slope * np.arange(length, dtype=np.float32)), np.float32)
