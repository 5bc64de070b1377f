"""Loudness, from the energies of K-weighted hops.

Source: ITU-R BS.1770-5 (integrated), EBU Tech 3341 (momentary, short-term), Tech 3342 (range).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

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
    """What all measures of a sound's loudness are taken from; ten values a second are kept.

    All are K-weighted mean squares, channels weighted and added. ``gating_blocks`` are those of
    each whole 400 ms, ``short_terms`` of each 3 s, every 100 ms. ``max_momentary`` and
    ``max_short_term`` are the greatest of any 400 ms and 3 s, looked at every 10 ms, ``momentary``
    and ``short_term`` those of the last; before the first sample there is silence. ``mean`` is that
    of the whole, ungated.
    """

    gating_blocks: MeanSquares
    short_terms: MeanSquares
    max_momentary: float
    max_short_term: float
    momentary: float
    short_term: float
    mean: float

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
        power = 10 ** (gain_db / 10)
        return Loudness(
            self.gating_blocks * power,
            self.short_terms * power,
            self.max_momentary * power,
            self.max_short_term * power,
            self.momentary * power,
            self.short_term * power,
            self.mean * power,
        )

    def integrated_lufs(self) -> float:
        """Return the gated loudness of the whole programme.

        Sound of less than 400 ms has no gating block: it measures its plain mean. Nothing louder
        than -70 LUFS measures ``-inf``.
        """
        return _gated_lufs(self.gating_blocks) if self.gating_blocks.size else _lufs(self.mean)

    @classmethod
    def together(cls, several: Sequence[Loudness]) -> Loudness:
        """Return the loudness of several sounds as one programme: an album, a sheet.

        No gate and no maximum reaches from one into the next. Those below 400 ms count for the
        integrated loudness only where there is nothing else.
        """
        none = np.zeros(0)
        return cls(
            np.concatenate((none, *(each.gating_blocks for each in several))),
            np.concatenate((none, *(each.short_terms for each in several))),
            max((each.max_momentary for each in several), default=0.0),
            max((each.max_short_term for each in several), default=0.0),
            several[-1].momentary if several else 0.0,
            several[-1].short_term if several else 0.0,
            max((each.mean for each in several), default=0.0),
        )

    def max_momentary_lufs(self) -> float:
        """Return the greatest loudness of any 400 ms."""
        return _lufs(self.max_momentary)

    def max_short_term_lufs(self) -> float:
        """Return the greatest loudness of any 3 s."""
        return _lufs(self.max_short_term)

    def momentary_lufs(self) -> float:
        """Return the loudness of the last 400 ms."""
        return _lufs(self.momentary)

    def short_term_lufs(self) -> float:
        """Return the loudness of the last 3 s."""
        return _lufs(self.short_term)

    def range_lu(self) -> float:
        """Return the spread between soft and loud short-term loudness, 0 below 3 s."""
        loud = self.short_terms[self.short_terms > _mean_square(_ABSOLUTE_GATE_LUFS)]
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
        self._energy = 0.0
        self._momentary = _Windows(_BLOCK_HOPS)
        self._short_term = _Windows(_SHORT_TERM_HOPS)

    def add(self, chunk: Samples) -> None:
        """Take the next chunk, ``(channels, chunk_samples)``."""
        hops = self._together([(w, energies.add(chunk[n])) for n, w, energies in self._channels])
        self._length_samples += chunk.shape[1]
        self._energy += float(hops.sum())
        self._momentary = self._momentary.plus(hops)
        self._short_term = self._short_term.plus(hops)

    def with_rest(self, rest: Samples) -> Loudness:
        """Return the loudness up to now and of the sound's rest, shorter than a chunk.

        A last, incomplete hop counts with what there is of it, but for the gated loudness.
        """
        hops = self._together([(w, each.of_rest(rest[n])) for n, w, each in self._channels])
        length = self._length_samples + rest.shape[1]
        whole = len(hops) - bool(length % self._hop)
        momentary, short_term = self._momentary.plus(hops), self._short_term.plus(hops)
        energy = (self._energy + float(hops.sum())) * self._hop
        return Loudness(
            self._momentary.plus(hops[:whole]).every_100_ms(),
            short_term.every_100_ms(),
            momentary.greatest,
            short_term.greatest,
            momentary.last,
            short_term.last,
            energy / max(length, 1),
        )

    def _together(self, energies: Sequence[tuple[float, MeanSquares]]) -> MeanSquares:
        """Return the mean square of each hop over all channels, each with its weight."""
        total = np.zeros(len(energies[0][1]))
        for weight, own in energies:
            total += weight * own
        return total / self._hop


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """The mean square of the ``hops`` hops before each hop's end, of sound that comes in parts.

    ``kept`` are those of whole windows every 100 ms. What there is before the first hop is silence.
    """

    hops: int
    recent: MeanSquares = field(default_factory=lambda: np.zeros(0))
    count: int = 0
    kept: tuple[MeanSquares, ...] = ()
    greatest: float = 0.0
    last: float = 0.0

    def plus(self, new: MeanSquares) -> _Windows:
        """Return the same after further hops."""
        if not new.size:
            return self
        missing = np.zeros(self.hops - len(self.recent))
        sums = np.cumsum(np.concatenate((missing, self.recent, new)))
        # A difference of running sums may fall a rounding below zero.
        means = np.maximum(sums[self.hops :] - sums[: -self.hops], 0.0) / self.hops
        first = self.hops - 1 - self.count
        first = first if first >= 0 else first % _STEP_HOPS
        return _Windows(
            self.hops,
            np.concatenate((self.recent, new))[-self.hops :],
            self.count + len(new),
            (*self.kept, means[first::_STEP_HOPS].copy()),
            max(self.greatest, float(means.max())),
            float(means[-1]),
        )

    def every_100_ms(self) -> MeanSquares:
        """Return the mean square of each whole window, one every 100 ms."""
        return np.concatenate((np.zeros(0), *self.kept))


def _gated_lufs(blocks: MeanSquares) -> float:
    loud = blocks[blocks > _mean_square(_ABSOLUTE_GATE_LUFS)]
    if not loud.size:
        return -math.inf
    return _lufs(float(loud[loud > loud.mean() / 10].mean()))


def _lufs(mean_square: float) -> float:
    return 10 * math.log10(mean_square) - 0.691 if mean_square > _SILENCE else -math.inf


def _mean_square(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
