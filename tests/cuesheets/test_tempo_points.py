import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.cuesheets.tempo_points import TempoPoint, tempo_map_of
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import MeterChange, TempoMap


def point(at, bpm, ramp_to=None, **more):
    return TempoPoint(Fraction(at), Fraction(bpm), "", ramp_to and Fraction(ramp_to), **more)


def test_points_without_ramps_are_steps_in_any_order():
    tempo_map = tempo_map_of([point(8, 90), point(0, 120)], [], [])
    assert tempo_map.tempos == (*TempoMap.constant(120).tempos, tempo_map.tempo_at(8))
    assert tempo_map.seconds_at(8) == 4


def test_a_ramp_over_beats_takes_the_time_that_its_integral_takes():
    tempo_map = tempo_map_of([point(0, 100, 200), point(16, 200)], [], [])
    for beats in (1, 4, 7.5, 12, 16):
        exact_s = 60 * 16 / 100 * math.log(1 + beats / 16)
        assert float(tempo_map.seconds_at(Fraction(beats))) == pytest.approx(exact_s, abs=2e-6)
    assert len(tempo_map.tempos) == 65


def test_a_ramp_over_time_takes_the_time_of_its_mean_tempo():
    points = [point(0, 60, 120, over_time=True), point(15, 120)]
    tempo_map = tempo_map_of(points, [], [])
    assert float(tempo_map.seconds_at(15)) == pytest.approx(10, abs=2e-6)
    # Half of the time is over at 90 bpm: five seconds at 75 bpm on average.
    assert float(tempo_map.seconds_at(Fraction(25, 4))) == pytest.approx(5, abs=2e-6)


def test_a_ramp_that_no_point_ends_is_a_step():
    assert tempo_map_of([point(0, 100, 200)], [], []) == TempoMap.constant(100)


def test_an_odd_length_ends_with_a_shorter_step():
    tempo_map = tempo_map_of([point(0, 60, 90), point("1.1", 90)], [], [])
    assert [float(tempo.at_beats) for tempo in tempo_map.tempos] == [0, 0.25, 0.5, 0.75, 1, 1.1]


def test_of_several_in_one_place_the_last_rules():
    tempo_map = tempo_map_of([point(0, 60), point(0, 90), point(0, 120)], [], [])
    assert tempo_map == TempoMap.constant(120)


def test_before_the_first_point_it_is_the_first_tempo_and_meter():
    tempo_map = tempo_map_of([point(4, 90, 60)], [MeterChange(Fraction(3), 3, 4)], [])
    assert tempo_map.seconds_at(3) == 3 * tempo_map.tempos[0].beat_s
    assert tempo_map.bar_at(3) == (2, 0)


def test_impossible_tempos_are_left_out_and_told():
    warnings = []
    points = [TempoPoint(Fraction(4), Fraction(0), "line 7"), point(0, 120)]
    assert tempo_map_of(points, [], warnings) == TempoMap.constant(120)
    assert str(warnings[0]).startswith("line 7: a tempo is left out: a tempo must be positive")


def test_a_meter_of_countless_bars_is_left_out_and_told():
    warnings = []
    tempo_map = tempo_map_of([point(0, 120)], [MeterChange(Fraction(0), 1, 2**40)], warnings)
    assert tempo_map == TempoMap.constant(120)
    assert str(warnings[0]) == f"a meter of 1/{2**40} is left out"


def test_a_ramp_of_absurd_length_is_refused():
    with pytest.raises(CueSheetError, match="too long to be read as sixteenths"):
        tempo_map_of([point(0, 60, 90), point(10**9, 90)], [], [])
    many = [
        p for n in range(2) for p in (point(n * 13_000, 60, 90), point(n * 13_000 + 12_999, 90))
    ]
    with pytest.raises(CueSheetError, match="changes more than 100000 times"):
        tempo_map_of(many, [], [])


@given(
    st.lists(
        st.tuples(
            st.fractions(0, 60, max_denominator=10**6),
            st.fractions(4, 900, max_denominator=100),
            st.none() | st.fractions(4, 900, max_denominator=100),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_any_points_make_a_map_that_runs_forward(points):
    told = [TempoPoint(at, bpm, "", to, over) for at, bpm, to, over in points]
    tempo_map = tempo_map_of(told, [], [])
    seconds = [tempo_map.seconds_at(beats) for beats in range(0, 70, 10)]
    assert seconds == sorted(set(seconds))
