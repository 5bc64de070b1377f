"""Recursive filters at the speed of matrix products.

A recursion can't be vectorised sample by sample. In blocks it can: inside a block the output is a
product with a triangular matrix, and from block to block only the few numbers of the state are
handed on, for which the same trick serves a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples

__all__ = ["Filter", "chain", "highpass", "lowpass"]

BLOCK = 32
GROUP = 32
CHUNK = BLOCK * GROUP * 12
"""Samples filtered at once, so few that BLAS stays on one thread with two filters in series."""

SPENT = 1e-7
"""What is left in a filter when it has died away, far below what 24 bits can tell."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A linear filter in state space: ``s' = A s + B x`` and ``y = C s + D x``."""

    a: Matrix
    b: Matrix
    c: Matrix
    d: float

    def then(self, other: Filter) -> Filter:
        """Return this filter followed by another."""
        own, more = len(self.a), len(other.a)
        a = np.block([[self.a, np.zeros((own, more))], [np.outer(other.b, self.c), other.a]])
        b = np.concatenate([self.b, other.b * self.d])
        c = np.concatenate([other.d * self.c, other.c])
        return Filter(a, b, c, self.d * other.d)

    def apply(self, sound: Samples) -> None:
        """Filter ``(channels, samples)`` from rest, in place."""
        matrices = _BlockMatrices.of(self)
        state = np.zeros((len(sound), len(self.a)))
        for first in range(0, sound.shape[1], CHUNK):
            chunk = sound[:, first : first + CHUNK]
            if np.abs(state).max(initial=0.0) < SPENT and not chunk.any():
                state[...] = 0.0
                continue
            filtered, state = matrices.run(chunk, state)
            chunk[...] = filtered[:, : chunk.shape[1]]


@dataclass(frozen=True, slots=True, eq=False)
class _BlockMatrices:
    emit: Samples  # block in, and the state before it -> block out
    collect: Samples  # block in -> what it adds to the state
    spread: Matrix  # what the blocks of a group add -> the states inside the group
    carry: Matrix  # state at the start of a group -> the states inside the group

    @classmethod
    def of(cls, design: Filter) -> _BlockMatrices:
        order = len(design.a)
        powers = [np.eye(order)]
        for _ in range(BLOCK):
            powers.append(design.a @ powers[-1])
        response = [design.d, *(float(design.c @ power @ design.b) for power in powers)]
        direct = _lower(np.array(response[:BLOCK]), BLOCK)
        collect = np.stack([powers[BLOCK - 1 - j] @ design.b for j in range(BLOCK)])
        emit = np.stack([design.c @ powers[i] for i in range(BLOCK)], axis=1)
        strides = [np.eye(order)]
        for _ in range(GROUP):
            strides.append(powers[BLOCK] @ strides[-1])
        # Row i: the state before block i of a group; the last row is the next group's first.
        spread = np.zeros((GROUP + 1, GROUP, order, order))
        spread[1:] = _lower(np.array(strides[:GROUP]), GROUP)
        spread = spread.swapaxes(1, 2)
        return cls(
            np.concatenate([direct.T, emit]).astype(np.float32),
            collect.astype(np.float32),
            spread.reshape((GROUP + 1) * order, GROUP * order).T.copy(),
            np.concatenate(strides).T.copy(),
        )

    def run(self, chunk: Samples, state: Matrix) -> tuple[Samples, Matrix]:
        """Return the chunk filtered, padded to whole groups, and the state after it."""
        channels, order = state.shape
        groups = -(-chunk.shape[1] // (BLOCK * GROUP))
        whole = chunk
        if chunk.shape[1] < groups * GROUP * BLOCK:
            whole = np.zeros((channels, groups * GROUP * BLOCK), np.float32)
            whole[:, : chunk.shape[1]] = chunk
        blocks = np.empty((channels, groups, GROUP, BLOCK + order), np.float32)
        blocks[..., :BLOCK] = whole.reshape(channels, groups, GROUP, BLOCK)
        added = (blocks[..., :BLOCK] @ self.collect).astype(np.float64)
        inside = added.reshape(channels, groups, GROUP * order) @ self.spread
        for group in range(groups):
            inside[:, group] += state @ self.carry
            state = inside[:, group, -order:]
        blocks[..., BLOCK:] = inside[:, :, :-order].reshape(channels, groups, GROUP, order)
        return (blocks @ self.emit).reshape(channels, -1), state


def _lower(response: Matrix, size: int) -> Matrix:
    """Return the matrix whose row i answers an impulse in column j with ``response[i - j]``."""
    late = np.arange(size)[:, None] - np.arange(size)
    answers: Matrix = response[np.maximum(late, 0)]
    answers[late < 0] = 0.0
    return answers


def _biquad(numerator: tuple[float, float, float], denominator: tuple[float, float]) -> Filter:
    (b0, b1, b2), (a1, a2) = numerator, denominator
    return Filter(
        np.array([[-a1, 1.0], [-a2, 0.0]]),
        np.array([b1 - a1 * b0, b2 - a2 * b0]),
        np.array([1.0, 0.0]),
        b0,
    )


def _butterworth(corner_hz: float, sample_rate: float, high: bool) -> Filter:
    """Return a second-order Butterworth section by the bilinear transform."""
    warped = np.tan(np.pi * min(max(corner_hz / sample_rate, 1e-4), 0.49))
    scale = 1.0 / (1.0 + np.sqrt(2.0) * warped + warped**2)
    gain = scale if high else scale * warped**2
    sign = -2.0 if high else 2.0
    feedback = (2.0 * (warped**2 - 1.0) * scale, (1.0 - np.sqrt(2.0) * warped + warped**2) * scale)
    return _biquad((gain, sign * gain, gain), feedback)


def lowpass(corner_hz: float, sample_rate: float) -> Filter:
    """Return a low-pass of 12 dB an octave."""
    return _butterworth(corner_hz, sample_rate, high=False)


def highpass(corner_hz: float, sample_rate: float) -> Filter:
    """Return a high-pass of 12 dB an octave."""
    return _butterworth(corner_hz, sample_rate, high=True)


def chain(filters: list[Filter]) -> Filter | None:
    """Return filters in series as one, ``None`` for none."""
    return reduce(Filter.then, filters) if filters else None
