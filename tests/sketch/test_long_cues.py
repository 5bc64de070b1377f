"""Cues of any length: never silent for long, and never the same for long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby

import pytest

from musicgen_daw.sketch import Commission, Composition, compose
from musicgen_daw.sketch.compose import ENDINGS
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.sketch.synth import perform
from musicgen_daw.timeline import Part

S = Fraction
RATE = 8000
STROKE_S = 0.5
"""How long a drum is heard at least."""

LONGEST_REST_S = 3.0
LONGEST_REPEAT_S = 30.0
LONGEST_TEXTURE_S = 300.0
WINDOW_S = 8.0

Bar = frozenset[tuple[str, Fraction, int]]


def heard(composition: Composition) -> Iterator[tuple[Part, float, float]]:
    """From when until when every note is heard, in seconds."""
    seconds_at = composition.score.tempo_map.seconds_at
    for part in composition.score.parts:
        for note in part.notes:
            start_s = float(seconds_at(note.start_beats))
            end_s = float(seconds_at(note.start_beats + note.length_beats))
            yield part, start_s, max(end_s, start_s + STROKE_S) if part.drums else end_s


def longest_rest_s(composition: Composition) -> float:
    """How long nothing is heard, at most, before the cue is over."""
    longest_s = end_s = 0.0
    for start_s, stop_s in sorted((start_s, stop_s) for _, start_s, stop_s in heard(composition)):
        longest_s = max(longest_s, start_s - end_s)
        end_s = max(end_s, stop_s)
    return max(longest_s, float(composition.length_s) - end_s)


def bars_of(composition: Composition) -> list[Bar]:
    """What every bar plays: parts, places and pitches."""
    bars: dict[int, set[tuple[str, Fraction, int]]] = {}
    bar_beats = composition.score.tempo_map.meters[0].bar_beats
    for part in composition.score.parts:
        for note in part.notes:
            bar, beat = divmod(note.start_beats, bar_beats)
            bars.setdefault(int(bar), set()).add((part.name, beat, note.pitch))
    return [frozenset(bars.get(number, ())) for number in range(max(bars) + 1)]


def longest_repeat(bars: Sequence[Bar], most_apart: int = 64) -> int:
    """How many bars in a row are what was played so many bars before, whichever these are."""
    longest = 0
    for apart in range(1, min(most_apart, len(bars) - 1) + 1):
        run = 0
        for number in range(apart, len(bars)):
            run = run + 1 if bars[number] == bars[number - apart] else 0
            longest = max(longest, run)
    return longest


def textures(composition: Composition) -> list[frozenset[str]]:
    """Which parts begin a note in each window."""
    windows: dict[int, set[str]] = {}
    for part, start_s, _ in heard(composition):
        windows.setdefault(int(start_s // WINDOW_S), set()).add(part.name)
    return [frozenset(playing) for _, playing in sorted(windows.items())]


def assert_it_goes_on(composition: Composition) -> None:
    assert longest_rest_s(composition) < LONGEST_REST_S
    bars = bars_of(composition)
    bar_s = float(composition.length_s) / len(bars)
    assert longest_repeat(bars) * bar_s < LONGEST_REPEAT_S
    assert len(set(bars)) >= 0.5 * len(bars)


@pytest.mark.parametrize("style", list(STYLES)[::4])
def test_a_cue_of_minutes_goes_on(style: str) -> None:
    assert_it_goes_on(compose(Commission("", S(150), 5, style=style)))


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_a_cue_of_twenty_minutes_goes_on(style: str) -> None:
    composition = compose(Commission("", S(1200), len(style), style=style))
    assert_it_goes_on(composition)
    playing = textures(composition)
    assert len(set(playing)) >= 3
    longest_s = max(len(list(same)) for _, same in groupby(playing)) * WINDOW_S
    assert longest_s < LONGEST_TEXTURE_S


@pytest.mark.parametrize("length_s", [S(1, 2), S(7, 4), S(3), S(11)], ids=str)
@pytest.mark.parametrize("style", STYLES)
def test_a_short_cue_is_heard_from_its_start(style: str, length_s: Fraction) -> None:
    for seed, end in enumerate(ENDINGS):
        composition = compose(Commission("", length_s, seed, style=style, end=end))
        assert composition.length_s == length_s
        assert longest_rest_s(composition) <= min(LONGEST_REST_S, 0.75 * float(length_s))


@pytest.mark.parametrize("length_s", [S(1, 2), S(1001, 1000), S(10_007, 1000)], ids=str)
def test_a_cue_lasts_what_was_asked_to_the_sample(length_s: Fraction) -> None:
    composition = compose(Commission("", length_s, 2, style="lofi", tail_s=S(1, 3)))
    lengths = {stem.length_samples for stem in perform(composition, RATE).values()}
    assert lengths == {int((length_s + S(1, 3)) * RATE + S(1, 2))}
