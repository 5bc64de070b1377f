"""Basses that lead from root to root."""

from fractions import Fraction
from itertools import pairwise

import pytest

from musicgen_daw.sketch import Commission, compose
from musicgen_daw.sketch.bassline import BassLine
from musicgen_daw.sketch.chords import parse_chord
from musicgen_daw.sketch.harmony import ChordSpan, Harmonisation
from musicgen_daw.sketch.scales import Scale

C_MAJOR = Scale(0, "major")


def line(*numerals: str, compass: tuple[int, int] = (28, 50)) -> BassLine:
    spans = [
        ChordSpan(Fraction(4 * bar), Fraction(4 * bar + 4), parse_chord(numeral, C_MAJOR))
        for bar, numeral in enumerate(numerals)
    ]
    return BassLine(C_MAJOR, Harmonisation(spans, None, ""), compass)


def test_a_root_takes_the_octave_that_is_near() -> None:
    roots = [line("I", "ii", "iii").pitch("R", bar, None) for bar in range(3)]
    assert roots == [36, 38, 40]  # and not 28, the lowest E


def test_a_bass_comes_back_down_where_the_way_is_not_far_longer() -> None:
    roots = [line("iii", "vi", "V").pitch("R", bar, None) for bar in range(3)]
    assert roots == [28, 33, 31]


@pytest.mark.parametrize(("before", "approach"), [(45, 33), (28, 29)])
def test_the_next_root_is_approached_by_step_from_the_side_of_the_hand(
    before: int, approach: int
) -> None:
    assert line("ii", "V").pitch("a", 0, before) == approach  # to G, 31


def test_a_fifth_lies_below_where_the_next_root_would_be_out_of_reach() -> None:
    assert line("ii", "V").pitch("5", 0, None) == 33
    assert line("ii", "vi").pitch("5", 0, None) == 45


def test_a_tone_stays_above_where_the_hand_is_up_there_already() -> None:
    bass = line("ii7", "V")
    assert [bass.pitch("7", 0, before) for before in (50, 38)] == [48, 36]


def test_the_next_root_is_not_approached_by_the_note_that_was_just_played() -> None:
    assert line("ii", "V").pitch("a", 0, 33) == 29


def test_a_tone_that_fits_nowhere_below_stays_above() -> None:
    assert line("iii", "I", compass=(28, 40)).pitch("5", 0, None) == 35


@pytest.mark.parametrize("style", ["folk", "jazz-trio"])
def test_a_bass_hardly_ever_leaps_farther_than_an_octave(style: str) -> None:
    leaps = [
        abs(after.pitch - note.pitch)
        for seed in range(3)
        for part in compose(Commission("", Fraction(40), seed, style=style)).score.parts
        if part.stem == "bass"
        for note, after in pairwise(part.notes)
    ]
    assert sum(leap > 12 for leap in leaps) <= 0.03 * len(leaps)
