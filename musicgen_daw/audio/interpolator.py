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
TAPS = 48
"""Of each response; those that leave the top open fill the inner 32 of them."""

ROUNDING = 1.0001
"""What a bound allows for single precision."""


_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A windowed sinc: its taps, how its window falls, and where it is 6 dB down, of the rate."""

    taps: int
    kaiser_beta: float
    cutoff: float
    phases: range


_READINGS = (
    # As the samples stand: flat within 0.01 dB up to 0.42 of the rate.
    _Reading(32, 5.65, 0.5, range(1, OVERSAMPLING, 2)),
    # Without the top, as converters and resamplers leave it: flat up to 0.44. What lies above
    # can't be heard, but a sound may be higher without it, at its samples too.
    _Reading(TAPS, 5.0, 0.475, range(OVERSAMPLING)),
)
"""The second reads every point of eight times oversampling; the first, which differs from it at the
top of the band alone, every second one.
"""


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
    responses = [
        _response(reading, number / OVERSAMPLING)
        for reading in _READINGS
        for number in reading.phases
    ]
    matrix = np.zeros((BLOCK_SAMPLES + TAPS - 1, BLOCK_SAMPLES, len(responses)))
    for number, (response, _) in enumerate(responses):
        for sample in range(BLOCK_SAMPLES):
            matrix[sample : sample + TAPS, sample, number] = response
    size_gain = max(float(np.abs(response).sum()) for response, _ in responses)
    bend_gain = max(
        float(np.abs(np.cumsum(np.cumsum(response - line))).sum()) for response, line in responses
    )
    flat = matrix.reshape(len(matrix), -1).astype(np.float32)
    return Interpolator(flat, size_gain * ROUNDING, bend_gain * ROUNDING)


def _response(reading: _Reading, phase: float) -> tuple[_Values, _Values]:
    """Return the taps for a point between two samples, and those of the line between them."""
    tap = np.arange(TAPS) - (TAPS // 2 - 1)
    line = (1 - phase) * (tap == 0) + phase * (tap == 1)
    offset = tap - phase
    inside = np.maximum(1 - (offset / (reading.taps / 2)) ** 2, 0)
    window = np.where(inside > 0, np.i0(reading.kaiser_beta * np.sqrt(inside)), 0)
    response = np.sinc(2 * reading.cutoff * offset) * window
    response /= response.sum()
    # What lacks to a straight line is spread wide: only the lowest frequencies see it.
    lean = window * offset
    lean -= window * (lean.sum() / window.sum())
    response += lean * ((phase - float(response @ tap)) / float(lean @ tap))
    return response, line
