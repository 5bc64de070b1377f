"""Cues that take key, tempo and groove over from the music before."""

from dataclasses import replace
from fractions import Fraction

import pytest

from musicgen_daw.sketch import Commission, compose
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.timeline import Hit

S = Fraction
FIRST = Commission("", S(15), 7, style="lofi", end="cut")
NEXT = Commission("", S(20), 8, style="lofi")


@pytest.mark.parametrize("seed", range(6))
def test_key_and_tempo_are_those_of_the_leader(seed: int) -> None:
    leader = replace(FIRST, seed=seed)
    first, second = compose(leader), compose(replace(NEXT, leader=leader))
    assert (second.key, second.bpm) == (first.key, first.bpm)


def test_a_mode_takes_the_place_of_that_of_the_leader() -> None:
    for leader in (FIRST, replace(FIRST, key="F# major"), replace(FIRST, prompt="sad, in D minor")):
        led = compose(replace(NEXT, leader=replace(leader, mode="phrygian")))
        tonic = Scale.parse(compose(leader).key).tonic
        assert Scale.parse(led.key) == Scale(tonic, "phrygian")


def test_bars_go_on_over_the_seam() -> None:
    leader = replace(FIRST, length_s=S(157, 10), prompt="84 bpm")
    first, second = compose(leader), compose(replace(NEXT, leader=leader))
    end = first.score.tempo_map.beats_at(leader.length_s)
    line = second.score.tempo_map.beats_of(3)
    beats = (end + line) / 4
    assert abs(beats - round(beats)) < S(1, 50)


def test_what_the_cue_says_itself_is_stronger() -> None:
    own = compose(replace(NEXT, key="F# minor", prompt="77 bpm", leader=FIRST))
    assert (own.key, round(own.bpm)) == ("F# minor", 77)


def test_a_cue_that_continues_has_the_groove_and_the_players() -> None:
    leader = replace(FIRST, prompt="driving drums", length_s=S(40))
    going_on = replace(NEXT, prompt="driving drums", length_s=S(40), leader=leader)
    first, led = compose(leader), compose(going_on)
    continued = compose(replace(going_on, continues=True))
    parts = [{part.name for part in made.score.parts} for made in (first, continued)]
    assert parts[0] == parts[1]
    assert continued.score.parts != led.score.parts
    tunes = [next(p.notes for p in made.score.parts if p.stem == "bass") for made in
             (first, continued)]  # fmt: skip
    assert tunes[0] != tunes[1]


def test_without_a_leader_nothing_changes() -> None:
    assert compose(NEXT) == compose(replace(NEXT, continues=True))


@pytest.mark.parametrize("style", STYLES)
def test_a_stinger_is_in_the_key_of_the_cue_that_it_falls_on(style: str) -> None:
    stinger = compose(
        Commission("fanfare", S(2), 9, style=style, leader=FIRST, leader_s=S(5), end="button",
                   hits=(Hit(S(0), important=True),))
    )  # fmt: skip
    music = compose(FIRST)
    assert stinger.key == music.key
    classes = set(Scale.parse(music.key).classes)
    pitches = [n.pitch for p in stinger.score.parts if not p.drums for n in p.notes]
    assert {pitch % 12 for pitch in pitches} <= classes


def test_a_stinger_has_the_bars_of_the_cue_that_it_falls_on() -> None:
    stinger = compose(replace(NEXT, leader=FIRST, leader_s=S(5)))
    tempo_map = compose(FIRST).score.tempo_map
    line = stinger.score.tempo_map.beats_of(2) + tempo_map.beats_at(S(5))
    assert abs(line / 4 - round(line / 4)) < S(1, 50)
