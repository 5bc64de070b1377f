"""Down to a lower sample rate and back, by products with matrices: for what has no highs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples

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
    """A power of two between a sample rate and a ``low_rate`` of 22 kHz or a little more.

    Nothing sounds before it is due: each way is late by half of the filter, ``TAPS / 2`` samples
    of the lower rate. A rate that can't be halved is its own lower one.
    """

    def __init__(self, sample_rate: int) -> None:
        self.factor = 1
        while sample_rate % (2 * self.factor) == 0 and self.factor < MOST:
            if sample_rate // (2 * self.factor) < LOWEST_RATE:
                break
            self.factor *= 2
        self.low_rate = sample_rate // self.factor
        taps = TAPS * self.factor
        clock = np.arange(taps) - (taps - 1) / 2
        self._response = np.sinc(2 * CORNER / self.factor * clock) * np.kaiser(taps, KAISER)
        self._response /= self._response.sum()

    def low_length(self, length: int) -> int:
        """Return how many samples of the lower rate hold a length, filled up to whole stretches."""
        return -(-length // STRETCH) * STRETCH // self.factor

    def lowered(self, sound: Samples) -> Samples:
        """Return ``(rows, samples)`` at the lower rate, its length as ``low_length`` has it."""
        rows, length = sound.shape
        lowered = np.zeros((rows, self.low_length(length)), np.float32)
        if self.factor == 1:
            lowered[:, :length] = sound
            return lowered
        low, block = STRETCH // self.factor, BLOCK * self.factor
        own, before = self._matrices(np.arange(BLOCK) * self.factor - np.arange(block)[:, None])
        padded = np.zeros((rows, block + STRETCH), np.float32)
        for stretch in range(lowered.shape[1] // low):
            part = sound[:, stretch * STRETCH : (stretch + 1) * STRETCH]
            padded[:, :block] = padded[:, -block:]
            padded[:, block : block + part.shape[1]] = part
            padded[:, block + part.shape[1] :] = 0.0
            blocks = padded.reshape(rows, -1, block)
            made = blocks[:, 1:] @ own
            made += blocks[:, :-1] @ before
            lowered[:, stretch * low : (stretch + 1) * low] = made.reshape(rows, low)
        return lowered

    def raised(self, low: Samples, length: int, onto: Samples | None = None) -> Samples:
        """Return ``(rows, length)`` of what has the lower rate, added to a sound if there is one.

        What is raised is as long as ``low_length`` tells.
        """
        if self.factor == 1:
            return low[:, :length] if onto is None else low[:, :length] + onto
        high = np.arange(BLOCK * self.factor)
        own, before = self._matrices(high - self.factor * np.arange(BLOCK)[:, None])
        own *= self.factor
        before *= self.factor
        blocks = low.reshape(len(low), -1, BLOCK)
        sound = np.empty((len(low), length), np.float32) if onto is None else onto
        a_stretch = STRETCH // len(high)
        for first in range(0, blocks.shape[1], a_stretch):
            part = blocks[:, first : first + a_stretch]
            made = part @ own
            made[:, 1:] += part[:, :-1] @ before
            if first:
                made[:, 0] += blocks[:, first - 1] @ before
            here = sound[:, first * len(high) : (first + a_stretch) * len(high)]
            heard = made.reshape(len(low), -1)[:, : here.shape[1]]
            if onto is None:
                here[...] = heard
            else:
                here += heard
        return sound

    def _matrices(self, taps: NDArray[np.int64]) -> tuple[Samples, Samples]:
        """Return what a block, and the one before it, add to a block at the other rate.

        ``taps`` tells which tap of the filter leads from each sample of a block to each.
        """
        response = np.zeros(3 * BLOCK * self.factor)  # none before its first tap, none after
        response[BLOCK * self.factor :][: len(self._response)] = self._response
        own = response[taps + BLOCK * self.factor]
        before = response[taps + 2 * BLOCK * self.factor]
        return own.astype(np.float32), before.astype(np.float32)
