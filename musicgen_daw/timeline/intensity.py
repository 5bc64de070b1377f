"""The intensity lane of a cue: how full and how loud the music is, over its length."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

__all__ = ["IntensityLane"]


@dataclass(frozen=True, slots=True)
class IntensityLane:
    """Straight lines between points ``(position, intensity)``, both from 0 to 1.

    ``position`` is the share of the cue that has passed. Before the first point and after the
    last the lane is level.
    """

    points: tuple[tuple[float, float], ...] = ((0.0, 0.5),)

    def __post_init__(self) -> None:
        values = [value for point in self.points for value in point]
        positions = [position for position, _ in self.points]
        if not self.points or not all(0 <= value <= 1 for value in values):
            raise ValueError("an intensity lane needs positions and intensities from 0 to 1")
        if any(b < a for a, b in pairwise(positions)):
            raise ValueError("the points of an intensity lane must be in order")

    @classmethod
    def parse(cls, text: str) -> IntensityLane:
        """Read ``0.6``, a ramp ``0.2>0.9``, or evenly spaced points ``0.2>0.9>0.4``.

        Raises:
            ValueError: for anything else.
        """
        try:
            values = [float(part) for part in text.split(">")]
        except ValueError:
            raise ValueError(
                f"intensity {text!r} is neither a number from 0 to 1 nor a ramp such as 0.2>0.9"
            ) from None
        last = max(1, len(values) - 1)
        return cls(tuple((index / last, value) for index, value in enumerate(values)))

    def at(self, position: float) -> float:
        """Return the intensity at a share of the cue."""
        before = self.points[0]
        for after in self.points:
            if position < after[0]:
                width = after[0] - before[0]
                share = (position - before[0]) / width if width else 1.0
                return before[1] + max(0.0, share) * (after[1] - before[1])
            before = after
        return before[1]

    def __str__(self) -> str:
        return ">".join(f"{value:g}" for _, value in self.points)
