"""Onsets: how much begins at each moment of a sound, from the rise of its spectrum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Audio, Samples

__all__ = ["FRAMES_PER_SECOND", "Onsets", "band_levels", "find_onsets", "rises"]

Values = NDArray[np.float64]

FRAMES_PER_SECOND = 100
"""About how many frames a second are looked at; a frame is a whole number of samples."""

LOW_HZ = 160.0
"""Below lie the kick drum and the bass, which mark the first beat of most bars."""

_WINDOW_S = 0.03
_FLOOR_DB = 60.0
_BANDS_PER_OCTAVE = 4
_LOWEST_HZ = 40.0
_HIGHEST_HZ = 14_000.0
_BACK_FRAMES = 2  # with this window an onset is found where it is, to a millisecond
_CHUNK_FRAMES = 2048
_LOCAL_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Onsets:
    """The strength of onsets by frame: of all bands, and of the low ones alone.

    Frame ``n`` is at ``n / frame_rate_hz`` seconds; a strength is 0 where nothing begins.
    """

    strengths: Values
    low: Values
    frame_rate_hz: float

    @property
    def seconds(self) -> float:
        """How long they last."""
        return len(self.strengths) / self.frame_rate_hz


def find_onsets(audio: Audio) -> Onsets:
    """Return the onsets of a sound; silence has none."""
    levels, centres_hz = band_levels(audio)
    flux = rises(levels)
    hop = _hop_samples(audio.sample_rate)
    frame_rate_hz = audio.sample_rate / hop
    low = centres_hz < LOW_HZ
    return Onsets(
        _peaks(flux.mean(axis=1), frame_rate_hz),
        _peaks(flux[:, low].mean(axis=1), frame_rate_hz),
        frame_rate_hz,
    )


def band_levels(audio: Audio) -> tuple[Values, Values]:
    """Return the level of each band by frame in dB above a floor, and the bands' centres.

    The floor lies 60 dB below the loudest band of any frame.
    """
    window = _window_samples(audio.sample_rate)
    centres_hz, members = _bands(window, audio.sample_rate)
    powers = np.concatenate([np.zeros((0, len(centres_hz))), *_powers(audio, members)])
    loudest = float(powers.max(initial=0.0))
    if loudest <= 0:
        return np.zeros_like(powers), centres_hz
    shares = np.maximum(powers / loudest, 10 ** (-_FLOOR_DB / 10))
    return 10 * np.log10(shares) + _FLOOR_DB, centres_hz


def rises(levels: Values) -> Values:
    """Return by how much each band has risen over the last frames; a fall counts nothing."""
    before = np.concatenate((np.zeros((_BACK_FRAMES, levels.shape[1])), levels))
    return np.asarray(np.maximum(levels - before[: len(levels)], 0.0))


def _powers(audio: Audio, members: Values) -> Iterator[Values]:
    """Yield the power of each band, a few frames at a time; channels are added as power."""
    window = _window_samples(audio.sample_rate)
    hop = _hop_samples(audio.sample_rate)
    weights = np.hanning(window + 2)[1:-1].astype(np.float32)
    padded = np.pad(audio.samples, ((0, 0), (window // 2, window)))
    frames = -(-audio.length_samples // hop)
    for first in range(0, frames, _CHUNK_FRAMES):
        count = min(_CHUNK_FRAMES, frames - first)
        channels = (samples[first * hop :] for samples in padded)
        powers = [_channel_powers(samples, count, hop, weights) for samples in channels]
        yield np.sum(powers, axis=0) @ members


def _channel_powers(samples: Samples, frames: int, hop: int, weights: Samples) -> Values:
    cut = np.lib.stride_tricks.sliding_window_view(samples, len(weights))[: frames * hop : hop]
    return np.asarray(np.abs(np.fft.rfft(cut * weights, axis=1)) ** 2, np.float64)


def _bands(window: int, sample_rate: int) -> tuple[Values, Values]:
    """Return the centres of the bands, and which line of the spectrum belongs to which.

    Low down, where lines are sparse, a band is at least one line wide.
    """
    lines_hz = np.fft.rfftfreq(window, 1 / sample_rate)
    heard = (lines_hz >= _LOWEST_HZ / 2) & (lines_hz <= _HIGHEST_HZ)
    numbers = np.round(_BANDS_PER_OCTAVE * np.log2(np.maximum(lines_hz, 1) / _LOWEST_HZ))
    bands = np.unique(numbers[heard])
    members = ((numbers[:, np.newaxis] == bands) & heard[:, np.newaxis]).astype(np.float64)
    return _LOWEST_HZ * 2 ** (bands / _BANDS_PER_OCTAVE), members


def _peaks(values: Values, frame_rate_hz: float) -> Values:
    """Return what stands out of its surroundings."""
    width = max(1, round(_LOCAL_S * frame_rate_hz)) | 1
    if len(values) < width:
        return np.maximum(values - values.mean(), 0.0) if len(values) else values
    padded = np.pad(values, width // 2, mode="edge")
    sums = np.concatenate(([0.0], np.cumsum(padded)))
    around = (sums[width:] - sums[:-width]) / width
    return np.asarray(np.maximum(values - around, 0.0))


def _hop_samples(sample_rate: int) -> int:
    return max(1, round(sample_rate / FRAMES_PER_SECOND))


def _window_samples(sample_rate: int) -> int:
    return max(16, 2 * round(_WINDOW_S * sample_rate / 2))
