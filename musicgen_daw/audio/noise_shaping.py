"""Rounding whose error is moved to where the ear hears least of it.

Each sample takes the errors of the samples before it into account, which is slow one by one. So a
sound is cut into segments that begin afresh, and one step of all segments is done at once.

Source: S. P. Lipshitz, J. Vanderkooy, R. A. Wannamaker, "Minimally Audible Noise Shaping", Journal
of the Audio Engineering Society 39 (1991): the filter of five coefficients for 44.1 kHz.
"""

from __future__ import annotations

import numpy as np

from musicgen_daw.audio.buffer import Samples
from musicgen_daw.errors import AudioError

__all__ = ["SEGMENT_SAMPLES", "check_rate", "rounded"]

SEGMENT_SAMPLES = 4096
"""A sound may only be cut at multiples of it."""

_FED_BACK = np.array([2.033, -2.165, 1.959, -1.590, 0.6149], np.float32)
_RATES = (44_100, 48_000)


def check_rate(sample_rate: int) -> None:
    """Refuse rates that the filter isn't made for.

    Raises:
        AudioError: for others than 44.1 and 48 kHz.
    """
    if sample_rate not in _RATES:
        raise AudioError(f"noise shaping is made for 44100 and 48000 Hz, not {sample_rate}")


def rounded(steps: Samples, dither: Samples) -> Samples:
    """Return ``(channels, samples)`` in units of a file's steps, rounded with their dither."""
    channels, length = steps.shape
    segments = -(-length // SEGMENT_SAMPLES)
    wanted, noise = (_in_segments(part, segments) for part in (steps, dither))
    orders = len(_FED_BACK)
    # The newest error stands at the place of its sample: the coefficients turn, not the errors.
    turned = [np.roll(_FED_BACK[::-1], turn) for turn in range(orders)]
    errors = np.zeros((orders, channels * segments), np.float32)
    output = np.empty_like(wanted)
    for number in range(SEGMENT_SAMPLES):
        turn = number % orders
        aim = wanted[number] - np.einsum("o,os->s", turned[turn], errors)
        np.rint(aim + noise[number], out=output[number])
        np.subtract(output[number], aim, out=errors[turn])
    whole = output.reshape(SEGMENT_SAMPLES, channels, segments).transpose(1, 2, 0)
    return whole.reshape(channels, -1)[:, :length]


def _in_segments(samples: Samples, segments: int) -> Samples:
    """Return ``(SEGMENT_SAMPLES, channels * segments)``; the end is filled up with zeros."""
    channels, length = samples.shape
    padded = np.zeros((channels, segments * SEGMENT_SAMPLES), np.float32)
    padded[:, :length] = samples
    return np.ascontiguousarray(padded.reshape(channels * segments, SEGMENT_SAMPLES).T)
