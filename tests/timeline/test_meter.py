"""Meters as people write them, with the groups of their beats."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.timeline import Meter, MeterChange, TempoMap, parse_meter, pulse_beats

SEVEN = Meter(7, 8, (2, 2, 3))

groups = st.lists(st.integers(1, 4), min_size=1, max_size=40).map(tuple)


@pytest.mark.parametrize(
    ("text", "meter"),
    [
        ("6/8", Meter(6, 8)),
        ("2+2+3/8", SEVEN),
        ("(2+2+3)/8", SEVEN),
        ("7/8 (2+2+3)", SEVEN),
        ("7/8(2+2+3)", SEVEN),
        ("3+2/4", Meter(5, 4, (3, 2))),
        ("3+3+2/8", Meter(8, 8, (3, 3, 2))),
    ],
)
def test_a_meter_is_read_with_its_groups(text: str, meter: Meter) -> None:
    assert parse_meter(text) == meter


@settings(max_examples=40)
@given(groups.filter(lambda groups: len(groups) > 1), st.sampled_from([1, 2, 4, 8, 16, 64]))
def test_what_a_meter_is_written_as_is_read_back(told: tuple[int, ...], value: int) -> None:
    meter = Meter(sum(told), value, told)
    assert parse_meter(str(meter)) == meter
    assert parse_meter(f"{sum(told)}/{value} ({'+'.join(map(str, told))})") == meter


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("7/8 (2+2+2)", "2+2+2 is 6, not 7"),
        ("5+2/8", "a group of 5 is heard as smaller ones: write 3+2, say"),
        ("2+0/8", "2+0 has a group without a beat"),
        ("2+2/5", "write one such as"),
        ("4/128", "write one such as"),
        ("300/4", "1 to 255 beats"),
        ("+".join(["4"] * 64) + "/4", "1 to 255 beats"),
        ("+".join(["1"] * 65) + "/4", "write one such as"),
        ("2+2", "write one such as"),
        ("(7)/8", "write one such as"),
        ("2+2/4 (2+2)", "write one such as"),
        ("4/4 (4", "write one such as"),
    ],
)
def test_an_impossible_meter_is_told_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_meter(text)
    assert str(caught.value).startswith(f"{text!r} is no meter: ")
    assert reason in str(caught.value)


@settings(max_examples=60)
@given(st.text(st.sampled_from("0123456789+/() x"), max_size=200))
def test_any_text_is_a_meter_that_a_bar_can_have_or_none(text: str) -> None:
    try:
        meter = parse_meter(text)
    except ValueError:
        return
    assert MeterChange(Fraction(0), *meter).bar_beats == Fraction(4 * meter[0], meter[1])


def test_groups_that_fill_no_bar_are_no_change_of_meter() -> None:
    with pytest.raises(ValueError, match=r"impossible meter change: .*: 2\+2 is 4, not 7"):
        MeterChange(Fraction(0), 7, 8, (2, 2))


def test_a_map_keeps_the_groups_of_its_parts() -> None:
    meters = (MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(8), *SEVEN))
    tempo_map = TempoMap(meters=meters)
    assert tempo_map.window(0, 10).meters == meters
    assert tempo_map.window(5, 10).meters[0].meter == SEVEN


def test_groups_are_laid_over_the_bars_of_their_meter_that_have_none() -> None:
    own = MeterChange(Fraction(20), 7, 8, (3, 2, 2))
    meters = (MeterChange(Fraction(0), 7, 8), MeterChange(Fraction(14), 3, 4), own)
    grouped = TempoMap(meters=meters).grouped(SEVEN)
    assert [change.groups for change in grouped.meters] == [(2, 2, 3), (), (3, 2, 2)]
    for nothing in (None, Meter(7, 8), Meter(5, 8, (3, 2))):
        assert TempoMap(meters=meters).grouped(nothing) == TempoMap(meters=meters)


@pytest.mark.parametrize(
    ("meter", "beats"),
    [
        (Meter(9, 8), Fraction(3, 2)),
        (Meter(9, 8, (3, 3, 3)), Fraction(3, 2)),
        (Meter(9, 8, (2, 2, 2, 3)), Fraction(1, 2)),
        (Meter(6, 4, (3, 3)), Fraction(1)),
    ],
)
def test_only_groups_of_three_short_beats_count_as_one(meter: Meter, beats: Fraction) -> None:
    assert pulse_beats(MeterChange(Fraction(0), *meter)) == beats
