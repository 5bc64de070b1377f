"""The intensity lane of a cue: how full and how loud the music is, over its length."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
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
        return cls.even(values)

    @classmethod
    def even(cls, levels: Sequence[float]) -> IntensityLane:
        """Return a lane through levels at equal distances.

        Raises:
            ValueError: for none, or one beyond 0 to 1.
        """
        last = max(1, len(levels) - 1)
        return cls(tuple((index / last, level) for index, level in enumerate(levels)))

    @property
    def levels(self) -> tuple[float, ...]:
        """The intensities of the points."""
        return tuple(level for _, level in self.points)

    def at(self, position: float) -> float:
        """Return the intensity at a share of the cue."""
        return self._read(position, bisect_right)

    def up_to(self, position: float) -> float:
        """Return the intensity that the lane comes to at a share of the cue, before any step."""
        return self._read(position, bisect_left)

    def with_marks(self, marks: Sequence[tuple[float, Sequence[float]]]) -> IntensityLane:
        """Return this lane up to the first mark; from each on, the levels of that mark rule.

        ``marks`` are shares of the cue, in order, with levels that are even from there to the next
        mark, or to the end of the cue.
        """
        points = list(self.points)
        for (start, levels), (end, _) in pairwise((*marks, (1.0, ()))):
            before = IntensityLane(tuple(points)).up_to(start)
            points = [point for point in points if point[0] < start]
            points += [(start, before)] if start else []
            points += [
                (min(start + (end - start) * position, end), level)
                for position, level in IntensityLane.even(levels).points
            ]
        return IntensityLane(tuple(points))

    def _read(self, position: float, place: Callable[..., int]) -> float:
        """Return the intensity at a share; ``place`` finds the first point that is after it."""
        index = place(self.points, position, key=lambda point: point[0])
        before, after = (
            self.points[max(index - 1, 0)],
            self.points[min(index, len(self.points) - 1)],
        )
        width = after[0] - before[0]
        share = (position - before[0]) / width if width else 0.0
        return before[1] + share * (after[1] - before[1])

    def __str__(self) -> str:
        return ">".join(f"{value:g}" for _, value in self.points)
