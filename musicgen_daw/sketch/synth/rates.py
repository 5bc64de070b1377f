"""Down to a lower sample rate and back, by products with matrices: for what has no highs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples, tape

__all__ = ["STRETCH", "Resampler"]

LOWEST_RATE = 22_050
MOST = 64
STRETCH = 2**13
"""Samples of the higher rate that are made at once, so few that BLAS stays on one thread."""

BLOCK = 32
"""Samples of the lower rate in a block: what comes in a block depends on it and the one before."""

TAPS = 24
"""Samples of the lower rate that the filter spans: at 48 kHz it lets pass what is below 9.6 kHz."""

CORNER, KAISER = 0.475, 6.0


class Resampler:
    """A whole ``factor`` between two rates, the lower one 22 to 44 kHz.

    Nothing sounds before it is due: each way is late by half of the filter, ``TAPS / 2`` samples
    of the lower rate.
    """

    def __init__(self, sample_rate: int) -> None:
        self.factor = min(MOST, max(1, sample_rate // LOWEST_RATE))
        taps = TAPS * self.factor
        clock = np.arange(taps) - (taps - 1) / 2
        self._response = np.sinc(2 * CORNER / self.factor * clock) * np.kaiser(taps, KAISER)
        self._response /= self._response.sum()

    def lowered(self, sound: Samples, lead: int) -> Samples:
        """Return ``(rows, samples)`` at the lower rate, after ``lead`` samples of silence.

        It is filled up with silence to whole stretches.
        """
        rows, length = sound.shape
        low, block = STRETCH // self.factor, BLOCK * self.factor
        stretches = -(-length // STRETCH)
        lowered: Samples = tape.blank((rows, lead + stretches * low))
        if self.factor == 1:
            lowered[:, lead : lead + length] = sound
            return lowered
        own, before = self._matrices(np.arange(BLOCK) * self.factor - np.arange(block)[:, None])
        padded = np.zeros((rows, block + STRETCH), np.float32)
        for stretch in range(stretches):
            part = sound[:, stretch * STRETCH : (stretch + 1) * STRETCH]
            padded[:, :block] = padded[:, -block:]
            padded[:, block : block + part.shape[1]] = part
            padded[:, block + part.shape[1] :] = 0.0
            blocks = padded.reshape(rows, -1, block)
            made = blocks[:, 1:] @ own
            made += blocks[:, :-1] @ before
            begin = lead + stretch * low
            lowered[:, begin : begin + low] = made.reshape(rows, low)
        return lowered

    def rise(self) -> Callable[[Samples], Samples]:
        """Return what raises one stretch after the other, ``(…, samples)``, to the higher rate."""
        if self.factor == 1:
            return lambda wet: wet
        high = np.arange(BLOCK * self.factor)
        own, before = self._matrices(high - self.factor * np.arange(BLOCK)[:, None])
        own *= self.factor
        before *= self.factor
        last: list[Samples] = []

        def raised(wet: Samples) -> Samples:
            blocks = wet.reshape(*wet.shape[:-1], -1, BLOCK)
            past = last.pop() if last else np.zeros_like(blocks[..., :1, :])
            blocks = np.concatenate([past, blocks], axis=-2)
            last.append(blocks[..., -1:, :])
            made = blocks[..., 1:, :] @ own
            made += blocks[..., :-1, :] @ before
            return made.reshape(*wet.shape[:-1], -1)

        return raised

    def _matrices(self, taps: NDArray[np.int64]) -> tuple[Samples, Samples]:
        """Return what a block, and the one before it, add to a block at the other rate.

        ``taps`` tells which tap of the filter leads from each sample of a block to each.
        """
        response = np.zeros(3 * BLOCK * self.factor)  # none before its first tap, none after
        response[BLOCK * self.factor :][: len(self._response)] = self._response
        own = response[taps + BLOCK * self.factor]
        before = response[taps + 2 * BLOCK * self.factor]
        return own.astype(np.float32), before.astype(np.float32)
