"""From float to the integers of a file, and the exact sum of stems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.pcm import BitDepth, Pcm

__all__ = ["Quantiser", "mix_of", "quantise", "to_audio"]

_FLOAT_GRID = 2.0**24
_PART_SAMPLES = 1 << 15  # samples of a channel done at once: they stay in the processor's cache


def quantise(audio: Audio, bit_depth: BitDepth, rng_seed: int) -> Pcm:
    """Round the samples of a whole sound to a file's steps, as ``Quantiser`` does."""
    return Quantiser(audio.sample_rate, audio.channels, bit_depth, rng_seed).rounded(audio.samples)


class Quantiser:
    """Rounds samples to a file's steps, with triangular dither at 16 and 24 bit.

    Dither of two steps' width makes the error independent of the music. It begins in each channel
    with the first sample that is not zero: digital silence stays digital silence. 32-bit float is
    rounded to a grid of 2**-24 without dither, on which sums below full scale are exact. Integers
    are held at full scale rather than wrapped. A sound may come in pieces of any length.
    """

    def __init__(
        self, sample_rate: int, channels: int, bit_depth: BitDepth, rng_seed: int = 0
    ) -> None:
        self._sample_rate = sample_rate
        self._bit_depth = bit_depth
        self._noises = [_Noise(rng_seed, number) for number in range(channels)]

    def rounded(self, samples: Samples) -> Pcm:
        """Return the next samples, ``(channels, samples)``, rounded."""
        if self._bit_depth == "32f":
            return Pcm(_on_float_grid(samples), self._sample_rate, self._bit_depth)
        full_scale = 2.0 ** (int(self._bit_depth) - 1)
        integers = np.zeros(samples.shape, np.int32)
        for channel, noise, rounded in zip(samples, self._noises, integers, strict=True):
            first = 0
            while first < len(channel):
                if not noise.begun:
                    sounding = channel[first:].astype(bool)
                    if not sounding.any():
                        break
                    first += int(sounding.argmax())
                dither = noise.next(len(channel) - first)
                steps = channel[first : first + len(dither)] * np.float32(full_scale)
                steps += dither
                np.rint(steps, out=steps)
                # The upper bound must be a float32 below full scale: 2**23 - 1 is one.
                np.clip(steps, -full_scale, full_scale - 1, out=steps)
                rounded[first : first + len(dither)] = steps
                first += len(dither)
        return Pcm(integers, self._sample_rate, self._bit_depth)


class _Noise:
    """The dither of one channel, drawn a part at a time and used up in any portions."""

    def __init__(self, rng_seed: int, channel: int) -> None:
        self._seeds = (rng_seed, channel)
        self._generator: np.random.Generator | None = None
        self._drawn = np.zeros(0, np.float32)

    @property
    def begun(self) -> bool:
        return self._generator is not None

    def next(self, most: int) -> NDArray[np.float32]:
        """Return the next noise, ``most`` samples or fewer."""
        if self._generator is None:
            self._generator = np.random.Generator(np.random.PCG64(self._seeds))
        if not len(self._drawn):
            self._drawn = _triangular(_PART_SAMPLES, self._generator)
        noise, self._drawn = self._drawn[:most], self._drawn[most:]
        return noise


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
