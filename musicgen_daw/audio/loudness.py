"""Loudness, from the energies of K-weighted hops.

Source: ITU-R BS.1770-5 (integrated), EBU Tech 3341 (momentary, short-term), Tech 3342 (range).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.kweighting import HOPS_PER_SECOND, HopEnergies, chunk_samples, hop_samples

__all__ = ["Loudness", "RunningLoudness"]

MeanSquares = NDArray[np.float64]

_BLOCK_HOPS = 4 * HOPS_PER_SECOND // 10
_STEP_HOPS = HOPS_PER_SECOND // 10
_SHORT_TERM_HOPS = 3 * HOPS_PER_SECOND
_ABSOLUTE_GATE_LUFS = -70.0
_RANGE_PARTS = (0.1, 0.95)

_SILENCE = 1e-20
"""A mean square below which (-200 LUFS) there is nothing but the rounding of silence."""

# Left, right, centre count once, surrounds 1.5 dB more, the low-frequency channel not at all.
_SURROUND = 1.41
_CHANNEL_WEIGHTS: dict[int, tuple[float, ...]] = {
    4: (1.0, 1.0, _SURROUND, _SURROUND),
    5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND),
    6: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND),
}


@dataclass(frozen=True, slots=True, eq=False)
class Loudness:
    """The loudness of a sound over time, from which all measures of it are taken.

    ``mean_squares`` is the K-weighted mean square of each hop of 10 ms, channels weighted and
    added; a last, incomplete hop counts with what there is of it.
    """

    mean_squares: MeanSquares
    length_samples: int
    hop_samples: int

    @classmethod
    def of(cls, audio: Audio) -> Loudness:
        """Filter a sound.

        Mono is one channel: it measures 3 dB less than the same signal on two loudspeakers.
        Four channels are L R Ls Rs, five L R C Ls Rs, six L R C LFE Ls Rs; others weigh the same.

        Raises:
            AudioError: for a sample rate below 8 kHz.
        """
        running = RunningLoudness(audio.sample_rate, audio.channels)
        chunk = running.chunk_samples
        whole = audio.length_samples // chunk * chunk
        for first in range(0, whole, chunk):
            running.add(audio.samples[:, first : first + chunk])
        return running.with_rest(audio.samples[:, whole:])

    def amplified(self, gain_db: float) -> Loudness:
        """Return the loudness of the same sound with a gain, which need not be filtered again."""
        return replace(self, mean_squares=self.mean_squares * 10 ** (gain_db / 10))

    def integrated_lufs(self) -> float:
        """Return the gated loudness of the whole programme.

        Sound of less than 400 ms has no gating block: it measures its plain mean. Nothing louder
        than -70 LUFS measures ``-inf``.
        """
        if not (blocks := self._gating_blocks()).size:
            energy = float(self.mean_squares.sum()) * self.hop_samples
            return _lufs(energy / max(self.length_samples, 1))
        return _gated_lufs(blocks)

    @staticmethod
    def integrated_together_lufs(several: Sequence[Loudness]) -> float:
        """Return the gated loudness of several sounds as one programme: an album, a sheet.

        Those below 400 ms count only where there is nothing else.
        """
        blocks = np.concatenate([np.zeros(0), *(each._gating_blocks() for each in several)])
        if blocks.size:
            return _gated_lufs(blocks)
        return max((each.integrated_lufs() for each in several), default=-math.inf)

    def _gating_blocks(self) -> MeanSquares:
        """Return the mean squares of all whole blocks of 400 ms, one every 100 ms."""
        whole_hops = self.mean_squares[: self.length_samples // self.hop_samples]
        if len(whole_hops) < _BLOCK_HOPS:
            return np.zeros(0)
        return _windows(whole_hops, _BLOCK_HOPS)[::_STEP_HOPS]

    def max_momentary_lufs(self) -> float:
        """Return the greatest loudness of any 400 ms; before the first sample there is silence."""
        return _lufs(float(_windows(self.mean_squares, _BLOCK_HOPS).max()))

    def max_short_term_lufs(self) -> float:
        """Return the greatest loudness of any 3 s; before the first sample there is silence."""
        return _lufs(float(_windows(self.mean_squares, _SHORT_TERM_HOPS).max()))

    def momentary_lufs(self) -> MeanSquares:
        """Return the loudness of the 400 ms up to the end of each hop of 10 ms."""
        return _all_lufs(_running(self.mean_squares, _BLOCK_HOPS))

    def short_term_lufs(self) -> MeanSquares:
        """Return the loudness of the 3 s up to the end of each hop of 10 ms."""
        return _all_lufs(_running(self.mean_squares, _SHORT_TERM_HOPS))

    def range_lu(self) -> float:
        """Return the spread between soft and loud short-term loudness, 0 below 3 s."""
        if len(self.mean_squares) < _SHORT_TERM_HOPS:
            return 0.0
        blocks = _windows(self.mean_squares, _SHORT_TERM_HOPS)[::_STEP_HOPS]
        loud = blocks[blocks > _mean_square(_ABSOLUTE_GATE_LUFS)]
        if not loud.size:
            return 0.0
        ranked = np.sort(loud[loud > loud.mean() / 100])
        soft, strong = (ranked[math.floor((len(ranked) - 1) * part + 0.5)] for part in _RANGE_PARTS)
        return _lufs(float(strong)) - _lufs(float(soft))


class RunningLoudness:
    """The loudness of a sound that comes in chunks of ``chunk_samples``; ``Loudness.of`` is one."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.chunk_samples = chunk_samples(sample_rate)
        self._hop = hop_samples(sample_rate)
        self._length_samples = 0
        weights = _CHANNEL_WEIGHTS.get(channels, (1.0,) * channels)
        self._channels = [
            (number, weight, HopEnergies(sample_rate))
            for number, weight in enumerate(weights)
            if weight
        ]

    def add(self, chunk: Samples) -> None:
        """Take the next chunk, ``(channels, chunk_samples)``."""
        for number, _, energies in self._channels:
            energies.add(chunk[number])
        self._length_samples += chunk.shape[1]

    def with_rest(self, rest: Samples) -> Loudness:
        """Return the loudness up to now and of the sound's rest, shorter than a chunk."""
        length = self._length_samples + rest.shape[1]
        total = np.zeros(-(-length // self._hop))
        for number, weight, energies in self._channels:
            total += weight * energies.with_rest(rest[number])
        return Loudness(total / self._hop, length, self._hop)


def _running(squares: MeanSquares, hops: int) -> MeanSquares:
    """Return the mean over the ``hops`` hops up to each hop; before the first is silence."""
    return _windows(np.concatenate((np.zeros(hops - 1), squares)), hops)[: len(squares)]


def _windows(squares: MeanSquares, hops: int) -> MeanSquares:
    """Return the mean over ``hops`` hops ending at each hop; at least one window."""
    if len(squares) < hops:
        squares = np.concatenate((np.zeros(hops - len(squares)), squares))
    sums = np.concatenate(([0.0], np.cumsum(squares)))
    # A difference of running sums may fall a rounding below zero.
    return np.asarray(np.maximum(sums[hops:] - sums[:-hops], 0.0) / hops)


def _gated_lufs(blocks: MeanSquares) -> float:
    loud = blocks[blocks > _mean_square(_ABSOLUTE_GATE_LUFS)]
    if not loud.size:
        return -math.inf
    return _lufs(float(loud[loud > loud.mean() / 10].mean()))


def _all_lufs(mean_squares: MeanSquares) -> MeanSquares:
    audible = np.where(mean_squares > _SILENCE, mean_squares, np.nan)
    return np.nan_to_num(10 * np.log10(audible) - 0.691, nan=-math.inf)


def _lufs(mean_square: float) -> float:
    return 10 * math.log10(mean_square) - 0.691 if mean_square > _SILENCE else -math.inf


def _mean_square(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
