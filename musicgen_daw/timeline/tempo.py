"""Tempo maps: quarter notes, bars and seconds, converted exactly.

A *beat* in this package is a quarter note, whatever the meter, as in MIDI. A tempo is a whole
number of microseconds per quarter note, as MIDI stores it, so that every position computed here
is the one that a DAW computes from the exported file. All positions are ``Fraction``.

    beats    0         4         8     11        a bar of 3/4 after two of 4/4
    bars     |1        |2        |3    |4
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from operator import ge
from typing import NamedTuple

from musicgen_daw.timeline.meter import Meter, MeterChange

__all__ = ["BarPosition", "TempoChange", "TempoMap", "us_per_beat"]

MAX_US_PER_BEAT = 0xFFFFFF
"""The slowest tempo that MIDI's three bytes can hold: about 3.58 bpm."""

_START = Fraction(0)


def us_per_beat(bpm: Fraction | float) -> int:
    """Return the whole microseconds per quarter note nearest to ``bpm``, as MIDI would store it.

    Raises:
        ValueError: when the tempo is not positive or does not fit MIDI's three bytes.
    """
    if not 0 < bpm < math.inf:
        raise ValueError(f"a tempo must be positive, not {bpm} bpm")
    us = int(Fraction(60_000_000) / Fraction(bpm) + Fraction(1, 2))
    if not 1 <= us <= MAX_US_PER_BEAT:
        raise ValueError(f"{bpm} bpm is outside what MIDI can hold (3.6 to 60 000 000 bpm)")
    return us


