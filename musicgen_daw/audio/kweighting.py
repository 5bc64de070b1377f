"""K-weighting: the filter through which loudness is measured.

The filter is recursive, and a loop over samples is slow in numpy. So it runs a block at a time,
as matrix products: a block's output is a triangular matrix times the block, plus a second matrix
times the filter's state before it. The states come the same way from what each block adds to
them, a group of blocks at a time; and from group to group little is left to carry. That is faster
than an FFT and exact to single precision.

Source: ITU-R BS.1770-5, Annex 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio.balanced import balanced_states
from musicgen_daw.audio.buffer import Samples
from musicgen_daw.audio.kcurve import k_coefficients
from musicgen_daw.errors import AudioError

__all__ = ["HOPS_PER_SECOND", "HopEnergies", "chunk_samples", "hop_energies", "hop_samples"]

HOPS_PER_SECOND = 100
"""Energies are kept every 10 ms, fine enough for the true maximum of momentary loudness."""

MIN_RATE = 8000
"""Below it the shelf of the K-curve leaves the band."""

MAX_RATE = 192_000
"""Nobody delivers at a higher one, so neither filter nor meter is tried there."""

_TYPICAL_BLOCK = 64
_GROUP_BLOCKS = 48  # so small that BLAS stays on one thread: the caller owns the threads
_CHUNK_GROUPS = 64  # about 190 000 samples at once, which fit the processor's cache
_FORGOTTEN = 1e-9  # of a state: -180 dB

_Matrix32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _KFilter:
    """K-weighting at one sample rate, as matrices that act on rows: blocks of samples, and groups.

    With ``x`` a block and ``s`` the four states before it, ``x @ response`` is the block's output
    from rest followed by what it adds to the states, and ``s @ ring`` the rest of the output.

    With ``u`` what all blocks of a group add and ``s`` the states before it, ``u @ states`` are the
    states before each block from rest, followed by those after the group, and ``s @ fading`` is
    what is to be added to the former. ``decays[i]`` takes states over ``2**i`` groups.
    """

    block: int
    response: _Matrix32
    ring: _Matrix32
    states: _Matrix32
    fading: _Matrix32
    decays: tuple[_Matrix32, ...]


def hop_samples(sample_rate: int) -> int:
    """Return the number of samples in one hop of 10 ms.

    Raises:
        AudioError: for a rate below 8 kHz, at which K-weighting is not defined, or above 192 kHz.
    """
    if not MIN_RATE <= sample_rate <= MAX_RATE:
        raise AudioError(
            f"loudness can't be measured at {sample_rate} Hz, only from {MIN_RATE} to {MAX_RATE}: "
            "use a rate between them"
        )
    return round(sample_rate / HOPS_PER_SECOND)


def chunk_samples(sample_rate: int) -> int:
    """Return how many samples ``HopEnergies`` takes at once, a few seconds.

    Raises:
        AudioError: for a rate below 8 kHz or above 192 kHz.
    """
    hop_samples(sample_rate)
    return _CHUNK_GROUPS * _GROUP_BLOCKS * _k_filter(sample_rate).block


def hop_energies(channel: Samples, sample_rate: int) -> NDArray[np.float64]:
    """Return the sum of squares of one K-weighted channel in each hop.

    ``channel`` is one-dimensional. A last, incomplete hop is filled up with silence.
    """
    energies = HopEnergies(sample_rate)
    chunk = chunk_samples(sample_rate)
    whole = len(channel) // chunk * chunk
    hops = [energies.add(channel[first : first + chunk]) for first in range(0, whole, chunk)]
    return np.concatenate((*hops, energies.of_rest(channel[whole:])))


class HopEnergies:
    """The energies of one K-weighted channel, whose sound comes in chunks of one length.

    Where the chunks begin and end decides the last bits of the result; so they are always the
    same, and one piece and many give the same energies.
    """

    def __init__(self, sample_rate: int) -> None:
        self._hop = hop_samples(sample_rate)
        self._filter = _k_filter(sample_rate)
        self._chunk = chunk_samples(sample_rate)
        self._state = np.zeros(4, np.float32)
        self._blocks = np.zeros(0)  # of the hop that a chunk's end cut

    def add(self, chunk: Samples) -> NDArray[np.float64]:
        """Take the next ``chunk_samples``, and return the energy of each hop that is whole now.

        Raises:
            ValueError: for a chunk of another length.
        """
        if chunk.shape != (self._chunk,):
            raise ValueError(f"a chunk has {self._chunk} samples, not {chunk.shape}")
        blocks, self._state = self._block_energies(chunk, self._chunk)
        blocks = np.concatenate((self._blocks, blocks))
        per_hop = self._hop // self._filter.block
        whole = len(blocks) // per_hop * per_hop
        self._blocks = blocks[whole:]
        return np.asarray(blocks[:whole].reshape(-1, per_hop).sum(axis=1))

    def of_rest(self, rest: Samples) -> NDArray[np.float64]:
        """Return the energy of each further hop, if the sound ended with its ``rest``.

        The rest is shorter than a chunk. It isn't added: the sound may go on.
        """
        per_hop = self._hop // self._filter.block
        pending = len(self._blocks) * self._filter.block
        hops = -(-(pending + len(rest)) // self._hop)
        blocks, _ = self._block_energies(rest, hops * self._hop - pending)
        blocks = np.concatenate((self._blocks, blocks))[: hops * per_hop]
        return np.asarray(blocks.reshape(hops, per_hop).sum(axis=1))

    def _block_energies(
        self, channel: Samples, length_samples: int
    ) -> tuple[NDArray[np.float64], _Matrix32]:
        """Return the energy of each block, and the filter's state after the last group."""
        state = self._state
        energies = [np.zeros(0)]
        for groups in _chunks_of_groups(channel, length_samples, self._filter.block):
            weighted, state = _weighted(groups, state, self._filter)
            # A sum of few squares needs no more than single precision, one of many blocks does.
            squares = np.einsum("gbs,gbs->gb", weighted, weighted).ravel()
            energies.append(squares.astype(np.float64))
        return np.concatenate(energies), state


