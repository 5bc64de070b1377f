from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.sketch.rhythm import beats_in, divided, fit, fit_tune, groups_of, onsets


@pytest.mark.parametrize(
    ("meter", "groups"),
    [
        ((4, 4), (4, 4, 4, 4)),
        ((3, 4), (4, 4, 4)),
        ((2, 2), (4, 4, 4, 4)),
        ((6, 8), (6, 6)),
        ((12, 8), (6, 6, 6, 6)),
        ((5, 4), (4, 4, 4, 4, 4)),
        ((7, 8), (4, 4, 6)),
        ((5, 8), (4, 6)),
        ((8, 8), (6, 6, 4)),
        ((1, 8), (2,)),
    ],
)
def test_a_meter_is_felt_in_groups(meter: tuple[int, int], groups: tuple[int, ...]) -> None:
    assert groups_of(*meter) == groups


@given(st.integers(1, 40), st.sampled_from([1, 2, 4, 8, 16, 32]))
def test_the_groups_of_a_meter_fill_its_bar(numerator: int, denominator: int) -> None:
    sixteenths = numerator * 16 // denominator if denominator <= 16 else numerator
    assert sum(groups_of(numerator, denominator)) == sixteenths


@given(st.integers(1, 40), st.sampled_from([2, 4, 8, 16]), st.integers(1, 3))
def test_a_fitted_pattern_fills_its_bars(numerator: int, denominator: int, bars: int) -> None:
    groups = groups_of(numerator, denominator)
    assert len(fit("x.o.x-..x.o.x-.." * bars, groups)) == sum(groups) * bars


def test_a_pattern_in_three_keeps_the_first_and_the_last_beat() -> None:
    assert fit("X...o...g...x...", (4, 4, 4)) == "X...o...x..."


def test_a_hold_lengthens_the_note_before_and_nothing_else() -> None:
    assert onsets("R-.--x") == ((0, 2, "R"), (5, 1, "x"))


def test_a_tune_keeps_all_its_notes_in_another_meter() -> None:
    rhythm = "x---x-x-x---x---"
    for meter in ((3, 4), (6, 8), (5, 4), (7, 8)):
        assert len(fit_tune(rhythm, groups_of(*meter))) == len(onsets(rhythm))
    assert [onset.step for onset in fit_tune("x-----x-x---x---", (6, 6))] == [0, 4, 6, 10]


@pytest.mark.parametrize(
    ("meter", "groups", "beats"),
    [
        ((7, 8, (3, 2, 2)), (6, 4, 4), 3),
        ((5, 4, (2, 3)), (8, 12), 5),
        ((8, 8, (3, 3, 2)), (6, 6, 4), 3),
        ((7, 8, (4, 3)), (8, 6), 3),
        ((3, 2, (2, 1)), (16, 8), 6),
        ((7, 16, (2, 2, 3)), (2, 2, 3), 3),
    ],
)
def test_groups_that_are_chosen_are_felt(
    meter: tuple[int, int, tuple[int, ...]], groups: tuple[int, ...], beats: int
) -> None:
    assert groups_of(*meter) == groups
    assert beats_in(groups) == beats


@given(st.integers(1, 40), st.sampled_from([2, 4, 8, 16]))
def test_each_group_that_nobody_chose_is_one_beat(numerator: int, denominator: int) -> None:
    groups = groups_of(numerator, denominator)
    assert beats_in(groups) == len(groups)


def test_each_chosen_group_of_quarters_begins_like_a_bar() -> None:
    assert fit("K...a...b...c...", (8, 12)) == "K...c...K...a...c..."
    assert fit("K...a...b...c...", (12, 8)) == "K...a...c...K...c..."
    assert fit("K...a...b...c...", (6, 4, 4)) == "K.....a...c..."


groupings = st.lists(st.integers(1, 4), min_size=2, max_size=12).flatmap(
    lambda told: st.sampled_from([4, 8, 16]).map(
        lambda value: groups_of(sum(told), value, tuple(told))
    )
)


@settings(max_examples=50)
@given(groupings)
def test_patterns_and_tunes_fill_a_bar_of_any_groups(groups: tuple[int, ...]) -> None:
    assert len(fit("x.o.x-..x.o.x-.." * 2, groups)) == 2 * sum(groups)
    tune = fit_tune("x---x-x-x---x---", groups)
    ends = [onset.step + onset.length for onset in tune]
    assert [0, *ends[:-1]] == [onset.step for onset in tune]
    assert ends[-1] == sum(groups)
    assert len(tune) == min(5, -(-sum(groups) // 2))


def test_a_tune_stands_on_the_heads_of_chosen_groups() -> None:
    assert [onset.step for onset in fit_tune("x---x---x---x---", (6, 4, 4))] == [0, 4, 6, 10]
    assert [onset.step for onset in fit_tune("x---x-x-x---x---", (12, 8))] == [0, 6, 8, 12, 16]


def test_the_parts_of_a_bar_begin_on_the_heads_of_its_groups() -> None:
    assert divided((6, 4, 4), 2) == [0, Fraction(3, 7)]
    assert divided((4, 4, 6), 2) == [0, Fraction(4, 7)]
    assert divided((12, 8), 2) == [0, Fraction(3, 5)]
    assert divided((12, 8), 4) == [0, Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)]