class BarPosition(NamedTuple):
    """A place in musical time: bars count from 1, ``beat`` is the quarters since the bar line."""

    bar: int
    beat: Fraction


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From ``at_beats`` on, a quarter note lasts ``us_per_beat`` microseconds."""

    at_beats: Fraction
    us_per_beat: int

    def __post_init__(self) -> None:
        if self.at_beats < 0 or not 1 <= self.us_per_beat <= MAX_US_PER_BEAT:
            raise ValueError(f"impossible tempo change: {self}")

    @property
    def bpm(self) -> Fraction:
        """Quarter notes per minute, exactly."""
        return Fraction(60_000_000, self.us_per_beat)

    @property
    def beat_s(self) -> Fraction:
        """The length of a quarter note in seconds, exactly."""
        return Fraction(self.us_per_beat, 1_000_000)


class _Steps(NamedTuple):
    """The places at which something changes, in order, as whole ``units`` of a beat or second."""

    places: tuple[int, ...]
    units: int

    def step_at(self, place: Fraction | int) -> int:
        """Return the step in force at a place; the first one is in force before it, too."""
        # Steps stand on whole units, so a place may be rounded down to one without passing a step.
        numerator, denominator = place.as_integer_ratio()
        return max(0, bisect_right(self.places, numerator * self.units // denominator) - 1)

    def between(self, start: Fraction | int, end: Fraction | int) -> slice:
        """Return the step in force at ``start``, and those that follow before ``end``."""
        first = self.step_at(start)
        numerator, denominator = end.as_integer_ratio()
        end_unit = -(-numerator * self.units // denominator)  # rounded up
        return slice(first, max(first + 1, bisect_left(self.places, end_unit)))


class _Grid(NamedTuple):
    """A tempo map in whole numbers, because arithmetic with fractions is slow.

    A beat has ``ticks``, so many that every change, every bar line and the pickup stand on one.
    The unit of seconds is that of which a tick lasts ``us_per_beat``. So each tempo is a straight
    line, ``seconds = origin + ticks * us_per_beat``. Each meter has the length of its bars, and
    place and number of its first bar line.
    """

    ticks: int
    tempo_beats: _Steps
    tempo_seconds: _Steps
    origins: tuple[int, ...]
    meter_beats: _Steps
    meter_seconds: _Steps
    bar_ticks: tuple[int, ...]
    first_lines: tuple[int, ...]
    first_bars: tuple[int, ...]

    @classmethod
    def of(cls, tempo_map: TempoMap) -> _Grid:
        tempos, meters = tempo_map.tempos, tempo_map.meters
        on_ticks = [tempo_map.pickup_beats, *(tempo.at_beats for tempo in tempos)]
        for meter in meters:
            on_ticks += meter.at_beats, meter.bar_beats
        ticks = math.lcm(*(beats.denominator for beats in on_ticks))
        tempo_ticks = tuple(int(tempo.at_beats * ticks) for tempo in tempos)
        seconds = [0]
        for (at, next_at), tempo in zip(pairwise(tempo_ticks), tempos, strict=False):
            seconds.append(seconds[-1] + (next_at - at) * tempo.us_per_beat)
        origins = tuple(
            at_s - at * tempo.us_per_beat
            for at_s, at, tempo in zip(seconds, tempo_ticks, tempos, strict=True)
        )
        units_a_second = ticks * 1_000_000
        meter_ticks = tuple(int(meter.at_beats * ticks) for meter in meters)
        bar_ticks = tuple(int(meter.bar_beats * ticks) for meter in meters)
        first_lines = (int(tempo_map.pickup_beats * ticks), *meter_ticks[1:])
        meter_tempos = [bisect_right(tempo_ticks, at) - 1 for at in meter_ticks]
        bars = [1]
        for (line, next_line), bar in zip(pairwise(first_lines), bar_ticks, strict=False):
            bars.append(bars[-1] - (line - next_line) // bar)  # a bar that is cut short counts
        return cls(
            ticks=ticks,
            tempo_beats=_Steps(tempo_ticks, ticks),
            tempo_seconds=_Steps(tuple(seconds), units_a_second),
            origins=origins,
            meter_beats=_Steps(meter_ticks, ticks),
            meter_seconds=_Steps(
                tuple(
                    origins[step] + at * tempos[step].us_per_beat
                    for step, at in zip(meter_tempos, meter_ticks, strict=True)
                ),
                units_a_second,
            ),
            bar_ticks=bar_ticks,
            first_lines=first_lines,
            first_bars=tuple(bars),
        )


@dataclass(frozen=True)  # without slots: the grid is kept once it is needed; many parts need none
class TempoMap:
    """Steps of tempo and meter over one timeline that begins at beat 0 and second 0.

    ``tempos`` and ``meters`` are in order, both begin at beat 0. ``pickup_beats`` is the length
    of an incomplete bar, numbered 0, before bar 1: a map cut out of a longer one in the middle of
    a bar has one. A meter change inside a bar cuts that bar short, as in MIDI.
    """

    tempos: tuple[TempoChange, ...] = (TempoChange(Fraction(0), 500_000),)
    meters: tuple[MeterChange, ...] = (MeterChange(Fraction(0), 4, 4),)
    pickup_beats: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        for changes in (self.tempos, self.meters):
            beats = [change.at_beats for change in changes]
            if not beats or beats[0] != 0 or any(map(ge, beats, beats[1:])):
                raise ValueError("tempo and meter changes must begin at beat 0 and be in order")
        if self.pickup_beats and not 0 < self.pickup_beats < self.meters[0].bar_beats:
            raise ValueError(f"a pickup of {self.pickup_beats} beats is not shorter than a bar")
        if len(self.meters) > 1 and self.pickup_beats > self.meters[1].at_beats:
            raise ValueError("a pickup can't reach over a meter change: the change begins bar 1")

    @cached_property
    def _grid(self) -> _Grid:
        return _Grid.of(self)

    @classmethod
    def constant(
        cls,
        bpm: Fraction | float,
        numerator: int = 4,
        denominator: int = 4,
        groups: tuple[int, ...] = (),
    ) -> TempoMap:
        """Return a map of one tempo and one meter."""
        tempo = TempoChange(Fraction(0), us_per_beat(bpm))
        return cls((tempo,), (MeterChange(Fraction(0), numerator, denominator, groups),))

    # -- beats and seconds ---------------------------------------------------------------------

    def seconds_at(self, beats: Fraction | int) -> Fraction:
        """Return the exact second of a position in beats (before 0: the first tempo goes on)."""
        grid = self._grid
        step = grid.tempo_beats.step_at(beats)
        numerator, denominator = beats.as_integer_ratio()
        ticks = numerator * grid.ticks
        return Fraction(
            grid.origins[step] * denominator + ticks * self.tempos[step].us_per_beat,
            grid.tempo_seconds.units * denominator,
        )

    def beats_at(self, seconds: Fraction | int) -> Fraction:
        """Return the exact position in beats of a second."""
        grid = self._grid
        step = grid.tempo_seconds.step_at(seconds)
        numerator, denominator = seconds.as_integer_ratio()
        return Fraction(
            numerator * grid.tempo_seconds.units - grid.origins[step] * denominator,
            grid.ticks * self.tempos[step].us_per_beat * denominator,
        )

    def tempo_at(self, beats: Fraction | int) -> TempoChange:
        """Return the tempo step in force at a position."""
        return self.tempos[self._grid.tempo_beats.step_at(beats)]

    # -- beats and bars ------------------------------------------------------------------------

    def meter_at(self, beats: Fraction | int) -> MeterChange:
        """Return the meter in force at a position."""
        return self.meters[self._grid.meter_beats.step_at(beats)]

    def bar_at(self, beats: Fraction | int) -> BarPosition:
        """Return bar and beat of a position in beats."""
        grid = self._grid
        index = grid.meter_beats.step_at(beats)
        numerator, denominator = beats.as_integer_ratio()
        ticks = numerator * grid.ticks - grid.first_lines[index] * denominator
        # A pickup is the bar before the first line, cut short at its beginning.
        bars, rest = divmod(ticks, grid.bar_ticks[index] * denominator)
        return BarPosition(grid.first_bars[index] + bars, Fraction(rest, grid.ticks * denominator))

    def beats_of(self, bar: int, beat: Fraction | int = 0) -> Fraction:
        """Return the position in beats of ``beat`` quarters after the line of ``bar``."""
        grid = self._grid
        # A meter change right after the pickup repeats bar number 1; the later one rules.
        index = max(0, bisect_right(grid.first_bars, bar) - 1)
        bars = bar - grid.first_bars[index]
        line = Fraction(grid.first_lines[index] + bars * grid.bar_ticks[index], grid.ticks)
        return line + beat if beat else line

    def bar_lines(
        self, start_beats: Fraction | int, end_beats: Fraction | int
    ) -> Iterator[Fraction]:
        """Yield every bar line with ``start_beats <= line < end_beats``."""
        position = self.bar_at(start_beats)
        bar = position.bar if position.beat == 0 else position.bar + 1
        while (line := self.beats_of(bar)) < end_beats:
            if line >= start_beats:
                yield line
            bar += 1

    def bars_between(self, start_s: Fraction | int, end_s: Fraction | int) -> Fraction:
        """Return the length of a stretch of time in bars, counting parts of bars."""
        return self._bars_until(self.beats_at(end_s)) - self._bars_until(self.beats_at(start_s))

    def beats_after(self, start_beats: Fraction | int, bars: Fraction | int) -> Fraction:
        """Return the position in beats that lies ``bars`` (whole or not) after another."""
        bar, share = divmod(self._bars_until(start_beats) + bars, 1)
        line = self.beats_of(bar)
        # A bar that a meter change cuts short ends at the change.
        return min(line + share * self.meter_at(line).bar_beats, self.beats_of(bar + 1))

    # -- parts ---------------------------------------------------------------------------------

    def window(self, start_s: Fraction | int, end_s: Fraction | int) -> TempoMap:
        """Return the map between two seconds, with beat 0 and second 0 at ``start_s``.

        Bar lines stay where they were: a start inside a bar becomes a pickup.
        """
        tempo, *tempos = self.tempos[self._grid.tempo_seconds.between(start_s, end_s)]
        meter, *meters = self.meters[self._grid.meter_seconds.between(start_s, end_s)]
        start = self.beats_at(start_s)
        bar, beat = self.bar_at(start)
        return TempoMap(
            (
                TempoChange(_START, tempo.us_per_beat),
                *(TempoChange(later.at_beats - start, later.us_per_beat) for later in tempos),
            ),
            (
                MeterChange(_START, *meter.meter),
                *(MeterChange(later.at_beats - start, *later.meter) for later in meters),
            ),
            self.beats_of(bar + 1) - start if beat else _START,
        )

    def grouped(self, meter: Meter | None) -> TempoMap:
        """Return the map with the groups of a meter in all bars of this meter that have none."""
        if meter is None or not meter.groups:
            return self
        bars = meter._replace(groups=())
        meters = tuple(
            MeterChange(change.at_beats, *meter) if change.meter == bars else change
            for change in self.meters
        )
        return self if meters == self.meters else replace(self, meters=meters)

    def _bars_until(self, beats: Fraction | int) -> Fraction:
        bar, beat = self.bar_at(beats)
        return bar + beat / self.meter_at(beats).bar_beats
