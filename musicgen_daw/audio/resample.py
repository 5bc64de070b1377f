"""The one resampler and its one policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from musicgen_daw.audio import tape
from musicgen_daw.audio.buffer import Audio, Samples

__all__ = ["resample", "resample_pieces", "resampled_length"]


_QUALITY = "HQ"


def resampled_length(length_samples: int, sample_rate: int, new_rate: int) -> int:
    """Return a length at another rate, rounded as times are everywhere: halves up."""
    return (2 * length_samples * new_rate + sample_rate) // (2 * sample_rate)


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Return the sound at another rate, without delay and of exactly the rounded length.

    soxr's high quality is flat to 0.44 of the lower rate and keeps images below -130 dB. The
    channels stay as they are: mono is done once.
    """
    if audio.sample_rate == sample_rate:
        return audio
    length = resampled_length(audio.length_samples, audio.sample_rate, sample_rate)
    if not length:
        return Audio(np.zeros((audio.channels, 0), np.float32), sample_rate)
    stretches = (audio.samples[:, here] for here in tape.stretches(audio.length_samples))
    pieces = resample_pieces(stretches, audio.sample_rate, sample_rate, audio.length_samples)
    return Audio(tape.recorded(pieces, audio.channels, length), sample_rate)


def resample_pieces(
    pieces: Iterable[Samples], sample_rate: int, new_rate: int, length_samples: int
) -> Iterator[Samples]:
    """Yield sound that comes in pieces at another rate: the same samples as in one piece.

    ``length_samples`` is the length of the whole at the first rate.
    """
    missing = resampled_length(length_samples, sample_rate, new_rate)
    stream: soxr.ResampleStream | None = None
    taken = 0
    for piece in pieces:
        if stream is None:
            stream = soxr.ResampleStream(
                sample_rate, new_rate, len(piece), dtype="float32", quality=_QUALITY
            )
        taken += piece.shape[1]
        # Without copies each channel would be read with a stride, which soxr does not take.
        chunk = np.ascontiguousarray(piece.T)
        resampled = stream.resample_chunk(chunk, last=taken >= length_samples).T
        if taken >= length_samples:
            resampled = _exactly(np.asarray(resampled, np.float32), missing)
        missing -= resampled.shape[1]
        if resampled.shape[1]:
            yield np.ascontiguousarray(resampled, np.float32)


def _exactly(samples: Samples, length: int) -> Samples:
    """Cut or fill the odd sample by which a resampler's rounding may differ from ours."""
    missing = length - samples.shape[1]
    return np.pad(samples, ((0, 0), (0, missing))) if missing > 0 else samples[:, :length]
