"""What a generator that only reads is told in words, and where those words change.

    intensity  0.2>0.9       ──▶   |sparse …    |calm …   |         |driving …   |
    bars       | | | | | | |
    hits       ! ! prompt=…  ──▶   |the cue's prompt      |the section's prompt  |

A section's words rule from its hit on. Those of the intensity change with a hit that tells one,
else on bar lines where a tempo is known, and no faster than a listener follows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from musicgen_daw.presets import Preset, Words
from musicgen_daw.timeline import Cue, Hit, IntensityLane, TempoMap

__all__ = ["Change", "changes", "marked", "sections", "told_in_words"]

SHORTEST_S = Fraction(6)
"""Words of intensity rule for this long at least: a generator needs seconds to follow them."""

_LEVELS = (
    "very quiet and sparse",
    "calm and gentle",
    "",  # as the prompt says
    "energetic and driving",
    "very intense, loud and full",
)
"""The words of intensities from 0 to 1, in equal steps."""


def told_in_words(
    cue: Cue,
    intensity: IntensityLane | None,
    tempo_map: TempoMap | None,
    preset: Preset,
    values: Mapping[str, str],
) -> list[tuple[Fraction, Words]]:
    """Return the words of a cue by its preset, each with the second from which they rule.

    ``values`` are those of the preset's templates.
    """
    told: list[tuple[Fraction, Words]] = []
    for change in changes(cue, intensity, tempo_map):
        prompt = change.prompt or values["prompt"]
        filled = {**values, "prompt": prompt, "intensity": change.mood}
        words = preset.words(filled, cue.name, change.mood)
        if not told or words != told[-1][1]:
            told.append((change.at_s, words))
    return told


@dataclass(frozen=True, slots=True)
class Change:
    """What rules from a second of a cue on: a section's prompt, ``None`` for the cue's own, and
    the words of its intensity, empty where it is as the prompt says.
    """

    at_s: Fraction
    prompt: str | None
    mood: str


def changes(cue: Cue, lane: IntensityLane | None, tempo_map: TempoMap | None) -> tuple[Change, ...]:
    """Return what a cue's generator is told when; the first rules from 0 on.

    A section begins where the cue says so, to the sample, and its intensity on the bar lines
    after that. ``tempo_map`` has beat 0 at the start of the cue.
    """
    prompts = dict(sections(cue))
    found: list[Change] = []
    prompt = None
    fixed = (*prompts, *(at_s for at_s, _ in _marks(cue)))
    for start_s, end_s in _stretches(cue.length_s, fixed, lane, tempo_map):
        prompt = prompts.get(start_s, prompt)
        mood = "" if lane is None else _words(lane.at(float((start_s + end_s) / 2 / cue.length_s)))
        if not found or (prompt, mood) != (found[-1].prompt, found[-1].mood):
            found.append(Change(start_s, prompt, mood))
    return tuple(found)


def sections(cue: Cue) -> tuple[tuple[Fraction, str], ...]:
    """Return the sections that a cue's hits begin, each with its second in the cue and its words.

    Of those that begin at one moment the last rules.
    """
    begun = {hit.at_s - cue.start_s: hit.prompt for hit in _inside(cue) if hit.prompt}
    return tuple(begun.items())


def marked(cue: Cue, lane: IntensityLane | None) -> IntensityLane | None:
    """Return the intensity of a cue: its own, or a middling one, until a hit tells another."""
    marks = [(float(at_s / cue.length_s), levels) for at_s, levels in _marks(cue)]
    return (lane or IntensityLane()).with_marks(marks) if marks else lane


def _marks(cue: Cue) -> list[tuple[Fraction, tuple[float, ...]]]:
    """Return the intensities that a cue's hits tell, each with its second in the cue, in order."""
    return [(hit.at_s - cue.start_s, hit.intensity) for hit in _inside(cue) if hit.intensity]


def _inside(cue: Cue) -> list[Hit]:
    return [hit for hit in sorted(cue.hits) if cue.start_s <= hit.at_s < cue.end_s]


def _words(intensity: float) -> str:
    return _LEVELS[min(int(intensity * len(_LEVELS)), len(_LEVELS) - 1)]


def _stretches(
    length_s: Fraction,
    fixed: Sequence[Fraction],
    lane: IntensityLane | None,
    tempo_map: TempoMap | None,
) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield start and end of what the same words rule: what is fixed, cut every few bars.

    A cut is near to neither the start nor the end of a section. A level lane needs none.
    """
    lines = [] if lane is None or len(lane.points) == 1 else list(_lines_s(length_s, tempo_map))
    bounds = sorted({Fraction(0), *fixed, length_s})
    for start_s, end_s in pairwise(bounds):
        at_s = start_s
        for line_s in lines[bisect_right(lines, start_s) : bisect_left(lines, end_s)]:
            if line_s - at_s >= SHORTEST_S and end_s - line_s >= SHORTEST_S:
                yield at_s, line_s
                at_s = line_s
        yield at_s, end_s


def _lines_s(length_s: Fraction, tempo_map: TempoMap | None) -> Iterator[Fraction]:
    if tempo_map is None:
        for index in range(1, int(length_s / SHORTEST_S) + 1):
            yield index * SHORTEST_S
    else:
        for line in tempo_map.bar_lines(0, tempo_map.beats_at(length_s)):
            yield tempo_map.seconds_at(line)
