"""Cues longer than a generator can do, cut into overlapping segments.

    |----1----|
            |----2----|          neighbours share one bar (or 2 s), in which they are joined
                    |----3----|

Where a tempo is known every segment begins on a bar line; else all are equally long.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.timeline import IntensityLane, TempoMap

__all__ = ["Segment", "lane_between", "split"]

OVERLAP_S = Fraction(2)

# Overlap and tail each take at most this share of a segment, so that the rest is music.
MOST_SHARED = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a cue, in seconds from the cue's start; ``tail_s`` follows its end."""

    start_s: Fraction
    end_s: Fraction
    tail_s: Fraction = Fraction(0)

    @property
    def length_s(self) -> Fraction:
        """The length without the tail."""
        return self.end_s - self.start_s


def split(
    length_s: Fraction,
    tail_s: Fraction,
    max_s: Fraction | None,
    tempo_map: TempoMap | None,
    *,
    spare_s: Fraction = Fraction(0),
) -> tuple[Segment, ...]:
    """Return the segments of a cue, in order: together they cover it, none lasts over ``max_s``.

    The last one has the tail, of which ``spare_s`` are what any clip needs to be moved by: each of
    several segments has as much. Each begins before its predecessor ends, and only neighbours
    overlap.

    Raises:
        ValueError: when the tail is too long for a clip to hold it beside music.
    """
    if max_s is None or length_s + tail_s <= max_s:
        return (Segment(Fraction(0), length_s, tail_s),)
    if spare_s:
        parts = split(length_s, tail_s - spare_s, max_s - spare_s, tempo_map)
        return tuple(replace(part, tail_s=part.tail_s + spare_s) for part in parts)
    if tail_s > max_s * MOST_SHARED:
        raise ValueError(
            f"a tail of {float(tail_s):g} s is too long for clips of at most {float(max_s):g} s: "
            f"{float(max_s * MOST_SHARED):g} s would do"
        )
    on_bars = _split_on_bars(length_s, tail_s, max_s, tempo_map) if tempo_map is not None else None
    return on_bars if on_bars is not None else _split_evenly(length_s, tail_s, max_s)


def _split_evenly(length_s: Fraction, tail_s: Fraction, max_s: Fraction) -> tuple[Segment, ...]:
    overlap_s = min(OVERLAP_S, max_s * MOST_SHARED)
    count = _count(length_s + tail_s, max_s, overlap_s)
    stride_s = (length_s + tail_s - overlap_s) / count
    starts = [index * stride_s for index in range(count)]
    inner = [Segment(start_s, start_s + stride_s + overlap_s) for start_s in starts[:-1]]
    return (*inner, Segment(starts[-1], length_s, tail_s))


def _split_on_bars(
    length_s: Fraction, tail_s: Fraction, max_s: Fraction, tempo_map: TempoMap
) -> tuple[Segment, ...] | None:
    """Return segments that begin on bar lines, or ``None`` where bars are too long for that."""
    lines = _bar_lines_s(length_s, tempo_map)
    if len(lines) < 2:
        return None
    rounded = [float(line) for line in lines]  # to search in: comparing fractions is slow
    longest = max(range(1, len(lines)), key=lambda index: rounded[index] - rounded[index - 1])
    longest_bar_s = lines[longest] - lines[longest - 1]
    if longest_bar_s > max_s * MOST_SHARED:
        return None
    fewest = _count(length_s + tail_s, max_s, longest_bar_s)
    for count in range(fewest, 2 * fewest + 2):  # snapping to bars may need a few more
        segments = _sound(_segments_on(lines, rounded, count, length_s, tail_s), max_s)
        if segments is not None:
            return segments
    return None


def _bar_lines_s(length_s: Fraction, tempo_map: TempoMap) -> list[Fraction]:
    """Return the start of the cue and every bar line inside it, in seconds."""
    lines = tempo_map.bar_lines(0, tempo_map.beats_at(length_s))
    inside = [tempo_map.seconds_at(line) for line in lines if line > 0]
    return [Fraction(0), *inside]


def _segments_on(
    lines: Sequence[Fraction],
    rounded: Sequence[float],
    count: int,
    length_s: Fraction,
    tail_s: Fraction,
) -> Iterator[Segment]:
    """Yield segments near an even split: starts on lines, ends one bar after the next start."""
    stride_s = float(length_s) / count
    start = 0
    for index in range(1, count):
        following = _nearest_index(rounded, index * stride_s)
        yield Segment(lines[start], lines[min(following + 1, len(lines) - 1)])
        start = following
    yield Segment(lines[start], length_s, tail_s)


def _nearest_index(places: Sequence[float], place: float) -> int:
    after = bisect_left(places, place)
    nearby = range(max(0, after - 1), min(after + 1, len(places)))
    return min(nearby, key=lambda index: abs(places[index] - place))


def _sound(segments: Iterable[Segment], max_s: Fraction) -> tuple[Segment, ...] | None:
    """Return the segments, or ``None`` as soon as one is unsound: a long cue has thousands."""
    sound: list[Segment] = []
    for part in segments:
        if not (0 < part.length_s <= max_s - part.tail_s and _joins(sound, part)):
            return None
        sound.append(part)
    return tuple(sound)


def _joins(before: Sequence[Segment], part: Segment) -> bool:
    """Tell whether a segment overlaps the one before it, and no other."""
    if not before:
        return True
    last = before[-1]
    joined = last.start_s < part.start_s < last.end_s < part.end_s
    return joined and (len(before) == 1 or before[-2].end_s <= part.start_s)


def _count(total_s: Fraction, max_s: Fraction, overlap_s: Fraction) -> int:
    """Return how many clips of ``max_s`` that overlap cover a stretch: rounded up."""
    return int(-(-(total_s - overlap_s) // (max_s - overlap_s)))


def lane_between(lane: IntensityLane, start: float, end: float) -> IntensityLane:
    """Return the part of a lane between two shares of the cue, stretched from 0 to 1."""
    inside = [
        ((position - start) / (end - start), intensity)
        for position, intensity in lane.points
        if start < position < end
    ]
    return IntensityLane(((0.0, lane.at(start)), *inside, (1.0, lane.up_to(end))))
