"""The one resampler and its one policy."""

from __future__ import annotations

import numpy as np
import soxr

from musicgen_daw.audio.buffer import Audio, Samples

__all__ = ["resample"]


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Return the sound at another rate, without delay and of exactly the rounded length.

    soxr's high quality is flat to 0.44 of the lower rate and keeps images below -130 dB. The
    channels stay as they are: mono is done once.
    """
    if audio.sample_rate == sample_rate:
        return audio
    # Rounded as times are everywhere: to the nearest sample, halves up.
    length = (2 * audio.length_samples * sample_rate + audio.sample_rate) // (2 * audio.sample_rate)
    if not length:
        return Audio(np.zeros((audio.channels, 0), np.float32), sample_rate)
    samples = soxr.resample(audio.samples.T, audio.sample_rate, sample_rate, quality="HQ").T
    return Audio(_exactly(np.ascontiguousarray(samples, np.float32), length), sample_rate)


def _exactly(samples: Samples, length: int) -> Samples:
    """Cut or fill the odd sample by which a resampler's rounding may differ from ours."""
    missing = length - samples.shape[1]
    return np.pad(samples, ((0, 0), (0, missing))) if missing > 0 else samples[:, :length]
