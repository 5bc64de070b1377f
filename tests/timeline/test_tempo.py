from copy import deepcopy
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.timeline import BarPosition, MeterChange, TempoChange, TempoMap, us_per_beat

ticks = st.integers(0, 960 * 400).map(lambda tick: Fraction(tick, 960))


@st.composite
def tempo_maps(draw):
    tempo_beats = sorted({Fraction(0), *draw(st.lists(ticks, max_size=8))})
    meter_beats = sorted({Fraction(0), *draw(st.lists(ticks, max_size=4))})
    tempos = [TempoChange(at, draw(st.integers(100_000, 2_000_000))) for at in tempo_beats]
    meters = [
        MeterChange(at, draw(st.integers(1, 13)), draw(st.sampled_from([2, 4, 8, 16])))
        for at in meter_beats
    ]
    return TempoMap(tuple(tempos), tuple(meters))


# A bar of 4/4, two of 3/4, then 6/8; the tempo doubles inside the second bar.
MIXED = TempoMap(
    (TempoChange(Fraction(0), 500_000), TempoChange(Fraction(5), 250_000)),
    (
        MeterChange(Fraction(0), 4, 4),
        MeterChange(Fraction(4), 3, 4),
        MeterChange(Fraction(10), 6, 8),
    ),
)


def test_a_tempo_is_the_nearest_whole_number_of_microseconds():
    assert us_per_beat(120) == 500_000
    assert us_per_beat(90) == 666_667
    assert TempoChange(Fraction(0), us_per_beat(90)).bpm == Fraction(60_000_000, 666_667)


@pytest.mark.parametrize("bpm", [0, -1, float("nan"), float("inf"), 3.5, 10**9])
def test_a_tempo_that_midi_can_not_hold_is_refused(bpm):
    with pytest.raises(ValueError, match="bpm"):
        us_per_beat(bpm)


def test_seconds_follow_the_steps_of_tempo():
    assert [MIXED.seconds_at(beats) for beats in (0, 4, 5, 6, 10)] == [
        0,
        2,
        Fraction(5, 2),
        Fraction(11, 4),
        Fraction(15, 4),
    ]


def test_bars_follow_the_changes_of_meter():
    assert [MIXED.bar_at(beats) for beats in (0, 4, 6, 7, 10, 13)] == [
        BarPosition(1, Fraction(0)),
        BarPosition(2, Fraction(0)),
        BarPosition(2, Fraction(2)),
        BarPosition(3, Fraction(0)),
        BarPosition(4, Fraction(0)),
        BarPosition(5, Fraction(0)),
    ]
    assert list(MIXED.bar_lines(0, 14)) == [0, 4, 7, 10, 13]


def test_a_meter_change_inside_a_bar_cuts_the_bar_short():
    cut = TempoMap(meters=(MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(6), 3, 4)))
    assert list(cut.bar_lines(0, 10)) == [0, 4, 6, 9]
    assert cut.bar_at(6) == BarPosition(3, Fraction(0))
    assert cut.beats_after(4, Fraction(3, 4)) == 6  # the cut bar is over before its third beat ends


@given(tempo_maps(), ticks)
def test_beats_to_seconds_and_back_is_exact(tempo_map, beats):
    assert tempo_map.beats_at(tempo_map.seconds_at(beats)) == beats


@given(tempo_maps(), st.fractions(0, 1000, max_denominator=48_000))
def test_seconds_to_beats_and_back_is_exact(tempo_map, seconds):
    assert tempo_map.seconds_at(tempo_map.beats_at(seconds)) == seconds


@given(tempo_maps(), ticks)
def test_beats_to_bars_and_back_is_exact(tempo_map, beats):
    assert tempo_map.beats_of(*tempo_map.bar_at(beats)) == beats


@given(tempo_maps(), ticks, ticks)
def test_time_never_runs_backwards(tempo_map, one, other):
    first, second = sorted((one, other))
    assert tempo_map.seconds_at(first) <= tempo_map.seconds_at(second)
    assert tempo_map.bar_at(first) <= tempo_map.bar_at(second)


@given(tempo_maps(), ticks, ticks, ticks)
def test_a_window_has_the_bar_lines_and_seconds_of_its_parent(tempo_map, one, other, inside):
    start_beats, end_beats = sorted((one, other))
    if start_beats == end_beats:
        return
    start_s, end_s = tempo_map.seconds_at(start_beats), tempo_map.seconds_at(end_beats)
    window = tempo_map.window(start_s, end_s)
    length_beats = end_beats - start_beats
    assert [line + start_beats for line in window.bar_lines(0, length_beats)] == list(
        tempo_map.bar_lines(start_beats, end_beats)
    )
    beats = min(inside, length_beats)
    assert window.seconds_at(beats) + start_s == tempo_map.seconds_at(beats + start_beats)
    assert window.tempo_at(length_beats / 2).us_per_beat == (
        tempo_map.tempo_at(start_beats + length_beats / 2).us_per_beat
    )


