"""A look-ahead limiter that returns its gain curve, so that stems can share it.

The curve is computed at one point for every block of samples and drawn as straight lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import tape
from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.levels import db_to_gain
from musicgen_daw.audio.truepeak import BLOCK_SAMPLES, block_peaks

__all__ = ["gain_curve", "limited_pieces"]

_Values = NDArray[np.float64]

_LINES_PER_PRODUCT = 1024  # so small that BLAS stays on one thread: the caller owns the threads
_RELEASE_SPAN = 10.0
"""Release times after which nothing of a reduction is left (e**-10)."""

_LOOK_AHEAD_MS = 4.0
_RELEASE_MS = 120.0
_WINDOW_SAMPLES = 1 << 21
_FORGOTTEN_MS = 17 * _RELEASE_MS  # e**-17 is less than a float32 resolves
_SEEN_BLOCKS = 4  # beyond the look-ahead: a cut makes peaks of its own up to there


def gain_curve(
    signals: Sequence[Audio],
    ceiling_dbtp: float,
    *,
    look_ahead_ms: float = _LOOK_AHEAD_MS,
    release_ms: float = _RELEASE_MS,
    circular: bool = False,
) -> NDArray[np.float32]:
    """Return the gain, one for each sample, that keeps every signal's true peak at the ceiling.

    The gain falls smoothly during the look-ahead before a peak, holds for it and recovers
    exponentially. It is linear and at most 1, so it can act on all parts of a sum alike.
    ``circular`` treats the signals as one turn of a loop: then the curve has no seam either.

    Moving gain lets a peak pass the ceiling by a few thousandths of a decibel at most.

    Raises:
        ValueError: for no signals, or signals of unlike length or rate.
    """
    shapes = {(signal.length_samples, signal.sample_rate) for signal in signals}
    if len(shapes) != 1:
        raise ValueError("a limiter needs signals of one length and rate")
    ((length, sample_rate),) = shapes
    points_per_ms = sample_rate / 1000 / BLOCK_SAMPLES
    look_ahead = max(1, round(look_ahead_ms * points_per_ms))
    release = max(1.0, release_ms * points_per_ms)

    reduction = _needed_reduction(signals, db_to_gain(ceiling_dbtp), circular=circular)
    if not reduction.any():
        return np.ones(length, np.float32)
    turns = min(len(reduction) - 1, look_ahead + round(_RELEASE_SPAN * release)) if circular else 0
    if turns:
        reduction = np.concatenate(
            (reduction[-turns - 1 : -1], reduction, reduction[1 : turns + 1])
        )
    held = _sliding_max(reduction, look_ahead)
    smooth = _smoothed(_released(held, release), look_ahead)
    return _between_points(1 - smooth[turns : len(smooth) - turns])[:length]


def limited_pieces(
    pieces: Iterable[Samples], sample_rate: int, ceiling_dbtp: float
) -> Iterator[tuple[Samples, NDArray[np.float32]]]:
    """Yield sound that comes in pieces with its gain curve, in pieces of another length.

    The curve is that of the whole: each window is seen with what went before, until that is
    forgotten, and with what its look-ahead reaches.
    """
    before = _blocks_of(_LOOK_AHEAD_MS + _FORGOTTEN_MS, sample_rate) * BLOCK_SAMPLES
    after = (_blocks_of(_LOOK_AHEAD_MS, sample_rate) + _SEEN_BLOCKS) * BLOCK_SAMPLES
    held: Samples | None = None
    context = 0
    for piece in pieces:
        held = piece if held is None else np.concatenate((held, piece), axis=1)
        while held.shape[1] >= context + _WINDOW_SAMPLES + after:
            end = context + _WINDOW_SAMPLES
            curve = gain_curve([Audio(held[:, : end + after], sample_rate)], ceiling_dbtp)
            yield held[:, context:end], curve[context:end]
            first = max(0, end - before)
            held, context = held[:, first:], end - first
    if held is not None:
        curve = gain_curve([Audio(held, sample_rate)], ceiling_dbtp)
        yield held[:, context:], curve[context:]


def _blocks_of(milliseconds: float, sample_rate: int) -> int:
    return round(milliseconds * sample_rate / 1000 / BLOCK_SAMPLES) + 1


def _needed_reduction(signals: Sequence[Audio], ceiling: float, *, circular: bool) -> _Values:
    """Return by how much the gain must fall short of 1 at the first sample of each block.

    One value more follows the last block. A block's peak holds on both of its edges, so that the
    straight line between them is low enough everywhere.
    """
    peaks = block_peaks(signals[0], ceiling)
    for signal in signals[1:]:
        np.maximum(peaks, block_peaks(signal, ceiling), out=peaks)
    before, after = (peaks[-1:], peaks[:1]) if circular else (peaks[:1], peaks[-1:])
    edges = np.maximum(np.append(before, peaks), np.append(peaks, after))
    return np.asarray(1 - ceiling / np.maximum(edges, ceiling), np.float64)


def _sliding_max(values: _Values, ahead: int) -> _Values:
    """Return the maximum of each value and the ``ahead`` values after it."""
    highest = values.copy()
    spans = [1]
    while spans[-1] < ahead + 1:
        spans.append(min(2 * spans[-1], ahead + 1))
    # Each step joins two windows into one of up to twice the width.
    for span, wider in pairwise(spans):
        step = wider - span
        highest[:-step] = np.maximum(highest[:-step], highest[step:])
    return highest


def _released(reduction: _Values, release: float) -> _Values:
    """Let every reduction decay exponentially instead of ending at once.

    The recursion ``y[n] = max(x[n], y[n-1] * decay)`` is a running maximum of ``x[n] / decay**n``.
    """
    block = max(1, round(_RELEASE_SPAN * release))
    decay = np.exp(-np.arange(1, block + 1) / release)
    released = np.empty_like(reduction)
    last = 0.0
    for first in range(0, len(reduction), block):
        part = reduction[first : first + block]
        fall = decay[: len(part)]
        running = np.maximum.accumulate(np.maximum(part / fall, last)) * fall
        released[first : first + block] = running
        last = float(running[-1])
    return released


def _smoothed(reduction: _Values, look_ahead: int) -> _Values:
    """Average over the look-ahead twice, which turns steps into smooth ramps.

    Both averages together reach back no further than the maximum looked ahead, so that no
    smoothed reduction is less than what is needed.
    """
    first = look_ahead // 2 + 1
    second = look_ahead - first + 2
    return _moving_average(_moving_average(reduction, first), second)


def _moving_average(values: _Values, width: int) -> _Values:
    """Return the mean of each value and those before it; the first value goes back for ever."""
    padded = np.concatenate((np.full(width, values[0]), values))
    sums = np.cumsum(padded)
    return np.asarray((sums[width:] - sums[:-width]) / width)


def _between_points(gain: _Values) -> NDArray[np.float32]:
    """Draw straight lines from one block's first sample to the next one's."""
    blocks = len(gain) - 1
    lines = np.zeros((-(-blocks // _LINES_PER_PRODUCT) * _LINES_PER_PRODUCT, 2), np.float32)
    lines[:blocks, 0] = gain[:-1]
    lines[:blocks, 1] = np.diff(gain) / BLOCK_SAMPLES
    steps = np.stack((np.ones(BLOCK_SAMPLES), np.arange(BLOCK_SAMPLES))).astype(np.float32)
    drawn: NDArray[np.float32] = tape.blank((len(lines) * BLOCK_SAMPLES,))
    for first in range(0, len(lines), _LINES_PER_PRODUCT):
        stretch = drawn[first * BLOCK_SAMPLES :][: _LINES_PER_PRODUCT * BLOCK_SAMPLES]
        product = lines[first : first + _LINES_PER_PRODUCT]
        np.matmul(product, steps, out=stretch.reshape(-1, BLOCK_SAMPLES))
    return drawn
