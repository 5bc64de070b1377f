"""Loudness, from the energies of K-weighted hops.

Source: ITU-R BS.1770-5 (integrated), EBU Tech 3341 (momentary, short-term), Tech 3342 (range).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Audio
from musicgen_daw.audio.kweighting import HOPS_PER_SECOND, hop_energies, hop_samples

__all__ = ["Loudness"]

MeanSquares = NDArray[np.float64]

_BLOCK_HOPS = 4 * HOPS_PER_SECOND // 10
_STEP_HOPS = HOPS_PER_SECOND // 10
_SHORT_TERM_HOPS = 3 * HOPS_PER_SECOND
_ABSOLUTE_GATE_LUFS = -70.0

# Left, right, centre count once, surrounds 1.5 dB more, the low-frequency channel not at all.
_SURROUND = 10**0.15
_CHANNEL_WEIGHTS: dict[int, tuple[float, ...]] = {
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
        Five channels are L R C Ls Rs, six L R C LFE Ls Rs; others weigh the same.

        Raises:
            AudioError: for a sample rate below 8 kHz.
        """
        hop = hop_samples(audio.sample_rate)
        weights = _CHANNEL_WEIGHTS.get(audio.channels, (1.0,) * audio.channels)
        energies = np.zeros(-(-audio.length_samples // hop))
        for weight, channel in zip(weights, audio.samples, strict=True):
            energies += weight * hop_energies(channel, audio.sample_rate)
        return cls(energies / hop, audio.length_samples, hop)

    def amplified(self, gain_db: float) -> Loudness:
        """Return the loudness of the same sound with a gain, which need not be filtered again."""
        return replace(self, mean_squares=self.mean_squares * 10 ** (gain_db / 10))

    def integrated_lufs(self) -> float:
        """Return the gated loudness of the whole programme.

        Sound of less than 400 ms has no gating block: it measures its plain mean. Nothing louder
        than -70 LUFS measures ``-inf``.
        """
        whole_hops = self.mean_squares[: self.length_samples // self.hop_samples]
        if len(whole_hops) < _BLOCK_HOPS:
            energy = float(self.mean_squares.sum()) * self.hop_samples
            return _lufs(energy / max(self.length_samples, 1))
        blocks = _windows(whole_hops, _BLOCK_HOPS)[::_STEP_HOPS]
        loud = blocks[blocks > _mean_square(_ABSOLUTE_GATE_LUFS)]
        if not loud.size:
            return -math.inf
        return _lufs(float(loud[loud > loud.mean() / 10].mean()))

    def max_momentary_lufs(self) -> float:
        """Return the greatest loudness of any 400 ms; before the first sample there is silence."""
        return _lufs(float(_windows(self.mean_squares, _BLOCK_HOPS).max()))

    def max_short_term_lufs(self) -> float:
        """Return the greatest loudness of any 3 s; before the first sample there is silence."""
        return _lufs(float(_windows(self.mean_squares, _SHORT_TERM_HOPS).max()))

    def range_lu(self) -> float:
        """Return the spread between soft and loud short-term loudness, 0 below 3 s."""
        if len(self.mean_squares) < _SHORT_TERM_HOPS:
            return 0.0
        blocks = _windows(self.mean_squares, _SHORT_TERM_HOPS)[::_STEP_HOPS]
        loud = blocks[blocks > _mean_square(_ABSOLUTE_GATE_LUFS)]
        if not loud.size:
            return 0.0
        soft, strong = np.percentile(loud[loud > loud.mean() / 100], [10, 95])
        return _lufs(float(strong)) - _lufs(float(soft))


def _windows(squares: MeanSquares, hops: int) -> MeanSquares:
    """Return the mean over ``hops`` hops ending at each hop; at least one window."""
    if len(squares) < hops:
        squares = np.concatenate((np.zeros(hops - len(squares)), squares))
    sums = np.concatenate(([0.0], np.cumsum(squares)))
    # A difference of running sums may fall a rounding below zero.
    return np.asarray(np.maximum(sums[hops:] - sums[:-hops], 0.0) / hops)


def _lufs(mean_square: float) -> float:
    # Below -200 LUFS there is nothing but the rounding of silence.
    return 10 * math.log10(mean_square) - 0.691 if mean_square > 1e-20 else -math.inf


def _mean_square(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
