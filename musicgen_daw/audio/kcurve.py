"""The K-curve at any sample rate: a shelf that lifts treble by 4 dB, and a high-pass.

The standard tabulates both at 48 kHz only. At other rates their analogue prototypes are warped to
the rate, which bends the shelf where the rate is low: by 0.2 dB at 8 kHz. So there it is fitted to
the magnitude that it has at 48 kHz.

Source: ITU-R BS.1770-5, Annex 1; M. Vicanek, "Matched Second Order Digital Filters" (2016).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["k_coefficients"]

_Coefficients = NDArray[np.float64]

_TABULATED_RATE = 48_000
_LEAST_WARPED_RATE = 32_000
_FITTED_PLACES = 200


def k_coefficients(sample_rate: int) -> tuple[_Coefficients, _Coefficients]:
    """Return numerator and denominator of shelf and high-pass together, fourth order.

    The high-pass is a little louder than 0 dB at 48 kHz, and must be just as loud elsewhere.
    """
    make_shelf = _warped_shelf if sample_rate >= _LEAST_WARPED_RATE else _fitted_shelf
    shelf, shelf_poles = make_shelf(sample_rate)
    poles = _highpass_poles(sample_rate)
    highpass = np.array([1.0, -2.0, 1.0]) * (_highpass_poles(_TABULATED_RATE)[0] / poles[0])
    return np.convolve(shelf, highpass), np.convolve(shelf_poles, poles / poles[0])


def _warped_shelf(sample_rate: int) -> tuple[_Coefficients, _Coefficients]:
    tan = math.tan(math.pi * 1681.974450955533 / sample_rate)
    quality, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    scale = 1 + tan / quality + tan * tan
    shelf = np.array(
        [
            high + band * tan / quality + tan * tan,
            2 * (tan * tan - high),
            high - band * tan / quality + tan * tan,
        ]
    )
    poles = np.array([scale, 2 * (tan * tan - 1), 1 - tan / quality + tan * tan])
    return shelf / scale, poles / scale


def _fitted_shelf(sample_rate: int) -> tuple[_Coefficients, _Coefficients]:
    """Return the shelf whose magnitude is nearest to that at 48 kHz, by least squares.

    The power of a second-order polynomial on the unit circle is a sum of three fixed curves, and
    so the power that is wanted makes linear equations of their weights.
    """
    hz = np.linspace(0, sample_rate / 2, _FITTED_PLACES)
    shelf, poles = _warped_shelf(_TABULATED_RATE)
    wanted = _power(shelf, hz) / _power(poles, hz)
    high = np.sin(np.pi * hz / sample_rate) ** 2
    low = 1 - high
    middle = 4 * low * high
    equations = np.stack([low, high, middle, -wanted * high, -wanted * middle], axis=1)
    weights = np.linalg.lstsq(equations / wanted[:, np.newaxis], low, rcond=None)[0]
    numerator = _polynomial(*map(float, weights[:3]))
    denominator = _polynomial(1.0, float(weights[3]), float(weights[4]))
    return numerator / denominator[0], denominator / denominator[0]


def _power(coefficients: _Coefficients, hz: NDArray[np.float64]) -> NDArray[np.float64]:
    delay = np.exp(-2j * np.pi * hz / _TABULATED_RATE)
    return np.asarray(np.abs(np.polyval(coefficients[::-1], delay)) ** 2, np.float64)


def _polynomial(low: float, high: float, middle: float) -> _Coefficients:
    """Return the polynomial with its zeros inside the unit circle that has a power."""
    at_dc, at_top = math.sqrt(low), math.sqrt(high)
    half = (at_dc + at_top) / 2
    first = (half + math.sqrt(half * half + middle)) / 2
    return np.array([first, (at_dc - at_top) / 2, -middle / (4 * first)])


def _highpass_poles(sample_rate: int) -> _Coefficients:
    tan = math.tan(math.pi * 38.13547087602444 / sample_rate)
    quality = 0.5003270373238773
    return np.array(
        [1 + tan / quality + tan * tan, 2 * (tan * tan - 1), 1 - tan / quality + tan * tan]
    )
