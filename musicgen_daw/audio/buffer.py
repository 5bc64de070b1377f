"""Sound in memory."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["Audio", "Samples"]

Samples = NDArray[np.float32]
"""float32, ``(channels, samples)``, full scale at 1.0."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Samples with their rate: float32, ``(channels, samples)``, always two-dimensional.

    Raises:
        ValueError: for another shape or type, or a rate that is not positive. Nothing is guessed.
    """

    samples: Samples
    sample_rate: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.dtype != np.float32:
            raise ValueError(
                "audio is float32 of shape (channels, samples), "
                f"not {self.samples.dtype} of shape {self.samples.shape}"
            )
        if self.samples.shape[0] < 1 or self.sample_rate < 1:
            raise ValueError("audio needs at least one channel and a positive sample rate")

    @classmethod
    def silence(cls, length_samples: int, sample_rate: int, channels: int = 2) -> Audio:
        """Return digital silence."""
        return cls(np.zeros((channels, length_samples), np.float32), sample_rate)

    @property
    def channels(self) -> int:
        """The number of channels."""
        return int(self.samples.shape[0])

    @property
    def length_samples(self) -> int:
        """The number of samples in each channel."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> Fraction:
        """The exact length in seconds."""
        return Fraction(self.length_samples, self.sample_rate)
