"""From float to the integers of a file, and the exact sum of stems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import noise_shaping, tape
from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.pcm import BitDepth, Pcm

__all__ = ["Quantiser", "mix_of", "quantise", "to_audio"]

_FLOAT_GRID = 2.0**24
_ROW_SAMPLES = 1 << 15
_ROWS = 4
"""Of noise, drawn at once, and the samples that are rounded with it: so few that they fit the
processor's cache, so many that threads seldom wait for each other's turn in the interpreter.
"""


def quantise(audio: Audio, bit_depth: BitDepth, rng_seed: int) -> Pcm:
    """Round the samples of a whole sound to a file's steps, as ``Quantiser`` does."""
    quantiser = Quantiser(audio.sample_rate, audio.channels, bit_depth, rng_seed)
    kind = np.float32 if bit_depth == "32f" else np.int32
    rounded = tape.made(lambda sound: quantiser.rounded(sound).samples, audio.samples, kind=kind)
    return Pcm(rounded, audio.sample_rate, bit_depth)


class Quantiser:
    """Rounds samples to a file's steps, with triangular dither at 16 and 24 bit.

    Dither of two steps' width makes the error independent of the music. It begins in each channel
    with the first sample that is not zero: digital silence stays digital silence. 32-bit float is
    rounded to a grid of 2**-24 without dither, on which sums below full scale are exact. Integers
    are held at full scale rather than wrapped. A sound may come in pieces of any length.
    """

    def __init__(
        self,
        sample_rate: int,
        channels: int,
        bit_depth: BitDepth,
        rng_seed: int = 0,
        *,
        shaped: bool = False,
    ) -> None:
        """Begin a sound; ``shaped`` moves the error to where the ear hears least of it.

        Then all pieces but the last must be of a multiple of ``noise_shaping.SEGMENT_SAMPLES``.

        Raises:
            AudioError: for a rate at which there is no noise shaping.
        """
        self._sample_rate = sample_rate
        self._bit_depth = bit_depth
        self._noises = [_Noise(rng_seed, number) for number in range(channels)]
        self._shaped = shaped and bit_depth != "32f"
        if self._shaped:
            noise_shaping.check_rate(sample_rate)

    def rounded(self, samples: Samples) -> Pcm:
        """Return the next samples, ``(channels, samples)``, rounded."""
        if self._bit_depth == "32f":
            return Pcm(_on_float_grid(samples), self._sample_rate, self._bit_depth)
        full_scale = np.float32(2.0 ** (int(self._bit_depth) - 1))
        integers = np.zeros(samples.shape, np.int32)
        if self._shaped:
            dither = np.zeros(samples.shape, np.float32)
            for channel, noise, drawn in zip(samples, self._noises, dither, strict=True):
                for part, its_noise in noise.along(channel):
                    drawn[part] = its_noise
            _store(noise_shaping.rounded(samples * full_scale, dither), full_scale, integers)
            return Pcm(integers, self._sample_rate, self._bit_depth)
        for channel, noise, rounded in zip(samples, self._noises, integers, strict=True):
            for part, its_noise in noise.along(channel):
                steps = channel[part] * full_scale
                steps += its_noise
                np.rint(steps, out=steps)
                _store(steps, full_scale, rounded[part])
        return Pcm(integers, self._sample_rate, self._bit_depth)


def _store(steps: Samples, full_scale: np.float32, integers: NDArray[np.int32]) -> None:
    """Hold whole steps at full scale, and store them as integers."""
    # The upper bound must be a float32 below full scale: 2**23 - 1 is one, as is 2**15 - 1.
    np.clip(steps, -full_scale, full_scale - 1, out=steps)
    integers[...] = steps


class _Noise:
    """The dither of one channel, drawn a part at a time and used up in any portions."""

    def __init__(self, rng_seed: int, channel: int) -> None:
        self._seeds = (rng_seed, channel)
        self._generator: np.random.Generator | None = None
        self._drawn = np.zeros(0, np.float32)

    def along(self, channel: Samples) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Yield the noise of the next samples, part by part, from the first sound on."""
        first = 0
        if self._generator is None:
            sounding = channel.astype(bool)
            if not sounding.any():
                return
            first = int(sounding.argmax())
            self._generator = np.random.Generator(np.random.PCG64(self._seeds))
        while first < len(channel):
            if not len(self._drawn):
                self._drawn = _triangular(_ROWS, _ROW_SAMPLES, self._generator).ravel()
            noise = self._drawn[: len(channel) - first]
            self._drawn = self._drawn[len(noise) :]
            yield slice(first, first + len(noise)), noise
            first += len(noise)


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
    is_float = first.bit_depth == "32f"
    highest = first.full_scale if is_float else first.full_scale - 1

    def added(*parts: NDArray[Any]) -> NDArray[Any]:
        # Stems may pass full scale together and come back: only the whole sum must be in range.
        total = parts[0].astype("f8" if is_float else "i4")
        for part in parts[1:]:
            total += part
        if not -first.full_scale <= total.min() <= total.max() <= highest:
            raise ValueError("the stems together exceed full scale")
        return total

    total = tape.made(added, *(pcm.samples for pcm in pcms), kind=first.samples.dtype.type)
    return Pcm(total, first.sample_rate, first.bit_depth)


def to_audio(pcm: Pcm) -> Audio:
    """Return the same samples as float32, exactly."""
    if pcm.bit_depth == "32f":
        return Audio(np.asarray(pcm.samples, np.float32), pcm.sample_rate)
    # A float32 holds integers up to 2**24: the cast is exact.
    step = np.float32(1 / pcm.full_scale)
    samples = tape.made(lambda part: part.astype(np.float32) * step, pcm.samples)
    return Audio(samples, pcm.sample_rate)


def _on_float_grid(samples: Samples) -> Samples:
    return np.asarray(np.rint(samples * np.float32(_FLOAT_GRID)) * np.float32(1 / _FLOAT_GRID))


def _triangular(rows: int, length: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return rows of triangular noise of ±1 step, as differences of 16-bit randoms."""
    # Whole words of 64 bits come quickest, and without holding other threads up.
    words = generator.integers(0, 2**64 - 1, (rows, length // 2), np.uint64, endpoint=True)
    randoms = words.view(np.uint16)
    noise = np.subtract(randoms[:, :length], randoms[:, length:], dtype=np.float32)
    noise *= np.float32(2.0**-16)
    return noise
