"""Damped modes: what strings, bars, bells, skins and plates do when they are struck.

A mode is ``a * z**t`` with a complex pole ``z``. With ``t = block * B + j`` the sum over all
modes is a product of two small matrices, ``(a * z**(block * B)) @ z**j``: hundreds of modes cost
little more than one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.spectra import Curve

__all__ = ["ring"]

BLOCK = 64
STRIDE = 16
LARGEST_PRODUCT = 2**18
"""Multiplications up to which BLAS stays on one thread: small products are not worth the wait for
others, and so the sound does not depend on the number of processors.
"""

INAUDIBLE = 1e-5
HIGHEST = 0.45
"""Modes above this share of the sample rate are left out, so that nothing aliases."""


def ring(
    frequencies_hz: Curve,
    t60_s: Curve,
    amplitudes: NDArray[np.complex128],
    length: int,
    sample_rate: int,
) -> Samples:
    """Return the sum of damped modes, ``(channels, length)``.

    ``amplitudes`` is ``(channels, modes)``; an angle of 0 starts a mode as a cosine, of -pi/2 as
    a sine. ``t60_s`` is the time in which a mode loses 60 dB.
    """
    keep = frequencies_hz < HIGHEST * sample_rate
    if not keep.any():
        return np.zeros((len(amplitudes), length), np.float32)
    amplitudes = amplitudes[:, keep]
    decays = np.log(1000.0) / np.maximum(t60_s[keep], 1e-3)
    poles = (2j * np.pi * frequencies_hz[keep] - decays) / sample_rate
    levels = np.abs(amplitudes).max(axis=0, initial=0.0)
    threshold = INAUDIBLE * levels.max(initial=0.0)
    within = _powers(poles, BLOCK)
    blocks = -(-length // BLOCK)
    sound = np.zeros((len(amplitudes), blocks, BLOCK), np.float32)
    first = 0
    while first < blocks:
        # Fast modes die early: each stretch, twice as long as all before, takes what still sounds.
        last = min(blocks, max(16, 2 * first))
        alive = levels * np.exp(poles.real * (first * BLOCK)) > threshold
        if not alive.any():
            break
        starts = np.exp(poles[alive] * (first * BLOCK))[:, None] * _powers(
            poles[alive] * BLOCK, last - first
        )
        sound[:, first:last] = _real_product(amplitudes[:, alive], starts, within[alive])
        first = last
    return sound.reshape(len(amplitudes), -1)[:, :length]


def _powers(poles: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """Return ``exp(pole * t)`` for t below ``count``, ``(modes, count)``, with few exponentials."""
    fine = np.exp(poles[:, None] * np.arange(STRIDE))
    coarse = np.exp(poles[:, None] * (STRIDE * np.arange(-(-count // STRIDE))))
    product: NDArray[np.complex128] = (coarse[:, :, None] * fine[:, None, :]).reshape(
        len(poles), -1
    )[:, :count]
    return product


def _real_product(
    amplitudes: NDArray[np.complex128],
    starts: NDArray[np.complex128],
    within: NDArray[np.complex128],
) -> Samples:
    """Return ``Re(sum over modes)`` as ``(channels, blocks, BLOCK)`` by one real product."""
    left = amplitudes[:, None, :] * starts.T[None]
    rows = np.concatenate([left.real, -left.imag], axis=2).astype(np.float32)
    columns = np.concatenate([within.real, within.imag], axis=0).astype(np.float32)
    height = max(1, LARGEST_PRODUCT // columns.size)
    product = np.empty((*left.shape[:2], BLOCK), np.float32)
    for first in range(0, left.shape[1], height):
        product[:, first : first + height] = rows[:, first : first + height] @ columns
    return product
