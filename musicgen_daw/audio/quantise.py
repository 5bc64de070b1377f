"""From float to the integers of a file, and the exact sum of stems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.pcm import BitDepth, Pcm

__all__ = ["mix_of", "quantise", "to_audio"]

_FLOAT_GRID = 2.0**24
_PART_SAMPLES = 1 << 15  # samples of a channel done at once: they stay in the processor's cache


def quantise(audio: Audio, bit_depth: BitDepth, rng_seed: int) -> Pcm:
    """Round samples to a file's steps, with triangular dither at 16 and 24 bit.

    Dither of two steps' width makes the error independent of the music. A channel of nothing but
    zeros gets none: digital silence stays digital silence. 32-bit float is rounded to a grid of
    2**-24 without dither, on which sums below full scale are exact. Integers are held at full
    scale rather than wrapped.
    """
    if bit_depth == "32f":
        return Pcm(_on_float_grid(audio.samples), audio.sample_rate, bit_depth)
    full_scale = 2.0 ** (int(bit_depth) - 1)
    generator = np.random.Generator(np.random.PCG64(rng_seed))
    integers = np.zeros(audio.samples.shape, np.int32)
    for channel, rounded in zip(audio.samples, integers, strict=True):
        if not channel.any():
            continue
        for first in range(0, audio.length_samples, _PART_SAMPLES):
            steps = channel[first : first + _PART_SAMPLES] * np.float32(full_scale)
            steps += _triangular(len(steps), generator)
            np.rint(steps, out=steps)
            # The upper bound must be a float32 below full scale: 2**23 - 1 is one, as is 2**15 - 1.
            np.clip(steps, -full_scale, full_scale - 1, out=steps)
            rounded[first : first + _PART_SAMPLES] = steps
    return Pcm(integers, audio.sample_rate, bit_depth)


def mix_of(pcms: Sequence[Pcm]) -> Pcm:
    """Return the exact sum of stems, sample by sample.

    Raises:
        ValueError: for no stems, stems of unlike kind, or a sum beyond full scale.
    """
    kinds = {(pcm.samples.shape, pcm.sample_rate, pcm.bit_depth) for pcm in pcms}
    if len(kinds) != 1:
        raise ValueError("a mix needs stems of one shape, sample rate and bit depth")
    first = pcms[0]
    if len(pcms) == 1:
        return first
    # Stems may pass full scale together and come back: only the whole sum must be in range.
    total: Any = first.samples.astype("f8" if first.bit_depth == "32f" else "i4")
    for pcm in pcms[1:]:
        total += pcm.samples
    highest = first.full_scale if first.bit_depth == "32f" else first.full_scale - 1
    if total.size and not -first.full_scale <= total.min() <= total.max() <= highest:
        raise ValueError("the stems together exceed full scale")
    return Pcm(total.astype(first.samples.dtype), first.sample_rate, first.bit_depth)


def to_audio(pcm: Pcm) -> Audio:
    """Return the same samples as float32, exactly."""
    if pcm.bit_depth == "32f":
        return Audio(np.asarray(pcm.samples, np.float32), pcm.sample_rate)
    samples = np.empty(pcm.samples.shape, np.float32)
    # A float32 holds integers up to 2**24: the cast is exact, though numpy calls it unsafe.
    np.multiply(pcm.samples, np.float32(1 / pcm.full_scale), out=samples, casting="unsafe")
    return Audio(samples, pcm.sample_rate)


def _on_float_grid(samples: Samples) -> Samples:
    return np.asarray(np.rint(samples * np.float32(_FLOAT_GRID)) * np.float32(1 / _FLOAT_GRID))


def _triangular(length: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return triangular noise of ±1 step, as differences of 16-bit randoms."""
    # Whole words of 64 bits come quickest, and without holding other threads up.
    words = generator.integers(0, 2**64 - 1, -(-length // 2), np.uint64, endpoint=True)
    randoms = words.view(np.uint16)
    noise = np.subtract(randoms[:length], randoms[length : 2 * length], dtype=np.float32)
    noise *= np.float32(2.0**-16)
    return noise
