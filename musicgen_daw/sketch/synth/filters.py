"""Recursive filters at the speed of matrix products.

A recursion can't be vectorised sample by sample. In blocks it can: inside a block the output is a
product with a triangular matrix, and from block to block only the few numbers of the state are
handed on, for which the same trick serves a second time in groups of blocks, and a third from group
to group.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples

__all__ = ["CHUNK", "Filter", "Running", "chain", "highpass", "lowpass"]

BLOCK = 32
GROUP = 16
GROUPS = 24
CHUNK = BLOCK * GROUP * GROUPS
"""Samples of a channel that are filtered at once."""

PIECE = 6 * BLOCK
"""Blocks in one product, so few that BLAS stays on one thread with two filters in series."""

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
        running = Running(self, len(sound))
        for first in range(0, sound.shape[1], CHUNK):
            chunk = sound[:, first : first + CHUNK]
            if chunk.any() or not running.rests:
                chunk[...] = running.through(chunk)


class Running:
    """A filter at work on a sound that comes in chunks."""

    def __init__(self, design: Filter, channels: int) -> None:
        self._matrices = _BlockMatrices.of(design)
        self._state = np.zeros((channels, len(design.a)))

    @property
    def rests(self) -> bool:
        """Whether it has died away, so that silence need not be filtered."""
        return bool(np.abs(self._state).max(initial=0.0) < SPENT)

    def through(self, chunk: Samples) -> Samples:
        """Return the next ``(channels, samples)``, ``CHUNK`` at most, filtered.

        Only the last chunk may be shorter than ``CHUNK``.
        """
        if self.rests:
            self._state[...] = 0.0  # it wakes as if new
        filtered, self._state = self._matrices.run(chunk, self._state)
        return filtered[:, : chunk.shape[1]]


@dataclass(frozen=True, slots=True, eq=False)
class _BlockMatrices:
    emit: Samples  # block in, and the state before it -> block out
    collect: Samples  # block in -> what it adds to the state
    spread: Matrix  # what the blocks of a group add -> the states inside the group and after it
    carry: Matrix  # state at the start of a group -> the states inside the group
    lead: Matrix  # state before a chunk, and what its groups add -> the states at their starts

    @classmethod
    def of(cls, design: Filter) -> _BlockMatrices:
        powers = _powers(design.a, BLOCK)
        response = [design.d, *(float(design.c @ power @ design.b) for power in powers)]
        direct = _lower(np.array(response[:BLOCK]))
        collect = np.stack([powers[BLOCK - 1 - j] @ design.b for j in range(BLOCK)])
        emit = np.stack([design.c @ powers[i] for i in range(BLOCK)], axis=1)
        by_block = _powers(powers[BLOCK], GROUP)
        by_group = _powers(by_block[GROUP], GROUPS)
        return cls(
            np.concatenate([direct.T, emit]).astype(np.float32),
            collect.astype(np.float32),
            _handed_on(by_block[:GROUP]),
            np.concatenate(by_block[:GROUP]).T.copy(),
            np.vstack([np.concatenate(by_group).T, _handed_on(by_group[:GROUPS])]),
        )

    def run(self, chunk: Samples, state: Matrix) -> tuple[Samples, Matrix]:
        """Return the chunk filtered, padded to ``CHUNK``, and the state after it."""
        channels, order = state.shape
        blocks = np.empty((channels, GROUPS * GROUP, BLOCK + order), np.float32)
        if chunk.shape[1] < CHUNK:
            chunk = np.pad(chunk, ((0, 0), (0, CHUNK - chunk.shape[1])))
        blocks[..., :BLOCK] = chunk.reshape(channels, -1, BLOCK)
        added = (blocks[..., :BLOCK] @ self.collect).astype(np.float64)
        inside = added.reshape(-1, GROUP * order) @ self.spread
        after = inside[:, -order:].reshape(channels, GROUPS * order)
        starts = np.concatenate([state, after], axis=1) @ self.lead
        states = inside[:, :-order]
        states += starts[:, :-order].reshape(-1, order) @ self.carry
        blocks[..., BLOCK:] = states.reshape(channels, -1, order)
        filtered = blocks.reshape(-1, PIECE, BLOCK + order) @ self.emit
        return filtered.reshape(channels, -1), starts[:, -order:]


def _powers(matrix: Matrix, count: int) -> list[Matrix]:
    """Return the powers of a matrix from 0 to ``count``."""
    powers = [np.eye(len(matrix))]
    for _ in range(count):
        powers.append(matrix @ powers[-1])
    return powers


def _handed_on(powers: list[Matrix]) -> Matrix:
    """Return the matrix from what each of some steps adds to the state to the state before each
    step, and after the last.
    """
    steps, order = len(powers), len(powers[0])
    handed = np.zeros((steps + 1, steps, order, order))
    handed[1:] = _lower(np.array(powers))
    return handed.swapaxes(1, 2).reshape((steps + 1) * order, steps * order).T.copy()


def _lower(response: Matrix) -> Matrix:
    """Return the matrix whose row i answers an impulse in column j with ``response[i - j]``."""
    late = np.arange(len(response))[:, None] - np.arange(len(response))
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
