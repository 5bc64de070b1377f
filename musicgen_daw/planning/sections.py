"""What a generator that hears no intensity is told in words, and where those words change.

    intensity  0.2>0.9       ──▶   |sparse …    |calm …   |         |driving …   |
    bars       | | | | | | |

The words change on bar lines where a tempo is known, and no faster than a listener follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from musicgen_daw.timeline import IntensityLane, TempoMap

__all__ = ["moods"]

SHORTEST_S = Fraction(6)
"""Words rule for this long at least: a generator needs a few seconds to follow them."""

_LEVELS = (
    "very quiet and sparse",
    "calm and gentle",
    "",  # as the prompt says
    "energetic and driving",
    "very intense, loud and full",
)
"""The words of intensities from 0 to 1, in equal steps."""


def moods(
    lane: IntensityLane, length_s: Fraction, tempo_map: TempoMap | None
) -> tuple[tuple[Fraction, str], ...]:
    """Return the words of a cue's intensity, each with the second from which they rule.

    The first rule from 0 on. ``tempo_map`` has beat 0 at the start of the cue.
    """
    starts = list(_starts(length_s, tempo_map))
    found: list[tuple[Fraction, str]] = []
    for start_s, end_s in zip(starts, [*starts[1:], length_s], strict=True):
        words = _words(lane.at(float((start_s + end_s) / 2 / length_s)))
        if not found or words != found[-1][1]:
            found.append((start_s, words))
    return tuple(found)


def _words(intensity: float) -> str:
    return _LEVELS[min(int(intensity * len(_LEVELS)), len(_LEVELS) - 1)]


def _starts(length_s: Fraction, tempo_map: TempoMap | None) -> Iterator[Fraction]:
    """Yield where words may begin to rule: every few bars, none too near to the end."""
    start_s = Fraction(0)
    yield start_s
    for line_s in _lines_s(length_s, tempo_map):
        if line_s - start_s >= SHORTEST_S and length_s - line_s >= SHORTEST_S:
            start_s = line_s
            yield start_s


def _lines_s(length_s: Fraction, tempo_map: TempoMap | None) -> Iterator[Fraction]:
    if tempo_map is None:
        for index in range(1, int(length_s / SHORTEST_S) + 1):
            yield index * SHORTEST_S
    else:
        for line in tempo_map.bar_lines(0, tempo_map.beats_at(length_s)):
            yield tempo_map.seconds_at(line)
