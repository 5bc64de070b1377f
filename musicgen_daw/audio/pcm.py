"""Finished samples, as they stand in a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.settings import BIT_DEPTHS, BitDepth

__all__ = ["BIT_DEPTHS", "BitDepth", "Pcm"]


@dataclass(frozen=True, slots=True, eq=False)
class Pcm:
    """Quantised samples, ``(channels, samples)``.

    ``16`` and ``24`` are int32 in units of one step of that depth (full scale 2**15, 2**23).
    ``32f`` is float32 on the grid of 2**-24, so that sums of stems stay exact.
    """

    samples: NDArray[np.int32] | NDArray[np.float32]
    sample_rate: int
    bit_depth: BitDepth

    def __post_init__(self) -> None:
        wanted = np.float32 if self.bit_depth == "32f" else np.int32
        if self.samples.ndim != 2 or self.samples.dtype != wanted:
            raise ValueError(
                f"{self.bit_depth}-bit samples are {np.dtype(wanted)} of shape (channels, samples),"
                f" not {self.samples.dtype} of shape {self.samples.shape}"
            )

    @classmethod
    def empty(cls, channels: int, sample_rate: int, bit_depth: BitDepth) -> Pcm:
        """Return no samples: what is left of a kind of file."""
        if bit_depth == "32f":
            return cls(np.zeros((channels, 0), np.float32), sample_rate, bit_depth)
        return cls(np.zeros((channels, 0), np.int32), sample_rate, bit_depth)

    @property
    def channels(self) -> int:
        """The number of channels."""
        return int(self.samples.shape[0])

    @property
    def length_samples(self) -> int:
        """The number of samples in each channel."""
        return int(self.samples.shape[1])

    @property
    def full_scale(self) -> float:
        """The value that stands for 0 dBFS."""
        return {"16": 2.0**15, "24": 2.0**23, "32f": 1.0}[self.bit_depth]
