"""True peak: the highest point of the waveform that the samples stand for, between them too.

Oversampling everything would cost more than all the rest of mastering. Two bounds tell where the
highest point can't be: one from the samples' size, one from how sharply they bend. Stretches of
blocks are looked at first, then the blocks of those that are left: of most music, very few.

The waveform is read as the samples have it, and as converters and resamplers play it: without the
top of the band, where it may be higher.

Source: ITU-R BS.1770-5, Annex 2 (four times oversampling at least; here eight times).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.interpolator import BLOCK_SAMPLES, ROUNDING, TAPS, interpolator

__all__ = [
    "BLOCK_SAMPLES",
    "NEARLY",
    "PeakPlaces",
    "RunningTruePeak",
    "block_peaks",
    "sample_peak",
    "true_peak",
]

NEARLY = 0.999
"""What a block may lack to the peak and still count as a place where it may be."""

_BEFORE = TAPS // 2 - 1
"""How far back from a block its oversampling reaches."""

_STRETCH_BLOCKS = 32
_STRETCH_SAMPLES = _STRETCH_BLOCKS * BLOCK_SAMPLES
_STRETCHES_AT_ONCE = 128  # whose samples stay in the processor's cache
_BATCH = 1024
_BLOCKS_PER_PRODUCT = 20  # so small that BLAS stays on one thread: the caller owns the threads
_WAITING = 2  # blocks that the interpolation of one reaches ahead into
_CARRIED_BLOCKS = _WAITING + 2  # those, and what their interpolation reaches back into

_Floats = NDArray[np.float32]
_Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """What was found in a channel: its peak, and how high it may be at most between the samples
    of each candidate.
    """

    peak: float
    candidates: _Places
    bounds: _Floats


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
        best = _searched(channel, best, slice(None)).peak
    return best


@dataclass(frozen=True, slots=True, eq=False)
class PeakPlaces:
    """The true peak of a sound, and the blocks of each channel that nearly reach it.

    All others stay below ``NEARLY`` of it. So where the sound is changed by less, the peak of what
    it becomes is in one of these blocks.
    """

    peak: float
    blocks: tuple[_Places, ...]

    @classmethod
    def of(cls, audio: Audio) -> PeakPlaces:
        """Search a sound."""
        best = sample_peak(audio)
        searches = []
        for channel in audio.samples:
            searches.append(_searched(channel, best, slice(None)))
            best = searches[-1].peak
        near = tuple(each.candidates[each.bounds > NEARLY * best] for each in searches)
        return cls(best, near)

    def are_kept(self, gain: float, change: float) -> bool:
        """Tell whether these blocks still hold the peak after a gain, and if then no sample
        changes by more than ``change``.
        """
        return (1 - NEARLY) * self.peak * gain > 2 * interpolator().size_gain * change

    def true_peak(
        self, samples: NDArray[np.int32] | Samples, full_scale: float, sample_peak: float
    ) -> float:
        """Return the true peak, in these blocks, of what the sound has become."""
        scale = np.float32(1 / full_scale)
        best = sample_peak
        for channel, blocks in zip(samples, self.blocks, strict=True):
            for first in range(0, len(blocks), _BATCH):
                near = _segments(channel, blocks[first : first + _BATCH]) * scale
                best = max(best, float(_highest(near).max()))
        return best


class RunningTruePeak:
    """The true peak of a sound that comes in pieces of whole blocks.

    A piece's last blocks wait for the next piece, whose first samples their interpolation needs.
    """

    def __init__(self, channels: int, at_least: float = 0.0) -> None:
        self._last = np.zeros((channels, _CARRIED_BLOCKS * BLOCK_SAMPLES), np.float32)
        self._best = at_least

    def add(self, piece: Samples) -> None:
        """Take the next piece, ``(channels, samples)``.

        Raises:
            ValueError: for a piece that is no whole number of blocks, at least four.
        """
        if piece.shape[1] % BLOCK_SAMPLES or piece.shape[1] < self._last.shape[1]:
            raise ValueError(f"{piece.shape[1]} samples are no whole number of blocks")
        self._best = self._highest(piece, slice(_WAITING, -_WAITING))
        self._last = piece[:, -self._last.shape[1] :].copy()

    def with_rest(self, rest: Samples) -> float:
        """Return the true peak up to now and of the sound's rest, which isn't added."""
        return self._highest(rest, slice(_WAITING, None))

    def _highest(self, piece: Samples, blocks: slice) -> float:
        best = self._best
        if piece.size:
            best = max(best, float(piece.max()), -float(piece.min()))
        for last, channel in zip(self._last, piece, strict=True):
            best = _searched(np.concatenate((last, channel)), best, blocks).peak
        return best


def _searched(channel: Samples, best: float, blocks: slice) -> _Search:
    """Search some blocks for the highest point between their samples.

    ``best`` is not below any sample of those blocks.
    """
    candidates, bounds = _candidates(channel, NEARLY * best, blocks)
    order = np.argsort(-bounds, kind="stable")
    candidates, bounds = candidates[order], bounds[order]
    for first in range(0, len(candidates), _BATCH):
        if bounds[first] <= best:
            break
        high = _segments(channel, candidates[first : first + _BATCH])
        own = bounds[first : first + _BATCH]  # a view: what is found out is noted
        np.minimum(own, _segment_bounds(high), out=own)
        above = own > best
        own[above] = _highest(high[above])
        best = max(best, float(own[above].max(initial=0.0)))
    return _Search(best, candidates, bounds)


def block_peaks(audio: Audio, floor: float) -> _Floats:
    """Return for each block the true peak over all channels, up to the next block's first sample.

    Where that can't pass ``floor`` the value is 0: such blocks are not oversampled.
    """
    peaks = np.zeros(-(-audio.length_samples // BLOCK_SAMPLES), np.float32)
    for channel in audio.samples:
        candidates, _ = _candidates(channel, floor, slice(None))
        for first in range(0, len(candidates), _BATCH):
            blocks = candidates[first : first + _BATCH]
            segments = _segments(channel, blocks)
            above = _segment_bounds(segments) > floor
            blocks, segments = blocks[above], segments[above]
            samples = np.abs(segments[:, _BEFORE : _BEFORE + BLOCK_SAMPLES]).max(axis=1)
            peaks[blocks] = np.maximum(peaks[blocks], np.maximum(samples, _highest(segments)))
    return peaks


def _candidates(channel: Samples, floor: float, blocks: slice) -> tuple[_Places, _Floats]:
    """Return those of some blocks whose true peak may pass a floor, and how high it is at most.

    They are found a stretch at a time, and share its bound.
    """
    bounds = _stretch_bounds(channel, floor)
    stretches = np.flatnonzero(bounds > floor)
    candidates = (stretches[:, np.newaxis] * _STRETCH_BLOCKS + np.arange(_STRETCH_BLOCKS)).ravel()
    wanted = range(-(-len(channel) // BLOCK_SAMPLES))[blocks]
    inside = (candidates >= wanted.start) & (candidates < wanted.stop)
    return candidates[inside], np.repeat(bounds[stretches], _STRETCH_BLOCKS)[inside]


def _stretch_bounds(channel: Samples, floor: float) -> _Floats:
    """Return an upper bound of the true peak in each stretch, close where it may pass a floor."""
    whole = len(channel) // _STRETCH_SAMPLES
    stretches = channel[: whole * _STRETCH_SAMPLES].reshape(whole, _STRETCH_SAMPLES)
    sizes = np.maximum(stretches.max(axis=1), -stretches.min(axis=1))
    rest = channel[whole * _STRETCH_SAMPLES :]
    sizes = np.append(sizes, np.abs(rest).max(initial=0.0))
    around = _around(sizes)
    by_size = around * np.float32(interpolator().size_gain)
    looked_at = _around(by_size) > floor
    bends = np.full(len(sizes), np.inf, np.float32)  # as at both ends, beside which is silence
    for first in range(1, whole - 1, _STRETCHES_AT_ONCE):
        last = min(first + _STRETCHES_AT_ONCE, whole - 1)
        if looked_at[first:last].any():
            samples = channel[first * _STRETCH_SAMPLES : last * _STRETCH_SAMPLES + 2]
            bend = np.abs(np.diff(samples, 2))
            bends[first:last] = bend.reshape(-1, _STRETCH_SAMPLES).max(axis=1)
    return np.asarray(np.minimum(by_size, _bend_bounds(around, _around(bends))))


def _around(values: _Floats) -> _Floats:
    """Return the greatest of each value and its neighbours."""
    around = values.copy()
    around[1:] = np.maximum(around[1:], values[:-1])
    around[:-1] = np.maximum(around[:-1], values[1:])
    return around


def _segment_bounds(segments: _Floats) -> _Floats:
    """Return an upper bound of the true peak in each segment, close where the sound is smooth."""
    columns = np.ascontiguousarray(segments.T)  # a maximum along short rows would be slow
    sizes = np.abs(columns).max(axis=0)
    bends = np.abs(np.diff(columns, 2, axis=0)).max(axis=0)
    by_size = sizes * np.float32(interpolator().size_gain)
    return np.asarray(np.minimum(by_size, _bend_bounds(sizes, bends)))


def _bend_bounds(sizes: _Floats, bends: _Floats) -> _Floats:
    """Return what no point passes among samples of a size, and second differences of another."""
    return np.asarray(sizes * np.float32(ROUNDING) + bends * np.float32(interpolator().bend_gain))


def _segments(channel: NDArray[np.int32] | Samples, blocks: _Places) -> _Floats:
    """Return some blocks, each with the samples that its oversampling needs around it."""
    width = BLOCK_SAMPLES + TAPS - 1
    starts = blocks * BLOCK_SAMPLES - _BEFORE
    inside = (starts >= 0) & (starts + width <= len(channel))
    if inside.all() and inside.size:
        return np.asarray(sliding_window_view(channel, width)[starts], np.float32)
    segments = np.zeros((len(blocks), width), np.float32)
    if inside.any():
        segments[inside] = sliding_window_view(channel, width)[starts[inside]]
    for row in np.flatnonzero(~inside):
        start = int(starts[row])
        part = channel[max(start, 0) : start + width]
        segments[row, max(-start, 0) :][: len(part)] = part
    return segments


def _highest(segments: _Floats) -> _Floats:
    """Return the highest absolute value between the samples of each block."""
    matrix = interpolator().matrix
    highest = np.empty(len(segments), np.float32)
    for first in range(0, len(segments), _BLOCKS_PER_PRODUCT):
        part = slice(first, first + _BLOCKS_PER_PRODUCT)
        points = segments[part] @ matrix
        highest[part] = np.abs(points).max(axis=1)
    return highest
