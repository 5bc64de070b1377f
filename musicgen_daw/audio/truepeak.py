"""True peak: the highest point of the waveform that the samples stand for, between them too.

Oversampling everything would cost more than all the rest of mastering. Two bounds tell which
blocks can't hold the highest point: one from the samples' size, one from how sharply they bend.
They leave a few per cent of most music.

Source: ITU-R BS.1770-5, Annex 2 (four times oversampling at least; here eight times).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Audio, Samples

__all__ = ["BLOCK_SAMPLES", "RunningTruePeak", "block_peaks", "sample_peak", "true_peak"]

BLOCK_SAMPLES = 16
"""The samples of a block, for which ``block_peaks`` gives one value."""

OVERSAMPLING = 8
_TAPS = 32  # per phase: flat within 0.01 dB up to 0.42 of the sample rate
_KAISER_BETA = 5.65
_STRETCH_BLOCKS = 16
_BATCH = 1024
_BLOCKS_PER_PRODUCT = 48  # so small that BLAS stays on one thread: the caller owns the threads
_ROUNDING = 1.0001
_CARRIED_BLOCKS = 2  # one that waits, and one that its interpolation reaches back into

_Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Interpolator:
    """A matrix from a block and its surroundings to all points between its samples.

    No point is higher than ``size_gain`` times the largest sample, nor than the largest sample
    plus ``bend_gain`` times the largest second difference.
    """

    matrix: _Floats
    size_gain: float
    bend_gain: float


def sample_peak(audio: Audio) -> float:
    """Return the greatest absolute sample, 0.0 for none; NaN if any sample is NaN."""
    if not audio.length_samples:
        return 0.0
    # np.maximum keeps a NaN, which the built-in max may lose.
    return float(np.maximum(audio.samples.max(), -audio.samples.min()))


def true_peak(audio: Audio, at_least: float = 0.0) -> float:
    """Return the true peak as a linear value, ``at_least`` where it is not higher than that.

    A caller that only needs to know whether a limit is passed gives it as ``at_least``: then
    little is oversampled.
    """
    best = max(at_least, sample_peak(audio))
    for channel in audio.samples:
        best = _channel_peak(channel, best, slice(None))
    return best


class RunningTruePeak:
    """The true peak of a sound that comes in pieces of whole blocks.

    A piece's last block waits for the next piece, whose first samples its interpolation needs.
    """

    def __init__(self, channels: int, at_least: float = 0.0) -> None:
        self._last = np.zeros((channels, _CARRIED_BLOCKS * BLOCK_SAMPLES), np.float32)
        self._best = at_least

    def add(self, piece: Samples) -> None:
        """Take the next piece, ``(channels, samples)``.

        Raises:
            ValueError: for a piece that is no whole number of blocks, at least two.
        """
        if piece.shape[1] % BLOCK_SAMPLES or piece.shape[1] < self._last.shape[1]:
            raise ValueError(f"{piece.shape[1]} samples are no whole number of blocks")
        self._best = self._highest(piece, slice(1, -1))
        self._last = piece[:, -self._last.shape[1] :].copy()

    def with_rest(self, rest: Samples) -> float:
        """Return the true peak up to now and of the sound's rest, which isn't added."""
        return self._highest(rest, slice(1, None))

    def _highest(self, piece: Samples, blocks: slice) -> float:
        best = self._best
        if piece.size:
            best = max(best, float(piece.max()), -float(piece.min()))
        for last, channel in zip(self._last, piece, strict=True):
            best = _channel_peak(np.concatenate((last, channel)), best, blocks)
        return best


def _channel_peak(channel: Samples, best: float, blocks: slice) -> float:
    """Return the highest point between the samples of some blocks, or ``best`` if none is higher.

    ``best`` is not below any sample of those blocks.
    """
    size_gain = np.float32(_interpolator().size_gain)
    around = _sizes_around(_block_sizes(channel, best))
    first_block = blocks.start or 0
    candidates = np.flatnonzero(around[blocks] * size_gain > best) + first_block
    if not candidates.size:
        return best
    candidates = candidates[np.argsort(-around[candidates], kind="stable")]
    segments = _segments(channel)
    for first in range(0, len(candidates), _BATCH):
        batch = candidates[first : first + _BATCH]
        if around[batch[0]] * size_gain <= best:
            break
        high = segments[batch]
        high = high[_bend_bounds(high, around[batch]) > best]
        best = max(best, float(_highest(high).max(initial=0.0)))
    return best


def block_peaks(audio: Audio, floor: float) -> _Floats:
    """Return for each block the true peak over all channels, up to the next block's first sample.

    Where that can't pass ``floor`` the value isn't above it either, and not below the largest
    sample: such blocks are not oversampled.
    """
    peaks = np.zeros(-(-audio.length_samples // BLOCK_SAMPLES), np.float32)
    for channel in audio.samples:
        sizes = _block_sizes(channel, floor)
        around = _sizes_around(sizes)
        candidates = np.flatnonzero(around * np.float32(_interpolator().size_gain) > floor)
        segments = _segments(channel)
        for first in range(0, len(candidates), _BATCH):
            blocks = candidates[first : first + _BATCH]
            blocks = blocks[_bend_bounds(segments[blocks], around[blocks]) > floor]
            sizes[blocks] = np.maximum(sizes[blocks], _highest(segments[blocks]))
        np.maximum(peaks, sizes, out=peaks)
    return peaks


def _block_sizes(channel: Samples, floor: float) -> _Floats:
    """Return the largest absolute sample of each block, exactly where ``floor`` may be passed.

    Elsewhere it is that of a stretch of blocks around it, which is found in a fraction of the time.
    """
    stretch = _STRETCH_BLOCKS * BLOCK_SAMPLES
    whole = len(channel) // stretch * stretch
    stretches = channel[:whole].reshape(-1, stretch)
    largest = np.maximum(stretches.max(axis=1), -stretches.min(axis=1))
    high = np.flatnonzero(largest * np.float32(_interpolator().size_gain) > floor)

    sizes = np.repeat(largest[:, np.newaxis], _STRETCH_BLOCKS, axis=1)
    sizes[high] = _exact_sizes(stretches[high].ravel()).reshape(-1, _STRETCH_BLOCKS)
    return np.append(sizes, _exact_sizes(channel[whole:]))


def _exact_sizes(samples: Samples) -> _Floats:
    """Return the largest absolute sample of each block; the last block may be incomplete."""
    size = np.abs(samples)
    whole = len(size) // BLOCK_SAMPLES * BLOCK_SAMPLES
    columns = size[:whole].reshape(-1, BLOCK_SAMPLES).T
    sizes = columns[0].copy()
    for column in columns[1:]:  # many times faster than a maximum along such short rows
        np.maximum(sizes, column, out=sizes)
    return sizes if whole == len(size) else np.append(sizes, size[whole:].max())


def _sizes_around(sizes: _Floats) -> _Floats:
    """Return the largest absolute sample of each block and its neighbours."""
    around = sizes.copy()
    around[1:] = np.maximum(around[1:], sizes[:-1])
    around[:-1] = np.maximum(around[:-1], sizes[1:])
    return around


def _bend_bounds(segments: _Floats, around: _Floats) -> _Floats:
    """Return an upper bound of the true peak in each segment, close where the sound is smooth.

    ``around`` is not below any absolute sample of the segment.
    """
    columns = np.ascontiguousarray(segments.T)  # a maximum along short rows would be slow
    bend = np.abs(np.diff(columns, 2, axis=0)).max(axis=0)
    return np.asarray(around * _ROUNDING + bend * np.float32(_interpolator().bend_gain))


def _segments(channel: Samples) -> _Floats:
    """Return a view of each block with the samples that its oversampling needs around it."""
    before, width = _TAPS // 2 - 1, BLOCK_SAMPLES + _TAPS - 1
    blocks = -(-len(channel) // BLOCK_SAMPLES)
    padded = np.zeros(blocks * BLOCK_SAMPLES + width, np.float32)
    padded[before : before + len(channel)] = channel
    return sliding_window_view(padded, width)[::BLOCK_SAMPLES][:blocks]


def _highest(segments: _Floats) -> _Floats:
    """Return the highest absolute value between the samples of each block."""
    matrix = _interpolator().matrix
    highest = np.empty(len(segments), np.float32)
    for first in range(0, len(segments), _BLOCKS_PER_PRODUCT):
        part = slice(first, first + _BLOCKS_PER_PRODUCT)
        points = segments[part] @ matrix
        highest[part] = np.abs(points).max(axis=1)
    return highest


@lru_cache(maxsize=1)
def _interpolator() -> _Interpolator:
    """Build windowed sincs, one for each phase, that pass constants and straight lines unchanged.

    What such a response adds to the straight line between two samples is a sum of second
    differences, which gives the second bound.
    """
    tap = np.arange(_TAPS) - (_TAPS // 2 - 1)
    at_zero, at_one = _TAPS // 2 - 1, _TAPS // 2
    matrix = np.zeros((BLOCK_SAMPLES + _TAPS - 1, BLOCK_SAMPLES, OVERSAMPLING - 1))
    size_gain = bend_gain = 0.0
    for number in range(1, OVERSAMPLING):
        phase = number / OVERSAMPLING
        offset = tap - phase
        response = np.sinc(offset) * np.i0(_KAISER_BETA * np.sqrt(1 - (offset / (_TAPS / 2)) ** 2))
        response /= response.sum()
        slope_error = float(response @ tap) - phase
        response[at_zero] += slope_error
        response[at_one] -= slope_error

        bends = response.copy()
        bends[at_zero] -= 1 - phase
        bends[at_one] -= phase
        size_gain = max(size_gain, float(np.abs(response).sum()))
        bend_gain = max(bend_gain, float(np.abs(np.cumsum(np.cumsum(bends))).sum()))
        for sample in range(BLOCK_SAMPLES):
            matrix[sample : sample + _TAPS, sample, number - 1] = response
    flat = matrix.reshape(len(matrix), -1).astype(np.float32)
    return _Interpolator(flat, size_gain * _ROUNDING, bend_gain * _ROUNDING)
