import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.sketch.rhythm import fit, fit_tune, groups_of, onsets


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
