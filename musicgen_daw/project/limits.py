"""What can't be mastered, told before it is tried, with what can."""

from __future__ import annotations

from musicgen_daw.audio.kweighting import MAX_RATE, MIN_RATE
from musicgen_daw.errors import AudioError
from musicgen_daw.export.wav import fmt
from musicgen_daw.export.wav.wav import Shape

__all__ = ["check_rate", "check_size"]

LARGEST_AIFF_BYTES = 2**32 - 2**26
"""Its sizes have 32 bits; tags and pictures need some room, too."""


def check_rate(sample_rate: int) -> None:
    """Refuse a sample rate at which loudness is not defined.

    Raises:
        AudioError: with the nearest rate that is a half or a double of it, and so on.
    """
    fitting = max(1, sample_rate)
    while fitting > MAX_RATE:
        fitting //= 2
    while fitting < MIN_RATE:
        fitting *= 2
    if fitting != sample_rate:
        raise AudioError(
            f"loudness can't be measured at {sample_rate} Hz, only from {MIN_RATE} to {MAX_RATE}: "
            f"use --rate {fitting}"
        )


def check_size(shape: Shape, file_format: str) -> None:
    """Refuse a file that its format can't hold.

    Raises:
        AudioError: for an AIFF of more than 4 GiB; larger WAV files become RF64.
    """
    size_bytes = shape.length_samples * shape.channels * fmt.SAMPLE_BYTES[shape.bit_depth]
    if file_format == "aiff" and size_bytes > LARGEST_AIFF_BYTES:
        raise AudioError(
            f"AIFF can't hold {size_bytes} bytes of sound, only 4 GiB: use --format wav or flac"
        )
