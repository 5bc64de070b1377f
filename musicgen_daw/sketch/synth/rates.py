"""Down to a lower sample rate and back, by products with matrices: for what has no highs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from musicgen_daw.audio import Samples, tape
from musicgen_daw.sketch.synth.products import rows_at_once

__all__ = ["Resampler"]

LOWEST_RATE = 22_050
MOST = 64
BLOCK = 16
"""Samples of the lower rate that one row of a product makes, or is made of."""

TAPS = 24
"""Samples of the lower rate that the filter spans: at 48 kHz it lets pass what is below 9.6 kHz."""

CORNER, KAISER = 0.475, 6.0

PRODUCTS = 4
"""Products in a stretch."""


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
        """Return how many samples of the lower rate hold a length, filled up to whole blocks."""
        return -(-length // (BLOCK * self.factor)) * BLOCK

    def lowered(self, sound: Samples) -> Samples:
        """Return ``(rows, samples)`` at the lower rate, its length as ``low_length`` has it."""
        rows, length = sound.shape
        lowered: Samples = tape.blank((rows, self.low_length(length)))
        if self.factor == 1:
            lowered[:, :length] = sound
            return lowered
        size, lead = BLOCK * self.factor, TAPS * self.factor
        matrix = self._matrix(np.arange(BLOCK) * self.factor - np.arange(-lead, size)[:, None])
        first = 0
        for made in _products(sound, matrix, size):
            here = lowered[:, first : first + made.shape[1]]
            here[...] = made[:, : here.shape[1]]
            first += made.shape[1]
        return lowered

    def raised(self, low: Samples, length: int, onto: Samples | None = None) -> Samples:
        """Return ``(rows, length)`` of what has the lower rate, added to a sound if there is one.

        What is raised is as long as ``low_length`` tells.
        """
        if self.factor == 1:
            if onto is None:
                return low[:, :length]
            onto += low[:, :length]
            return onto
        sound: Samples = tape.blank((len(low), length)) if onto is None else onto
        matrix = self._matrix(
            np.arange(BLOCK * self.factor) - self.factor * np.arange(-TAPS, BLOCK)[:, None]
        )
        matrix *= self.factor
        first = 0
        for made in _products(low, matrix, BLOCK):
            here = sound[:, first : first + made.shape[1]]
            if onto is None:
                here[...] = made[:, : here.shape[1]]
            else:
                here += made[:, : here.shape[1]]
            first += made.shape[1]
        return sound

    def _matrix(self, taps: NDArray[np.int64]) -> Samples:
        """Return the matrix of a filter; ``taps`` tells which leads from each sample to each."""
        matrix = np.zeros(taps.shape, np.float32)
        inside = (taps >= 0) & (taps < len(self._response))
        matrix[inside] = self._response[taps[inside]]
        return matrix


def _products(sound: Samples, matrix: Samples, hop: int) -> Iterator[Samples]:
    """Yield, stretch by stretch, a matrix times windows of ``(rows, samples)``, side by side.

    The windows, as long as the matrix is high, come every ``hop`` samples; the first ends with the
    first hop.
    """
    taps, height = len(matrix), rows_at_once(matrix)
    lead, stretch = taps - hop, PRODUCTS * height * hop
    line = np.zeros((len(sound), lead + stretch), np.float32)
    windows = sliding_window_view(line, taps, axis=1)[:, ::hop]
    beside = np.empty((len(sound), PRODUCTS, height, taps), np.float32)
    for first in range(0, sound.shape[1], stretch):
        part = sound[:, first : first + stretch]
        line[:, :lead] = line[:, stretch:]
        line[:, lead : lead + part.shape[1]] = part
        line[:, lead + part.shape[1] :] = 0.0
        beside.reshape(windows.shape)[...] = windows
        yield (beside @ matrix).reshape(len(sound), -1)
