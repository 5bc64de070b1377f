"""Sections, phrases at meter changes, and the fills that lead into what is new."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest

from musicgen_daw.sketch import Commission, Composition, compose
from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import shape
from musicgen_daw.sketch.harmony import harmonise
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.sections import arched, calm_sections, sections
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.timeline import (
    Hit,
    IntensityLane,
    MeterChange,
    Note,
    TempoChange,
    TempoMap,
)

S = Fraction
AT_120 = TempoMap.constant(120)
DRIVING = Commission(
    "", S(16), 3, style="action-hybrid", tempo_map=AT_120, intensity=IntensityLane.parse("0.8"),
    end="cut",
)  # fmt: skip


def drums(composition: Composition) -> list[Note]:
    return [n for p in composition.score.parts if p.name == "drums" for n in p.notes]


def fills_before(commission: Commission, at: Fraction) -> int:
    """In how many of some seeds the beat before a position has more than the groove plays there."""
    filled = 0
    for seed in range(4):
        notes = drums(compose(replace(commission, seed=seed)))
        tail = {(n.start_beats % 4, n.pitch) for n in notes if at - 2 <= n.start_beats < at}
        bars = [
            {(n.start_beats % 4, n.pitch) for n in notes if 0 <= n.start_beats - bar < 4}
            for bar in (4, 8)  # the second and the third bar are no ends of phrases
        ]
        filled += not tail <= bars[0] | bars[1]
    return filled


def test_a_short_cue_is_one_section() -> None:
    assert len(sections(S(110), Dice("x"))) == 1


@pytest.mark.parametrize("seed", range(5))
def test_neighbouring_sections_differ_and_the_first_returns_at_the_end(seed: int) -> None:
    made = sections(S(1200), Dice("x", seed))
    assert 12 <= len(made) <= 24
    assert all(one != other for one, other in pairwise(made))
    assert made[-1] == made[0] or made[-2] == made[0]
    assert len(set(made)) >= 5


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 17])
@pytest.mark.parametrize("seed", range(4))
def test_a_long_cue_has_calm_sections_inside_and_no_two_in_a_row(count: int, seed: int) -> None:
    calm = calm_sections(count, Dice("x", seed))
    assert len(calm) == count
    assert not calm[0]
    assert not calm[-1]
    assert not any(one and other for one, other in pairwise(calm))
    assert all(any(calm[first : first + 4]) for first in range(1, count - 4))


def test_sections_last_about_equally_long() -> None:
    made = sections(S(600), Dice("x"))
    form = shape(
        AT_120, S(600), "cut", IntensityLane(), felt_bpm=(100, 140), phrase_bars=4, sections=made
    )
    phrases = [[p for p in form.phrases if p.section == n] for n in range(len(made))]
    assert max(map(len, phrases)) - min(map(len, phrases)) <= 2
    for own, kinds in zip(phrases, made, strict=True):
        assert [p.kind for p in own][: len(kinds)] == list(kinds)


def test_the_level_of_a_long_cue_moves_in_every_section() -> None:
    lane = arched([(-0.2, 0.1, 0.2)] * 8, 0.5)
    for section in range(8):
        levels = {round(lane.at((section + share / 10) / 8), 2) for share in range(1, 10)}
        assert max(levels) - min(levels) >= 0.25


def test_twenty_minutes_are_no_loop() -> None:
    composition = compose(Commission("", S(1200), 4, style="lofi", key="D minor"))
    bars: dict[int, set[tuple[str, Fraction, int]]] = {}
    for part in composition.score.parts:
        for note in () if part.drums else part.notes:
            bar, beat = divmod(note.start_beats, 4)
            bars.setdefault(int(bar), set()).add((part.name, beat, note.pitch))
    assert len(set(map(frozenset, bars.values()))) >= 0.8 * len(bars)
    classes = Scale.parse("D minor").classes
    pitches = [pitch for bar in bars.values() for _, _, pitch in bar]
    assert sum(pitch % 12 in classes for pitch in pitches) >= 0.98 * len(pitches)


def test_a_phrase_begins_where_the_meter_changes() -> None:
    tempo_map = TempoMap(
        (TempoChange(S(0), 500_000),), (MeterChange(S(0), 4, 4), MeterChange(S(24), 3, 4))
    )
    form = shape(
        tempo_map, S(30), "cut", IntensityLane(), felt_bpm=(100, 140), phrase_bars=4,
        sections=("AABA",),
    )  # fmt: skip
    assert S(24) in {phrase.measures[0].start for phrase in form.phrases}
    for phrase in form.phrases:
        assert len({measure.groups for measure in phrase.measures}) == 1


def test_a_bar_of_another_meter_breaks_no_phrase() -> None:
    meters = (MeterChange(S(0), 4, 4), MeterChange(S(8), 2, 4), MeterChange(S(10), 4, 4))
    tempo_map = TempoMap((TempoChange(S(0), 500_000),), meters)
    form = shape(
        tempo_map, S(30), "cut", IntensityLane(), felt_bpm=(100, 140), phrase_bars=4,
        sections=("AABA",),
    )  # fmt: skip
    assert form.phrases[0].measures[2].end == 10


def test_fills_lead_into_a_new_meter() -> None:
    meters = (MeterChange(S(0), 4, 4), MeterChange(S(24), 3, 4))
    changing = replace(DRIVING, tempo_map=TempoMap((TempoChange(S(0), 500_000),), meters))
    assert fills_before(changing, S(24)) == 4
    assert fills_before(DRIVING, S(24)) <= 1


@pytest.mark.parametrize("at_s", [S(11), S(12), S(1117, 100)])
def test_fills_lead_to_a_hit_wherever_it_falls(at_s: Fraction) -> None:
    at = AT_120.beats_at(at_s)
    assert fills_before(replace(DRIVING, hits=(Hit(at_s, important=True),)), at) == 4
    assert fills_before(DRIVING, at) <= 1


@pytest.mark.parametrize("bpm", [60, 120, 240])
@pytest.mark.parametrize("groups", [(2, 2, 3), (3, 2, 2)])
@pytest.mark.parametrize("style", ["folk", "drum-and-bass", "jazz-trio"])
def test_measures_and_chords_follow_the_groups_that_were_asked_for(
    style: str, groups: tuple[int, ...], bpm: int
) -> None:
    pack, tempo_map = STYLES[style], TempoMap.constant(bpm, 7, 8, groups)
    form = shape(
        tempo_map, S(90), "cut", IntensityLane.parse("0.5"), felt_bpm=pack.tempo_bpm,
        phrase_bars=pack.phrase_bars, sections=[["A", "B"]],
    )  # fmt: skip
    assert all(
        measure.start == tempo_map.beats_of(n, 0) for n, measure in enumerate(form.measures, 1)
    )
    key = Scale(0, pack.harmonies[0].modes[0])
    spans = harmonise(form, pack, key, [], loop=False, dice=Dice(style, bpm)).spans
    eighths = {2 * (span.start % S(7, 2)) for span in spans}
    assert eighths <= {S(0), *map(S, accumulate(groups))}


def phrases(length_s: Fraction, ending: str, tempo_map: TempoMap = AT_120) -> list[tuple[str, int]]:
    form = shape(
        tempo_map, length_s, ending, IntensityLane(), felt_bpm=(100, 140), phrase_bars=4,
        sections=("AABA",),
    )  # fmt: skip
    return [(phrase.kind, len(phrase.measures)) for phrase in form.phrases]


@pytest.mark.parametrize("bars", range(8, 24))
def test_no_phrase_is_too_short_for_a_cadence(bars: int) -> None:
    assert min(count for _, count in phrases(S(2 * bars), "cut")) >= 3
    assert min(count for _, count in phrases(S(2 * bars + 2), "ring")) >= 2


def test_what_opened_a_cue_closes_it_but_for_a_loop() -> None:
    assert [kind for kind, _ in phrases(S(56), "cut")] == ["A", "A", "B", "A", "A", "A", "A"]
    assert [kind for kind, _ in phrases(S(56), "loop")] == ["A", "A", "B", "A", "A", "A", "B"]


def test_phrases_of_short_bars_have_twice_as_many() -> None:
    waltz = TempoMap.constant(168, 3, 4)
    assert {count for _, count in phrases(waltz.seconds_at(S(72)), "cut", waltz)} == {8}
    slow = TempoMap.constant(120, 3, 4)
    assert {count for _, count in phrases(slow.seconds_at(S(72)), "cut", slow)} == {4}
