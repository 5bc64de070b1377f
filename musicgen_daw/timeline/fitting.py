"""Tempos that put the hits of a cue on its beats: how near each tempo comes, and which is best.

As in notation programs, a *miss* is how far a hit lies from the nearest beat, in video frames: what
is off by less than about two of them is seen as together.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.timeline.cue import Hit
from musicgen_daw.timeline.meter import MeterChange
from musicgen_daw.timeline.tempo import TempoMap, us_per_beat

__all__ = ["HitMiss", "TempoFit", "fit_of_map", "pulse_beats", "rank_tempos"]

STEP_BPM = Fraction(1, 10)
"""Tempos are tried in tenths of a beat a minute: finer ones nobody writes over a score."""

_APART = 0.005
"""Of tempos that are nearer to each other than this share only the best is told."""

_DIGITS = 4
"""Decimals of a second in which sums of misses are compared: tempos are whole microseconds."""

_IMPORTANT = 3
"""An important hit weighs as much as so many others."""


@dataclass(frozen=True, slots=True)
class HitMiss:
    """A hit, the beat of the cue nearest to it (from 0, as the meter counts), and its miss.

    The miss is positive where the hit comes after the beat.
    """

    hit: Hit
    beat: int
    miss_video_frames: Fraction


@dataclass(frozen=True, slots=True)
class TempoFit:
    """How the hits of a cue lie at a tempo; ``bpm`` counts quarter notes."""

    bpm: Fraction
    misses: tuple[HitMiss, ...]

    def caught(self, window_video_frames: Fraction) -> int:
        """Return how many hits lie within a window of video frames around their beats."""
        return sum(abs(miss.miss_video_frames) <= window_video_frames for miss in self.misses)

    @property
    def mean_miss_video_frames(self) -> Fraction:
        """The mean of the misses without their signs; 0 where there are no hits."""
        total = sum((abs(miss.miss_video_frames) for miss in self.misses), Fraction(0))
        return total / max(len(self.misses), 1)

    @property
    def worst_miss_video_frames(self) -> Fraction:
        """The largest of the misses without its sign; 0 where there are no hits."""
        return max((abs(miss.miss_video_frames) for miss in self.misses), default=Fraction(0))


def pulse_beats(meter: MeterChange) -> Fraction:
    """Return the beat that a meter counts, in quarter notes: a dotted quarter in 6/8."""
    in_threes = set(meter.groups) == {3} if meter.groups else meter.numerator % 3 == 0
    compound = meter.denominator >= 8 and meter.numerator > 3 and in_threes
    return Fraction(12 if compound else 4, meter.denominator)


def rank_tempos(
    hits: Sequence[Hit],
    fps: Fraction,
    *,
    lowest_bpm: Fraction,
    highest_bpm: Fraction,
    window_video_frames: Fraction,
    pulse: Fraction = Fraction(1),
    most: int = 5,
) -> tuple[TempoFit, ...]:
    """Return the steady tempos that come nearest to the hits, the best first.

    Best is what catches most hits within the window, important ones before others, then what
    misses them by least on average, then the slowest.

    Args:
        hits: The hits, counted from the start of the cue, where its first beat is.
        fps: Video frames per second.
        lowest_bpm: The slowest tempo to be tried, in quarter notes per minute.
        highest_bpm: The fastest.
        window_video_frames: How far a hit may be off and still count as caught.
        pulse: The beat in quarter notes.
        most: The most tempos to be returned.
    """
    if not hits:
        return ()
    window_s = float(window_video_frames / fps)
    places = [(float(hit.at_s), _IMPORTANT if hit.important else 1) for hit in hits]

    def cost(bpm: Fraction) -> tuple[int, float, Fraction]:
        pulse_s = float(us_per_beat(bpm) * pulse) / 1_000_000
        lost, sum_s = 0, 0.0
        for at_s, weight in places:
            miss_s = abs(math.remainder(at_s, pulse_s))
            sum_s += weight * miss_s
            if miss_s > window_s:
                lost += weight
        return lost, round(sum_s, _DIGITS), bpm

    first, last = math.ceil(lowest_bpm / STEP_BPM), math.floor(highest_bpm / STEP_BPM)
    tried = [cost(number * STEP_BPM) for number in range(first, last + 1)]
    told: list[TempoFit] = []
    near: list[float] = []
    for _, _, bpm in sorted(tried):
        if len(told) == most:
            break
        if not _is_near(float(bpm), near):
            insort(near, float(bpm))
            told.append(_fit(bpm, hits, fps, pulse))
    return tuple(told)


def fit_of_map(hits: Sequence[Hit], fps: Fraction, tempo_map: TempoMap) -> TempoFit:
    """Return how hits lie on the beats of a map, whatever its tempos; ``bpm`` is its first."""
    return TempoFit(tempo_map.tempos[0].bpm, tuple(_miss_on(hit, fps, tempo_map) for hit in hits))


def _is_near(bpm: float, others: Sequence[float]) -> bool:
    place = bisect_left(others, bpm)
    return any(abs(other / bpm - 1) < _APART for other in others[max(place - 1, 0) : place + 1])


def _fit(bpm: Fraction, hits: Sequence[Hit], fps: Fraction, pulse: Fraction) -> TempoFit:
    pulse_s = us_per_beat(bpm) * pulse / 1_000_000
    misses = []
    for hit in hits:
        beat = math.floor(hit.at_s / pulse_s + Fraction(1, 2))
        misses.append(HitMiss(hit, beat, (hit.at_s - beat * pulse_s) * fps))
    return TempoFit(bpm, tuple(misses))


def _miss_on(hit: Hit, fps: Fraction, tempo_map: TempoMap) -> HitMiss:
    at = tempo_map.beats_at(hit.at_s)
    line = min(
        _beats_around(at, tempo_map), key=lambda line: abs(tempo_map.seconds_at(line) - hit.at_s)
    )
    miss_s = hit.at_s - tempo_map.seconds_at(line)
    return HitMiss(hit, _beats_until(line, tempo_map), miss_s * fps)


def _beats_around(at: Fraction, tempo_map: TempoMap) -> tuple[Fraction, Fraction]:
    """Return the beats before (or at) and after a position; bars begin anew at meter changes."""
    bar, beat = tempo_map.bar_at(at)
    pulse = pulse_beats(tempo_map.meter_at(at))
    before = at - beat % pulse
    return before, min(before + pulse, tempo_map.beats_of(bar + 1))


def _beats_until(line: Fraction, tempo_map: TempoMap) -> int:
    """Return how many beats of its meters lie before a position."""
    stops = [*(change.at_beats for change in tempo_map.meters[1:]), line]
    return sum(
        math.ceil(max(min(stop, line) - change.at_beats, Fraction(0)) / pulse_beats(change))
        for change, stop in zip(tempo_map.meters, stops, strict=True)
    )
