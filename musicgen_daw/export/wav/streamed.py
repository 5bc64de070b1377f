"""A WAV that is sent while its sound is made: its length is known before, in 32-bit floats."""

from __future__ import annotations

import numpy as np

from musicgen_daw.audio import Audio, Pcm
from musicgen_daw.export.wav import fmt
from musicgen_daw.formats import riff

__all__ = ["body", "head"]


def head(first: Audio, length_samples: int) -> bytes:
    """Return all bytes before the samples of a file that begins with a block of sound."""
    empty = Pcm(np.zeros((first.channels, 0), np.float32), first.sample_rate, "32f")
    data_bytes = length_samples * first.channels * fmt.SAMPLE_BYTES["32f"]
    return riff.head([fmt.encode(empty)], data_bytes, (), length_samples)


def body(block: Audio) -> bytes:
    """Return the bytes of a block of sound."""
    return np.ascontiguousarray(block.samples.T, "<f4").tobytes()
