"""Music longer than the model was trained on, in windows that overlap.

    |--------- 30 s ---------|
                   |-- kept --|--- new ---|
                                |-- kept --|--- new ---|

Every window after the first begins with codes that are there already, at least twelve seconds of
them, so that the music goes on. Nothing is joined as sound: the codes are one row, and decoded
once. Inside a window places count from its own start, as in training.

Where the prompt changes a window stops, and what is new in the next one is made to the new prompt.

Where bar lines are known, a window begins on one and stops on one: what is heard before is whole
bars, and where the model forgets what was earlier, a bar begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["STRIDE_FRAMES", "WINDOW_FRAMES", "Window", "windows"]

WINDOW_FRAMES = 1500
"""Thirty seconds: what the models were trained on. Beyond it they lose the thread."""

STRIDE_FRAMES = 900
"""From one window to the next, at most."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch that is made in one go, in frames of the whole; from ``new_from`` on it is new."""

    start: int
    end: int
    new_from: int = 0

    @property
    def frames(self) -> int:
        """Its length, with what is kept of the window before."""
        return self.end - self.start


def windows(
    frames: int,
    bar_lines: Sequence[int] = (),
    changes: Sequence[int] = (),
    *,
    longest: int = WINDOW_FRAMES,
    stride: int = STRIDE_FRAMES,
) -> tuple[Window, ...]:
    """Return the windows of a passage of so many frames, in order.

    ``bar_lines`` are the frames nearest to where bars begin, ascending. A line is taken where one
    lies in the last half of a stride, and of the new part of a window; else the plain rule goes on.
    ``changes`` are the frames at which the prompt changes, ascending: a window stops at each.

    Raises:
        ValueError: where a stride leaves nothing of a window to be kept.
    """
    if not 0 < stride < longest:
        raise ValueError(f"a stride of {stride} frames is none for windows of {longest}")
    found: list[Window] = []
    start = end = 0
    while end < frames:
        known, furthest = end, min(start + longest, frames)
        change = _first_after(known, changes)
        if change is not None and change <= furthest:
            end = change
        elif furthest == frames:
            end = frames
        else:
            most_given_up = min((furthest - known) // 2, stride // 2)
            end = _line_up_to(furthest, furthest - most_given_up, bar_lines)
        found.append(Window(start, end, known))
        latest = max(0, end - (longest - stride))
        start = _line_up_to(latest, latest - stride // 2, bar_lines)
    return tuple(found)


def _first_after(place: int, changes: Sequence[int]) -> int | None:
    index = bisect_right(changes, place)
    return changes[index] if index < len(changes) else None


def _line_up_to(place: int, after: int, bar_lines: Sequence[int]) -> int:
    """Return the last bar line at or before a place, if it comes after another; else the place."""
    index = bisect_right(bar_lines, place)
    return bar_lines[index - 1] if index and bar_lines[index - 1] > after else place
