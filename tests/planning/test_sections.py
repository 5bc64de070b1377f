"""A cue's intensity in words, for a generator that only reads."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.planning import Generator
from musicgen_daw.planning.sections import SHORTEST_S, changes, marked
from musicgen_daw.presets import Generation, Preset
from musicgen_daw.timeline import Cue, Hit, IntensityLane, TempoMap

LANE = IntensityLane.parse


def moods(
    lane: IntensityLane, length_s: Fraction, tempo_map: TempoMap | None
) -> tuple[tuple[Fraction, str], ...]:
    cue = Cue("a", "a", Fraction(0), length_s)
    return tuple((one.at_s, one.mood) for one in changes(cue, lane, tempo_map))


def test_a_level_lane_has_one_word_for_the_whole_cue() -> None:
    assert moods(LANE("0.9"), Fraction(60), None) == ((0, "very intense, loud and full"),)
    assert moods(LANE("0.5"), Fraction(60), None) == ((0, ""),)


def test_a_ramp_is_told_level_by_level_on_bar_lines() -> None:
    found = moods(LANE("0.2>0.9"), Fraction(48), TempoMap.constant(120))  # bars of 2 s
    assert [float(at_s) for at_s, _ in found] == [0, 12, 30, 42]
    assert [words for _, words in found] == [
        "calm and gentle",
        "",
        "energetic and driving",
        "very intense, loud and full",
    ]


def test_an_arc_comes_back() -> None:
    found = moods(LANE("0.1>0.9>0.1"), Fraction(60), TempoMap.constant(90))
    words = [words for _, words in found]
    assert words == words[::-1]
    assert len(words) == 7


def test_a_hit_tells_another_intensity_from_there_on() -> None:
    hits = (Hit(Fraction(31), "calm", intensity=(0.1,)), Hit(Fraction(21), intensity=(0.9,)))
    cue = Cue("a", "a", Fraction(1), Fraction(61), hits=hits)
    lane = marked(cue, None)
    assert lane is not None
    assert [lane.at(second / 60) for second in (0, 19.9, 20, 29.9, 30, 60)] == [
        0.5, 0.5, 0.9, 0.9, 0.1, 0.1,
    ]  # fmt: skip
    told = [(one.at_s, one.mood) for one in changes(cue, lane, TempoMap.constant(97))]
    assert told == [(0, ""), (20, "very intense, loud and full"), (30, "very quiet and sparse")]
    assert marked(Cue("b", "b", Fraction(0), Fraction(9)), None) is None


@given(
    length_s=st.fractions(Fraction(1, 50), 400, max_denominator=50),
    bpm=st.one_of(st.none(), st.integers(20, 300)),
    levels=st.lists(st.floats(0, 1), min_size=1, max_size=6),
)
def test_words_rule_for_a_few_seconds_at_least(length_s, bpm, levels) -> None:
    lane = LANE(">".join(f"{level:.3f}" for level in levels))
    tempo_map = None if bpm is None else TempoMap.constant(bpm)
    found = moods(lane, length_s, tempo_map)
    places = [*(at_s for at_s, _ in found), length_s]
    assert places[0] == 0
    assert len(found) == 1 or all(b - a >= SHORTEST_S for a, b in pairwise(places))
    if tempo_map is not None:
        assert all(tempo_map.bar_at(tempo_map.beats_at(at_s)).beat == 0 for at_s in places[:-1])


def test_the_words_of_a_hit_rule_from_it_on_and_those_of_the_intensity_between() -> None:
    hits = (Hit(Fraction(25), "door", prompt="sparse"), Hit(Fraction(30), "look"))
    cue = Cue("a", "a", Fraction(10), Fraction(58), hits=hits)
    found = changes(cue, LANE("0.2>0.9"), TempoMap.constant(120))  # bars of 2 s
    assert [(float(one.at_s), one.prompt, one.mood) for one in found] == [
        (0, None, "calm and gentle"),
        (15, "sparse", ""),
        (28, "sparse", "energetic and driving"),
        (40, "sparse", "very intense, loud and full"),
    ]
    assert [one.at_s for one in changes(cue, None, None)] == [0, 15]


# -- in a plan -------------------------------------------------------------------------------------


@pytest.fixture
def reader(studio: Any) -> dict[str, Generator]:
    """A generator that reads a prompt which changes on the way, among others."""
    capabilities = replace(studio.sampler.capabilities, obeys_prompt_changes=True, max_s=None)
    generators = {"sampler": Generator("sampler", "2", capabilities)}
    return {**generators, "sketch": studio.composer, "hosted": studio.hosted}


def requests(studio: Any, reader: dict[str, Generator], preset: Preset, **settings: Any) -> list:
    settings = {"backend": "sampler", "bpm": 120, "intensity": LANE("0.2>0.9"), **settings}
    hits = settings.pop("hits", ())
    cue = replace(studio.cue(length_s=48, prompt="a chase", **settings), hits=hits)
    sheet = studio.sheet(cue, tempo_map=TempoMap.constant(120))
    (cue,) = studio.plan(sheet, preset, generators=reader).cues
    return [clip.request for clip in cue.clips]


def test_the_prompt_follows_the_intensity_and_keeps_its_own_words(studio, reader) -> None:
    (request,) = requests(studio, reader, Preset("house", prompt="{prompt}, brass"))
    assert request.prompt == "a chase, brass, calm and gentle"
    assert request.prompt_changes == (
        (12, "a chase, brass"),
        (30, "a chase, brass, energetic and driving"),
        (42, "a chase, brass, very intense, loud and full"),
    )
    assert request.tempo_map == TempoMap.constant(120)  # for windows on bar lines


def test_a_template_with_a_place_for_the_intensity_gets_it_there(studio, reader) -> None:
    (request,) = requests(studio, reader, Preset("house", prompt="{prompt}, {intensity}, brass"))
    assert request.prompt == "a chase, calm and gentle, brass"
    assert request.prompt_changes[0] == (12, "a chase, brass")


def test_every_layer_has_its_words_once(studio, reader) -> None:
    layers = {"high": "{prompt}, strings", "low": "drones"}
    high, low = requests(studio, reader, Preset("house", layers=layers))
    assert high.prompt == "a chase, calm and gentle, strings"
    assert low.prompt == "drones, calm and gentle"
    assert [text for _, text in low.prompt_changes][:2] == [
        "drones",
        "drones, energetic and driving",
    ]


def test_another_arc_is_another_clip_and_a_generator_that_does_not_read_on_buys_nothing_anew(
    studio, reader
) -> None:
    def keys(backend: str, intensity: str) -> list[str]:
        preset = Preset("house", generation=Generation(intensity=LANE("0.5")))
        asked = {"backend": backend, "intensity": LANE(intensity)}
        return [request.key() for request in requests(studio, reader, preset, **asked)]

    assert keys("sampler", "0.2>0.9") != keys("sampler", "0.9>0.2")
    assert keys("hosted", "0.2>0.9") == keys("hosted", "0.9>0.2")


def test_segments_go_on_with_the_prompt_that_rules_where_they_begin(studio, reader) -> None:
    short = replace(reader["sampler"].capabilities, max_s=Fraction(20))
    first, second, third = requests(
        studio, {**reader, "sampler": Generator("sampler", "2", short)}, Preset("house")
    )
    assert first.prompt == "a chase, calm and gentle"
    assert first.prompt_changes == ((12, "a chase"),)
    assert second.prompt == "a chase"
    assert [text for _, text in third.prompt_changes] == ["a chase, very intense, loud and full"]


def test_a_section_has_its_own_words_in_the_place_of_the_cues(studio, reader) -> None:
    hits = (Hit(Fraction(20), prompt="a duel"), Hit(Fraction(40), prompt="a duel"))
    template = Preset("house", prompt="{prompt}, brass, {intensity}")
    asked = {"hits": hits, "intensity": None}
    (request,) = requests(studio, reader, template, **asked)
    assert request.prompt == "a chase, brass"
    assert request.prompt_changes == ((20, "a duel, brass"),)


@pytest.mark.parametrize("backend", ["sketch", "hosted"])
def test_words_that_nobody_follows_are_told(studio, reader, backend) -> None:
    cue = studio.cue(prompt="a chase", backend=backend)
    cue = replace(cue, hits=(Hit(Fraction(4), prompt="a duel"),))
    planned = studio.plan(studio.sheet(cue), generators=reader)
    reason = f"{backend!r} reads one prompt a cue: those of its hits are not followed"
    assert [warning.message for warning in planned.warnings] == [reason]


def test_a_key_in_the_name_of_a_hit_is_told_to_set_nothing(studio, reader) -> None:
    cue = replace(
        studio.cue(prompt="a chase"), hits=(Hit(Fraction(4), "up key=C"), Hit(Fraction(5)))
    )
    planned = studio.plan(studio.sheet(cue), generators=reader)
    reason = "the hit 'up key=C' sets no key: only a cue does"
    assert [warning.message for warning in planned.warnings] == [reason]
