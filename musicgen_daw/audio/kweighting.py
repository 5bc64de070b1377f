"""K-weighting: the filter through which loudness is measured.

The filter is recursive, and a loop over samples is slow in numpy. So it runs a block at a time,
as matrix products: a block's output is a triangular matrix times the block, plus a second matrix
times the filter's state before it; the states of all blocks come from one scan in few strides.
That is faster than an FFT and exact to single precision.

Source: ITU-R BS.1770-5, Annex 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Samples
from musicgen_daw.errors import AudioError

__all__ = ["HOPS_PER_SECOND", "hop_energies", "hop_samples"]

HOPS_PER_SECOND = 100
"""Energies are kept every 10 ms, fine enough for the true maximum of momentary loudness."""

MIN_RATE = 8000
"""Below it the shelf of the K-curve leaves the band."""

_TYPICAL_BLOCK = 64
_BLOCKS_PER_PRODUCT = 48  # so small that BLAS stays on one thread: the caller owns the threads
_PRODUCTS_PER_CHUNK = 64  # about 190 000 samples at once, which fit the processor's cache
_FORGOTTEN = 1e-12

_Matrix = NDArray[np.float64]
_Matrix32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _KFilter:
    """K-weighting at one sample rate, as matrices that act on blocks of samples.

    With ``x`` a block and ``s`` the four states before it, the output is ``x @ direct + s @ ring``.
    The states after it are ``x @ drive + s @ decays[0]``; ``decays[i]`` spans ``2**i`` blocks.
    """

    block: int
    direct: _Matrix32
    ring: _Matrix32
    drive: _Matrix32
    decays: tuple[_Matrix, ...]


def hop_samples(sample_rate: int) -> int:
    """Return the number of samples in one hop of 10 ms.

    Raises:
        AudioError: for a rate below 8 kHz, at which K-weighting is not defined.
    """
    if sample_rate < MIN_RATE:
        raise AudioError(f"loudness can't be measured at {sample_rate} Hz, only from {MIN_RATE} up")
    return round(sample_rate / HOPS_PER_SECOND)


def hop_energies(channel: Samples, sample_rate: int) -> NDArray[np.float64]:
    """Return the sum of squares of one K-weighted channel in each hop.

    ``channel`` is one-dimensional. A last, incomplete hop is filled up with silence.
    """
    hop = hop_samples(sample_rate)
    hops = -(-len(channel) // hop)
    filter_ = _k_filter(sample_rate)
    product = _BLOCKS_PER_PRODUCT * filter_.block
    padded = np.zeros(-(-hops * hop // product) * product, np.float32)
    padded[: len(channel)] = channel
    products = padded.reshape(-1, _BLOCKS_PER_PRODUCT, filter_.block)

    state = np.zeros(4)
    energies = []
    for first in range(0, len(products), _PRODUCTS_PER_CHUNK):
        chunk = products[first : first + _PRODUCTS_PER_CHUNK]
        before, state = _states(chunk, state, filter_)
        weighted = np.matmul(chunk, filter_.direct)
        weighted += np.matmul(before, filter_.ring)
        energies.append(np.einsum("pbs,pbs->pb", weighted, weighted).ravel())
    per_hop = hop // filter_.block
    blocks = np.concatenate([*energies, np.zeros(0)])[: hops * per_hop]
    return np.asarray(blocks.reshape(hops, per_hop).sum(axis=1, dtype=np.float64))


def _states(chunk: _Matrix32, state: _Matrix, filter_: _KFilter) -> tuple[_Matrix32, _Matrix]:
    """Return the filter's states before each block, ``(products, blocks, 4)``, and after all."""
    products, blocks, _ = chunk.shape
    states = np.empty((products * blocks + 1, 4))
    states[0] = state
    states[1:] = np.matmul(chunk, filter_.drive).reshape(-1, 4)
    # Each round adds what entered 1, 2, 4, … blocks before, until that has died away.
    for power, decay in enumerate(filter_.decays):
        stride = 1 << power
        states[stride:] += states[:-stride] @ decay
    return states[:-1].astype(np.float32).reshape(products, blocks, 4), states[-1]


@lru_cache(maxsize=16)
def _k_filter(sample_rate: int) -> _KFilter:
    numerator, denominator = _k_coefficients(sample_rate)
    feed, into, out, through = _state_space(numerator, denominator)
    block = _block_samples(hop_samples(sample_rate))

    response = np.zeros(block)
    response[0] = through
    ring = np.zeros((4, block))
    drive = np.zeros((block, 4))
    power = np.eye(4)
    for n in range(block):
        ring[:, n] = power.T @ out
        drive[block - 1 - n] = power @ into
        if n + 1 < block:
            response[n + 1] = out @ power @ into
        power = feed @ power
    direct = np.zeros((block, block))
    for n in range(block):
        direct[n, n:] = response[: block - n]

    decays = [power.T]
    while np.abs(decays[-1]).max() > _FORGOTTEN:
        decays.append(decays[-1] @ decays[-1])
    single = np.float32
    return _KFilter(
        block, direct.astype(single), ring.astype(single), drive.astype(single), tuple(decays)
    )


def _block_samples(hop: int) -> int:
    """Return the divisor of a hop that makes the quickest matrices."""
    divisors = [n for n in range(_TYPICAL_BLOCK // 2, 2 * _TYPICAL_BLOCK) if hop % n == 0]
    return min(divisors, key=lambda n: abs(n - _TYPICAL_BLOCK), default=hop)


def _k_coefficients(sample_rate: int) -> tuple[_Matrix, _Matrix]:
    """Return numerator and denominator of shelf and high-pass together, fourth order.

    The standard tabulates them at 48 kHz only; these are its analogue prototypes, warped to any
    rate. Its high-pass is a little louder than 0 dB at 48 kHz, and must be just as loud elsewhere.
    """
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
    shelf_poles = np.array([scale, 2 * (tan * tan - 1), 1 - tan / quality + tan * tan])

    highpass_poles = _highpass_poles(sample_rate)
    highpass = np.array([1.0, -2.0, 1.0]) * (_highpass_poles(48_000)[0] / highpass_poles[0])
    numerator = np.convolve(shelf / scale, highpass)
    denominator = np.convolve(shelf_poles / scale, highpass_poles / highpass_poles[0])
    return numerator, denominator


def _highpass_poles(sample_rate: int) -> _Matrix:
    tan = math.tan(math.pi * 38.13547087602444 / sample_rate)
    quality = 0.5003270373238773
    return np.array(
        [1 + tan / quality + tan * tan, 2 * (tan * tan - 1), 1 - tan / quality + tan * tan]
    )


def _state_space(
    numerator: _Matrix, denominator: _Matrix
) -> tuple[_Matrix, _Matrix, _Matrix, float]:
    """Return the filter as ``s' = feed s + into x``, ``y = out s + through x``.

    The states are scaled so that white noise gives each unit power and no correlation: others
    grow so large at 38 Hz that single precision would lose 70 dB.
    """
    feed = np.zeros((4, 4))
    feed[:, 0] = -denominator[1:]
    feed[:3, 1:] = np.eye(3)
    into = numerator[1:] - denominator[1:] * numerator[0]
    out = np.array([1.0, 0.0, 0.0, 0.0])

    lyapunov = np.eye(16) - np.kron(feed, feed)
    covariance = np.linalg.solve(lyapunov, np.outer(into, into).ravel()).reshape(4, 4)
    root = np.linalg.cholesky((covariance + covariance.T) / 2)
    inverse = np.linalg.inv(root)
    return inverse @ feed @ root, inverse @ into, out @ root, float(numerator[0])
