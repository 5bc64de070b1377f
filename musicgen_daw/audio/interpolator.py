"""The waveform between samples: windowed sincs, as one matrix, and bounds of what they make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK_SAMPLES", "ROUNDING", "TAPS", "Interpolator", "interpolator"]

BLOCK_SAMPLES = 16
"""The samples of a block, whose surroundings are a row of the matrix."""

OVERSAMPLING = 8
TAPS = 32
"""Of each phase: flat within 0.01 dB up to 0.42 of the sample rate."""

ROUNDING = 1.0001
"""What a bound allows for single precision."""

_KAISER_BETA = 5.65


@dataclass(frozen=True, slots=True, eq=False)
class Interpolator:
    """A matrix from a block and its surroundings to all points between its samples.

    No point is higher than ``size_gain`` times the largest sample, nor than the largest sample
    plus ``bend_gain`` times the largest second difference.
    """

    matrix: NDArray[np.float32]
    size_gain: float
    bend_gain: float


@lru_cache(maxsize=1)
def interpolator() -> Interpolator:
    """Build windowed sincs, one for each phase, that pass constants and straight lines unchanged.

    What such a response adds to the straight line between two samples is a sum of second
    differences, which gives the second bound.
    """
    tap = np.arange(TAPS) - (TAPS // 2 - 1)
    at_zero, at_one = TAPS // 2 - 1, TAPS // 2
    matrix = np.zeros((BLOCK_SAMPLES + TAPS - 1, BLOCK_SAMPLES, OVERSAMPLING - 1))
    size_gain = bend_gain = 0.0
    for number in range(1, OVERSAMPLING):
        phase = number / OVERSAMPLING
        offset = tap - phase
        response = np.sinc(offset) * np.i0(_KAISER_BETA * np.sqrt(1 - (offset / (TAPS / 2)) ** 2))
        response /= response.sum()
        slope_error = float(response @ tap) - phase
        response[at_zero] += slope_error
        response[at_one] -= slope_error

        bends = response.copy()
        bends[at_zero] -= 1 - phase
        bends[at_one] -= phase
        size_gain = max(size_gain, float(np.abs(response).sum()))
        bend_gain = max(bend_gain, float(np.abs(np.cumsum(np.cumsum(bends))).sum()))
        for sample in range(BLOCK_SAMPLES):
            matrix[sample : sample + TAPS, sample, number - 1] = response
    flat = matrix.reshape(len(matrix), -1).astype(np.float32)
    return Interpolator(flat, size_gain * ROUNDING, bend_gain * ROUNDING)
