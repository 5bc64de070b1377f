"""The form of a cue: measures, phrases, intensity, and where the last chord begins.

A *measure* is what one bar of a pattern fills. It is a bar, but where the tempo lies far from
the style's: then two, four … bars make one measure (half time), or a bar holds several.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby

from musicgen_daw.sketch.rhythm import beats_in, groups_of
from musicgen_daw.timeline import IntensityLane, TempoMap

__all__ = ["Form", "Measure", "Phrase", "shape"]

_SHORTEST_RUN = 2
"""So many measures of a meter are a phrase of their own."""

_SHORTEST_PHRASE_S = 5.0
"""Where bars are so short that a phrase would be shorter, it has twice as many."""

_SHORTEST_ARCH = 3
"""So many phrases have gone before the opening one is missed."""

_MOST_OF_CUE = 0.4
"""The most of a cue that its last chord lasts, where a beat allows it."""

_Line = tuple[Fraction, Fraction, tuple[int, ...]]
"""Start, whole length in beats, and groups of a measure."""


@dataclass(frozen=True)
class Measure:
    """A measure from ``start`` (before 0 for a pickup) to ``end``, in beats of the tempo map.

    It may be cut short; ``full_beats`` is its whole length, ``groups`` its felt beats in steps, or
    its groups of several beats where those were chosen.
    """

    index: int
    start: Fraction
    end: Fraction
    full_beats: Fraction
    groups: tuple[int, ...]
    intensity: float
    phrase: int
    place: int
    last_in_phrase: bool
    swing: Fraction = Fraction(0)
    swung_steps: int = 1

    @property
    def step_beats(self) -> Fraction:
        """The length of a step, a sixteenth of a bar of 4/4."""
        return self.full_beats / sum(self.groups)

    @cached_property
    def grid(self) -> tuple[Fraction, ...]:
        """The position of every step, and of the bar line after the last."""
        return tuple(self.at(step) for step in range(sum(self.groups) + 1))

    def at(self, step: int) -> Fraction:
        """Return the position of a step, in time with the swing; it may lie in a later measure.

        Every second stroke of ``swung_steps`` comes late by a share of itself, and what lies
        between the strokes moves with them.
        """
        if not self.swing or any(steps % (2 * self.swung_steps) for steps in self.groups):
            return self.start + step * self.step_beats
        pair, within = divmod(step, 2 * self.swung_steps)
        late = within if within <= self.swung_steps else 2 * self.swung_steps - within
        steps = 2 * self.swung_steps * pair + within + late * self.swing
        return self.start + steps * self.step_beats

    @cached_property
    def is_whole(self) -> bool:
        """Whether no step of the measure is cut off."""
        return self.start >= 0 and self.end >= self.start + self.full_beats

    @cached_property
    def pulses(self) -> tuple[int, ...]:
        """The steps on which the groups begin."""
        starts = [0]
        for steps in self.groups:
            starts.append(starts[-1] + steps)
        return tuple(starts[:-1])


@dataclass(frozen=True)
class Phrase:
    """Measures that belong together; phrases of one ``kind`` share their harmony and patterns.

    The first letter of the kind is its place in the form of the ``section``.
    """

    index: int
    kind: str
    measures: tuple[Measure, ...]
    is_last: bool
    section: int = 0


@dataclass(frozen=True)
class Form:
    """The whole cue in beats: body until ``body_end``, then, if ``final`` is set, a last chord."""

    tempo_map: TempoMap
    length_s: Fraction
    end: Fraction
    final: Fraction | None
    phrases: tuple[Phrase, ...]

    @property
    def body_end(self) -> Fraction:
        """Where the patterns stop: at the last chord, or at the end of the cue."""
        return self.end if self.final is None else self.final

    @property
    def measures(self) -> Iterator[Measure]:
        """All measures in order."""
        for phrase in self.phrases:
            yield from phrase.measures

    def later(self, beats: Fraction, seconds: Fraction) -> Fraction:
        """Return the position ``seconds`` after a position (before it, where negative)."""
        return self.tempo_map.beats_at(self.tempo_map.seconds_at(beats) + seconds)


def shape(
    tempo_map: TempoMap,
    length_s: Fraction,
    ending: str,
    lane: IntensityLane,
    *,
    felt_bpm: tuple[int, int],
    phrase_bars: int,
    sections: Sequence[Sequence[str]],
    swing: Fraction = Fraction(0),
    swung_steps: int = 1,
) -> Form:
    """Divide a cue into measures and phrases and place its last chord.

    ``sections`` are the kinds of the phrases of each section; all sections last about equally long.
    A meter that stays begins a phrase.
    """
    end = tempo_map.beats_at(length_s)
    scale = _measure_scale(tempo_map, length_s, end, felt_bpm)
    lines = list(_measure_lines(tempo_map, end, scale))
    final = _final_chord(tempo_map, length_s, lines, ending)
    body_end = end if final is None else final
    lines = [line for line in lines if line[0] < body_end]
    measure_s = float(length_s * (lines[-1][0] - lines[0][0]) / end / max(len(lines) - 1, 1))
    phrase_bars *= 2 if 0 < measure_s * phrase_bars < _SHORTEST_PHRASE_S else 1
    sizes = _sizes(lines, phrase_bars, has_final=final is not None)
    bounds = [*(line for line, _, _ in lines[1:]), body_end]
    positions = [tempo_map.seconds_at(max(line, Fraction(0))) / length_s for line, _, _ in lines]
    phrases: list[Phrase] = []
    measures: list[Measure] = []
    begun: Counter[int] = Counter()
    for index, ((start, full_beats, groups), stop) in enumerate(zip(lines, bounds, strict=True)):
        place = len(measures)
        last = place == sizes[len(phrases)] - 1 or index == len(lines) - 1
        measures.append(
            Measure(index, start, stop, full_beats, groups, lane.at(float(positions[index])),
                    len(phrases), place, last, swing, swung_steps)
        )  # fmt: skip
        if last:
            section = int(positions[measures[0].index] * len(sections))
            kinds = sections[section]
            is_last = index == len(lines) - 1
            # What opened a cue closes it; a loop goes on to it anyway.
            returns = is_last and ending != "loop" and len(phrases) >= _SHORTEST_ARCH
            kind = kinds[0 if returns else begun[section] % len(kinds)]
            begun[section] += 1
            phrases.append(Phrase(len(phrases), kind, tuple(measures), is_last, section))
            measures = []
    return Form(tempo_map, length_s, end, final, tuple(phrases))


def _sizes(lines: Sequence[_Line], phrase_bars: int, *, has_final: bool) -> list[int]:
    """Return the measures of every phrase. A change of meter begins one, where the meter stays."""
    sizes: list[int] = []
    runs = _runs(lines)
    for number, measures in enumerate(runs):
        # The last chord counts as a measure of the last phrase, so that phrases stay even.
        pickup = number == 0 and lines[0][0] < 0
        counted = measures + (has_final and number == len(runs) - 1) - pickup
        own = _phrase_sizes(counted, phrase_bars)
        sizes += [own[0] + pickup, *own[1:]]
    return sizes


def _runs(lines: Sequence[_Line]) -> list[int]:
    """Return how many measures each meter lasts; short visits belong to the one before."""
    runs: list[int] = []
    for _, same in groupby(lines, key=lambda line: line[2]):
        measures = len(list(same))
        if runs and (measures < _SHORTEST_RUN or runs[-1] < _SHORTEST_RUN):
            runs[-1] += measures
        else:
            runs.append(measures)
    return runs


def _measure_scale(
    tempo_map: TempoMap, length_s: Fraction, end: Fraction, felt_bpm: tuple[int, int]
) -> Fraction:
    """Return how many bars make a measure: a power of two, 1 unless the tempo is far off.

    Groups that were asked for are those of every bar, whatever the tempo.
    """
    if any(meter.groups for meter in tempo_map.meters):
        return Fraction(1)
    meter = tempo_map.meters[0]
    pulses = beats_in(groups_of(*meter.meter)) / meter.bar_beats
    bpm = float(60 * end * pulses / length_s)
    low, high = felt_bpm[0] * 0.66, felt_bpm[1] * 1.45
    if low <= bpm <= high:
        return Fraction(1)
    middle = math.sqrt(felt_bpm[0] * felt_bpm[1])
    return Fraction(2) ** round(math.log2(bpm / middle))


def _measure_lines(tempo_map: TempoMap, end: Fraction, scale: Fraction) -> Iterator[_Line]:
    """Yield start, full length and groups of every measure before ``end``."""
    stops = [*(change.at_beats for change in tempo_map.meters[1:]), end]
    for meter, stop in zip(tempo_map.meters, stops, strict=True):
        groups = groups_of(*meter.meter)
        full_beats = meter.bar_beats * scale
        line = meter.at_beats
        if line == 0 and tempo_map.pickup_beats:
            line = tempo_map.pickup_beats % full_beats
            line -= full_beats if line else 0
        # A rest of less than half a felt beat belongs to the measure before it.
        shortest = full_beats / beats_in(groups) / 2 if stop >= end else Fraction(0)
        first = line
        while line < min(stop, end) and (line == first or min(stop, end) - line > shortest):
            yield line, full_beats, groups
            line += full_beats


def _final_chord(
    tempo_map: TempoMap,
    length_s: Fraction,
    lines: list[_Line],
    ending: str,
) -> Fraction | None:
    """Return where the last chord begins, or ``None`` for endings without one."""
    rest_s = {"ring": (1.5, 3.6, 2.4), "button": (0.7, 2.6, 1.3)}.get(ending)
    if rest_s is None or length_s < 3:
        return None
    low, high, wanted = rest_s
    bars = [line for line, _, _ in lines if line > 0]
    length = float(length_s)
    # A short cue has little room to ring: what is plucked would be gone before its end.
    most = _MOST_OF_CUE * length

    def rest_after(line: Fraction) -> float:
        return length - float(tempo_map.seconds_at(line))

    wanted = min(wanted, most)
    for least, longest in ((min(low, most / 2), min(high, most)), (low, high)):
        for candidates in (bars[-4:], _pulse_lines(lines[-4:])):
            good = [
                line for line in candidates if line > 0 and least <= rest_after(line) <= longest
            ]
            if good:
                return min(good, key=lambda line: abs(rest_after(line) - wanted))
    return None if length < low + 1 else tempo_map.beats_at(length_s - Fraction(wanted))


def _pulse_lines(lines: list[_Line]) -> list[Fraction]:
    """Return the positions of the felt beats of measures."""
    found = []
    for start, full_beats, groups in lines:
        step = full_beats / sum(groups)
        steps = 0
        for group in groups:
            found.append(start + steps * step)
            steps += group
    return found


def _phrase_sizes(measures: int, phrase_bars: int) -> list[int]:
    """Divide a number of measures into phrases; a rest too short for one lengthens the last."""
    whole, rest = divmod(measures, phrase_bars)
    if whole == 0:
        return [max(measures, 1)]
    if rest <= max(phrase_bars // 4, 2):
        return [phrase_bars] * (whole - 1) + [phrase_bars + rest]
    return [phrase_bars] * whole + [rest]