@given(tempo_maps(), st.lists(ticks, min_size=3, max_size=3, unique=True))
def test_a_window_of_a_window_is_the_window(tempo_map, edges):
    start, middle, end = (tempo_map.seconds_at(beats) for beats in sorted(edges))
    inner = tempo_map.window(start, end).window(middle - start, end - start)
    direct = tempo_map.window(middle, end)
    assert (inner.tempos, inner.meters) == (direct.tempos, direct.meters)
    length_beats = direct.beats_at(end - middle)
    assert list(inner.bar_lines(0, length_beats)) == list(direct.bar_lines(0, length_beats))


def test_a_window_that_begins_inside_a_bar_has_a_pickup():
    window = TempoMap.constant(120).window(1, 10)
    assert window.pickup_beats == 2
    assert window.bar_at(0) == BarPosition(0, Fraction(2))
    assert window.bar_at(2) == BarPosition(1, Fraction(0))
    assert list(window.bar_lines(0, 8)) == [2, 6]


def test_a_window_ends_before_a_change_at_its_end():
    assert MIXED.window(0, Fraction(5, 2)).tempos == MIXED.tempos[:1]
    assert MIXED.window(0, 2).meters == MIXED.meters[:1]


@given(tempo_maps(), st.integers(0, 400), st.integers(1, 60))
def test_so_many_bars_after_a_bar_line_is_a_bar_line(tempo_map, beats, bars):
    bar = tempo_map.bar_at(beats).bar
    assert tempo_map.beats_after(tempo_map.beats_of(bar), bars) == tempo_map.beats_of(bar + bars)


def test_bars_between_counts_parts_of_bars():
    assert TempoMap.constant(120).bars_between(0, 5) == Fraction(5, 2)
    assert MIXED.bars_between(0, Fraction(15, 4)) == 3


@pytest.mark.parametrize(
    "fault",
    [
        lambda: TempoMap(()),
        lambda: TempoMap((TempoChange(Fraction(1), 500_000),)),
        lambda: TempoMap((TempoChange(Fraction(0), 500_000), TempoChange(Fraction(0), 400_000))),
        lambda: TempoMap(pickup_beats=Fraction(4)),
        lambda: TempoMap(
            meters=(MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(1), 3, 4)),
            pickup_beats=Fraction(2),
        ),
        lambda: TempoChange(Fraction(0), 0),
        lambda: TempoChange(Fraction(-1), 500_000),
        lambda: MeterChange(Fraction(0), 4, 3),
        lambda: MeterChange(Fraction(0), 0, 4),
    ],
)
def test_an_impossible_map_is_refused(fault):
    with pytest.raises(ValueError):
        fault()


def test_places_that_floats_can_not_tell_apart_are_told_apart():
    just_after = Fraction(1) + Fraction(1, 10**20)
    split = TempoMap((TempoChange(Fraction(0), 500_000), TempoChange(just_after, 250_000)))
    assert split.tempo_at(Fraction(1)).us_per_beat == 500_000
    assert split.tempo_at(just_after).us_per_beat == 250_000


def test_a_map_that_has_been_asked_is_the_same_value_as_one_that_has_not():
    asked, fresh = MIXED.window(0, 3), MIXED.window(0, 3)
    assert asked.seconds_at(6) == Fraction(11, 4)
    assert asked == fresh
    assert hash(asked) == hash(fresh)
    assert repr(asked) == repr(fresh)
    assert deepcopy(asked) == fresh


def test_bars_and_seconds_are_exact_where_beats_bars_and_pickup_share_no_unit():
    odd = TempoMap(
        (TempoChange(Fraction(0), 333_333), TempoChange(Fraction(5, 7), 700_001)),
        (MeterChange(Fraction(0), 5, 16), MeterChange(Fraction(11, 13), 3, 2)),
        Fraction(1, 3),
    )
    assert odd.seconds_at(1) == Fraction(5, 7) * Fraction(333_333, 10**6) + Fraction(2, 7) * (
        Fraction(700_001, 10**6)
    )
    assert odd.bar_at(0) == BarPosition(0, Fraction(5, 4) - Fraction(1, 3))
    assert list(odd.bar_lines(0, 7)) == [Fraction(1, 3), Fraction(11, 13), Fraction(89, 13)]
