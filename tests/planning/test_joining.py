"""How the end of a cue is heard by the one that goes on from it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from musicgen_daw.planning.joining import Joint, joint
from musicgen_daw.timeline import MeterChange, TempoChange, TempoMap

AT = TempoMap.constant


def test_the_same_tempo_from_bar_to_bar_needs_nothing() -> None:
    assert joint(AT(120), Fraction(8), AT(120)) == Joint()


@pytest.mark.parametrize(
    ("before", "after", "stretch"),
    [(100, 125, Fraction(4, 5)), (125, 100, Fraction(5, 4)), (120, 60, 1), (60, 120, 1)],
)
def test_an_end_is_brought_to_the_new_tempo_or_its_half_or_double(before, after, stretch) -> None:
    bars_s = 4 * Fraction(240, before)
    assert joint(AT(before), bars_s, AT(after)) == Joint(Fraction(0), stretch)


def test_tempos_that_nobody_tells_apart_are_the_same() -> None:
    assert joint(AT(120), Fraction(8), AT(121)).stretch == 1


def test_the_tempo_of_an_end_is_its_last_one() -> None:
    ramp = TempoMap((TempoChange(Fraction(0), 500_000), TempoChange(Fraction(8), 600_000)))
    length_s = ramp.seconds_at(16)
    assert joint(ramp, length_s, AT(100)).stretch == 1
    assert joint(ramp, ramp.seconds_at(8), AT(100)).stretch == Fraction(6, 5)


def test_an_end_inside_a_bar_is_left_at_the_bar_line_where_the_next_cue_begins_on_one() -> None:
    assert joint(AT(120), Fraction(9), AT(120)) == Joint(Fraction(1))
    assert joint(AT(120, 3, 4), Fraction(8), AT(120)) == Joint(Fraction(1, 2))


def test_a_cue_that_begins_inside_a_bar_goes_on_from_that_place_in_a_bar() -> None:
    pickup = TempoMap(meters=(MeterChange(Fraction(0), 4, 4),), pickup_beats=Fraction(1))
    assert joint(AT(120), Fraction(15, 2), pickup) == Joint()  # both three beats into a bar
    assert joint(AT(120), Fraction(8), pickup) == Joint(Fraction(1, 2))


def test_an_end_that_is_off_by_rounding_or_shorter_than_a_bar_is_left_as_it_is() -> None:
    assert joint(AT(120), Fraction("8.001"), AT(120)) == Joint()
    assert joint(AT(120), Fraction("7.999"), AT(120)) == Joint()
    assert joint(AT(120), Fraction("1.5"), AT(120)) == Joint()


def test_where_no_tempo_is_told_nothing_is_done() -> None:
    assert joint(None, Fraction(9), AT(120)) == joint(AT(120), Fraction(9), None) == Joint()
