"""From exact time to whole samples: the one rounding rule."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Span", "in_time", "to_samples"]


def to_samples(seconds: Fraction | int, sample_rate: int) -> int:
    """Return the sample nearest to ``seconds``; halves go up: ``floor(seconds * rate + 1/2)``.

    Round the edges of a stretch of time and subtract; rounding lengths drifts.
    """
    numerator, denominator = seconds.as_integer_ratio()  # arithmetic with fractions is slow
    return (2 * numerator * sample_rate + denominator) // (2 * denominator)


def in_time(seconds: Fraction) -> tuple[float, Fraction]:
    """Return a key that sorts as the seconds themselves do, exactly, and many times faster.

    The nearest float never puts two moments in the wrong order; where it can't tell them apart,
    the fractions do.
    """
    return float(seconds), seconds


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of samples, ``start_samples <= n < end_samples``."""

    start_samples: int
    end_samples: int

    def __post_init__(self) -> None:
        if self.end_samples < self.start_samples:
            raise ValueError(
                f"a span can't end ({self.end_samples}) before it starts ({self.start_samples})"
            )

    @classmethod
    def between(cls, start_s: Fraction | int, end_s: Fraction | int, sample_rate: int) -> Span:
        """Round both edges, so that adjoining spans tile exactly."""
        return cls(to_samples(start_s, sample_rate), to_samples(end_s, sample_rate))

    @property
    def length_samples(self) -> int:
        """The number of samples in the span."""
        return self.end_samples - self.start_samples
