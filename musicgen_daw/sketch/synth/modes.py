"""Damped modes: what strings, bars, bells, skins and plates do when they are struck.

A mode is ``a * z**t`` with a complex pole ``z``. With ``t = block * B + j`` the sum over all
modes is a product of two small matrices, ``(a * z**(block * B)) @ z**j``: hundreds of modes cost
little more than one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.products import rows_at_once
from musicgen_daw.sketch.synth.spectra import Curve

__all__ = ["ring"]

BLOCK = 64
STRIDE = 16
"""Blocks in a stride: one product leads the modes from its start to the start of each."""

INAUDIBLE = 1e-4
"""A mode has died away when it is so much softer than the loudest at its start."""

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
    poles = np.exp(poles)
    within = _within(amplitudes, poles)
    poles = poles**BLOCK
    blocks = -(-length // BLOCK)
    fine = _powers(poles, STRIDE).astype(np.complex64)
    coarse = _powers(poles**STRIDE, -(-blocks // STRIDE))
    sound = np.empty((len(amplitudes), blocks, BLOCK), np.float32)
    first = 0
    while first < blocks:
        # Fast modes die early: each stretch, a quarter of all before, takes what still sounds.
        last = min(blocks, first + max(STRIDE, first // 4 // STRIDE * STRIDE))
        strides = slice(first // STRIDE, -(-last // STRIDE))
        alive = levels * np.abs(coarse[strides.start]) > threshold
        if not alive.any():
            break
        begun = coarse[strides].compress(alive, axis=1).astype(np.complex64)
        starts = begun[:, None] * fine.compress(alive, axis=1)
        starts = starts.reshape(-1, starts.shape[2])[: last - first]
        _multiply(starts.view(np.float32), within.compress(alive, axis=1), sound[:, first:last])
        first = last
    sound[:, first:] = 0.0
    return sound.reshape(len(amplitudes), -1)[:, :length]


def _powers(bases: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """Return the powers of bases from 0 on, ``(count, bases)``, by ever fewer products."""
    powers = np.ones((count, len(bases)), np.complex128)
    done = 1
    while done < count:
        more = powers[done : 2 * done]
        np.multiply(powers[: len(more)], bases, out=more)
        bases = bases * bases
        done *= 2
    return powers


def _within(amplitudes: NDArray[np.complex128], poles: NDArray[np.complex128]) -> Samples:
    """Return the modes inside a block, ``(channels, modes, 2, BLOCK)``: real, minus imaginary."""
    turns = _powers(poles, BLOCK).T.astype(np.complex64)
    turned = amplitudes[:, :, None].astype(np.complex64) * turns
    within = np.empty((*amplitudes.shape, 2, BLOCK), np.float32)
    within[:, :, 0] = turned.real
    np.negative(turned.imag, out=within[:, :, 1])
    return within


def _multiply(starts: Samples, within: Samples, out: Samples) -> None:
    """Write ``Re(sum over modes)`` to ``out``, ``(channels, blocks, BLOCK)``, by real products.

    In ``starts``, ``(blocks, 2 * modes)``, real and imaginary parts alternate.
    """
    modes = within.reshape(len(within), -1, BLOCK)
    height = rows_at_once(modes[0])
    for channel, columns in zip(out, modes, strict=True):
        for first in range(0, len(starts), height):
            rows = slice(first, first + height)
            np.matmul(starts[rows], columns, out=channel[rows])
