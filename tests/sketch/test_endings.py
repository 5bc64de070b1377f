from fractions import Fraction

import pytest

from musicgen_daw.sketch import Commission, Composition, compose
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.timeline import IntensityLane, Note

LENGTH_S = Fraction(30)
styles = pytest.mark.parametrize("style", STYLES)


def cue(style: str, end: str, tail_s: int = 0) -> Composition:
    lane = IntensityLane(((0.0, 0.7),))
    return compose(
        Commission("", LENGTH_S, 5, style=style, end=end, tail_s=Fraction(tail_s), intensity=lane)
    )


def music(composition: Composition) -> list[Note]:
    return [n for p in composition.score.parts if p.stem not in ("fx", "drums") for n in p.notes]


def last_start(composition: Composition) -> Fraction:
    return max(note.start_beats for note in music(composition))


def last_start_s(composition: Composition) -> Fraction:
    return composition.score.tempo_map.seconds_at(last_start(composition))


def gain_db_at(composition: Composition, second: float) -> float:
    points = composition.dynamics
    before = [point for point in points if point[0] <= second][-1]
    after = next((point for point in points if point[0] > second), before)
    if after is before:
        return before[1]
    share = (second - before[0]) / (after[0] - before[0])
    return before[1] + share * (after[1] - before[1])


@styles
def test_ring_leaves_the_last_chord_room_to_ring(style: str) -> None:
    composition = cue(style, "ring")
    assert Fraction(3, 2) <= LENGTH_S - last_start_s(composition) <= Fraction(37, 10)
    assert gain_db_at(composition, 29.999) < -40


@pytest.mark.parametrize("seconds", [3, 4, 5, 6, 8])
@pytest.mark.parametrize("bpm", [90, 120])
def test_a_short_cue_is_more_than_its_last_chord(seconds: int, bpm: int) -> None:
    composition = compose(Commission(f"{bpm} bpm, 4/4", Fraction(seconds), 1, style="folk"))
    rest_s = seconds - last_start_s(composition)
    assert seconds * Fraction(1, 5) <= rest_s <= seconds * Fraction(2, 5)
    assert last_start(composition) % 1 == 0  # on a beat


@styles
def test_the_last_chord_is_the_tonic(style: str) -> None:
    for end in ("ring", "button"):
        composition = cue(style, end)
        last = max(note.start_beats for note in music(composition))
        classes = [note.pitch % 12 for note in music(composition) if note.start_beats == last]
        key = Scale.parse(composition.key)
        assert key.tonic in classes
        assert set(classes) <= set(key.classes)


@styles
def test_button_ends_short(style: str) -> None:
    composition = cue(style, "button")
    assert Fraction(7, 10) <= LENGTH_S - last_start_s(composition) <= Fraction(13, 5)
    end = max(note.start_beats + note.length_beats for note in music(composition))
    seconds = composition.score.tempo_map.seconds_at(end)
    assert LENGTH_S - seconds >= Fraction(1, 4)


@styles
def test_fade_goes_on_under_a_falling_level(style: str) -> None:
    composition = cue(style, "fade")
    ends = max(note.start_beats + note.length_beats for note in music(composition))
    assert LENGTH_S - composition.score.tempo_map.seconds_at(ends) < 1
    levels = [gain_db_at(composition, second) for second in (24.0, 27.0, 29.0, 29.99)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] < -60


@styles
def test_cut_plays_to_the_last_sample_and_not_beyond(style: str) -> None:
    composition = cue(style, "cut", tail_s=2)
    ends = max(note.start_beats + note.length_beats for note in music(composition))
    assert LENGTH_S - composition.score.tempo_map.seconds_at(ends) < Fraction(1, 2)
    assert gain_db_at(composition, 29.99) > -6
    assert gain_db_at(composition, 30.05) < -60


@styles
def test_a_loop_has_no_ending_and_leads_back(style: str) -> None:
    composition = cue(style, "loop", tail_s=2)
    first, last = composition.dynamics[0][1], composition.dynamics[-1][1]
    assert first == last
    bass = [n for p in composition.score.parts if p.stem in ("bass", "harmony") for n in p.notes]
    end = composition.score.tempo_map.beats_at(LENGTH_S)
    assert any(note.start_beats + note.length_beats > end - 1 for note in bass)


@styles
@pytest.mark.parametrize("length_s", [Fraction(1, 2), Fraction(1), Fraction(5, 2)])
def test_a_stinger_is_one_chord_at_once(style: str, length_s: Fraction) -> None:
    composition = compose(Commission("", length_s, 1, style=style, end="button"))
    starts = [note.start_beats for note in music(composition)]
    assert starts.count(Fraction(0)) >= 2
    end = composition.score.tempo_map.beats_at(length_s)
    assert max(n.start_beats + n.length_beats for n in music(composition)) < end


@styles
def test_a_stinger_that_is_cut_is_a_chord_to_its_end(style: str) -> None:
    composition = compose(Commission("", Fraction(1, 2), 1, style=style, end="cut"))
    end = composition.score.tempo_map.beats_at(Fraction(1, 2))
    held = [n for n in music(composition) if n.start_beats + n.length_beats == end]
    assert [note.start_beats for note in held].count(Fraction(0)) >= 2