def _chunks_of_groups(channel: Samples, length_samples: int, block: int) -> Iterator[Samples]:
    """Cut a channel into arrays of whole groups, ``(groups, blocks, samples)``; the end is padded.

    Only the last group is a copy.
    """
    group = _GROUP_BLOCKS * block
    whole = len(channel) // group * group
    chunk = _CHUNK_GROUPS * group
    for first in range(0, whole, chunk):
        part = channel[first : min(first + chunk, whole)]
        yield part.reshape(-1, _GROUP_BLOCKS, block)
    if whole < length_samples:
        last = np.zeros(-(-(length_samples - whole) // group) * group, np.float32)
        last[: len(channel) - whole] = channel[whole:]
        yield last.reshape(-1, _GROUP_BLOCKS, block)


def _weighted(groups: Samples, state: _Matrix32, filter_: _KFilter) -> tuple[_Matrix32, _Matrix32]:
    """Return the filter's output, ``(groups, blocks, samples)``, and its state after all."""
    count, blocks, block = groups.shape
    from_rest = np.matmul(groups, filter_.response)
    added = from_rest[:, :, block:].reshape(count, 1, 4 * blocks)
    states = np.matmul(added, filter_.states)[:, 0]

    after = np.concatenate([state[np.newaxis], states[:, 4 * blocks :]])
    # Each round adds what was left 1, 2, 4, … groups before, until that has died away.
    for power, decay in enumerate(filter_.decays):
        stride = 1 << power
        after[stride:] += after[:-stride] @ decay
    before = states[:, : 4 * blocks] + after[:-1] @ filter_.fading
    weighted = np.matmul(before.reshape(count, blocks, 4), filter_.ring)
    weighted += from_rest[:, :, :block]
    return weighted, after[-1]


@lru_cache(maxsize=16)
def _k_filter(sample_rate: int) -> _KFilter:
    numerator, denominator = k_coefficients(sample_rate)
    feed, into, out, through = balanced_states(numerator, denominator)
    block = _block_samples(hop_samples(sample_rate))

    impulse = np.zeros(block)
    impulse[0] = through
    ring = np.zeros((4, block))
    drive = np.zeros((block, 4))
    power = np.eye(4)
    for n in range(block):
        ring[:, n] = power.T @ out
        drive[block - 1 - n] = power @ into
        if n + 1 < block:
            impulse[n + 1] = out @ power @ into
        power = feed @ power
    direct = np.zeros((block, block))
    for n in range(block):
        direct[n, n:] = impulse[: block - n]

    over_blocks = [np.linalg.matrix_power(power.T, count) for count in range(_GROUP_BLOCKS + 1)]
    states = np.zeros((_GROUP_BLOCKS, 4, _GROUP_BLOCKS + 1, 4))
    for n in range(_GROUP_BLOCKS):
        for later in range(n + 1, _GROUP_BLOCKS + 1):
            states[n, :, later] = over_blocks[later - 1 - n]
    decays = [over_blocks[_GROUP_BLOCKS]]
    while np.abs(decays[-1]).max() > _FORGOTTEN:
        decays.append(decays[-1] @ decays[-1])
    single = np.float32
    return _KFilter(
        block,
        np.hstack((direct, drive)).astype(single),
        ring.astype(single),
        states.reshape(4 * _GROUP_BLOCKS, -1).astype(single),
        np.hstack(over_blocks[:_GROUP_BLOCKS]).astype(single),
        tuple(decay.astype(single) for decay in decays),
    )


def _block_samples(hop: int) -> int:
    """Return the divisor of a hop that makes the quickest matrices."""
    divisors = [n for n in range(_TYPICAL_BLOCK // 2, 2 * _TYPICAL_BLOCK) if hop % n == 0]
    return min(divisors, key=lambda n: abs(n - _TYPICAL_BLOCK), default=hop)
