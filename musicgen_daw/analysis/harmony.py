"""How much the harmony changes at a moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Audio

__all__ = ["chord_changes", "pitch_classes"]

Values = NDArray[np.float64]

_FRAMES_PER_SECOND = 20
_WINDOW_S = 0.18
_LOWEST_HZ, _HIGHEST_HZ = 110.0, 2000.0  # above most kick drums
_CONCERT_PITCH_HZ = 440.0
_A = 9
_CHUNK_FRAMES = 512


def chord_changes(audio: Audio, times_s: Values, span_s: float) -> Values:
    """Return how unlike the pitches before and after each time are: 0 alike, 1 nothing shared.

    ``span_s`` is how much before and after is compared.
    """
    pitches = pitch_classes(audio)
    span = max(1, round(span_s * _FRAMES_PER_SECOND))
    sums = np.concatenate((np.zeros((1, 12)), np.cumsum(pitches, axis=0)))
    frames = np.clip(np.round(times_s * _FRAMES_PER_SECOND).astype(int), 0, len(pitches))
    before = sums[frames] - sums[np.maximum(frames - span, 0)]
    after = sums[np.minimum(frames + span, len(pitches))] - sums[frames]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    shared = np.einsum("np,np->n", before, after)
    return np.asarray(np.where(norms > 0, 1 - shared / np.maximum(norms, 1e-30), 0.0))


def pitch_classes(
    audio: Audio, window_s: float = _WINDOW_S, frames_per_second: int = _FRAMES_PER_SECOND
) -> Values:
    """Return the share of each of the twelve pitch classes, from C on, frame by frame."""
    window = max(2, 2 * round(window_s * audio.sample_rate / 2))
    hop = max(1, audio.sample_rate // frames_per_second)
    weights = np.hanning(window).astype(np.float32)
    lines_hz = np.fft.rfftfreq(window, 1 / audio.sample_rate)
    heard = (lines_hz > _LOWEST_HZ) & (lines_hz < _HIGHEST_HZ)
    semitones = np.round(12 * np.log2(lines_hz[heard] / _CONCERT_PITCH_HZ)).astype(int)
    members = ((semitones[:, np.newaxis] + _A) % 12 == np.arange(12)).astype(np.float64)
    mono = np.pad(audio.samples.mean(axis=0), (window // 2, window))
    frames = -(-audio.length_samples // hop)
    cut = np.lib.stride_tricks.sliding_window_view(mono, window)[: frames * hop : hop]
    shares = [np.zeros((0, 12))]
    for first in range(0, frames, _CHUNK_FRAMES):
        spectra = np.fft.rfft(cut[first : first + _CHUNK_FRAMES] * weights, axis=1)
        shares.append(np.abs(spectra[:, heard]) @ members)
    classes = np.concatenate(shares)
    norms = np.linalg.norm(classes, axis=1, keepdims=True)
    return np.asarray(classes / np.maximum(norms, 1e-30))
