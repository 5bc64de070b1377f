import pytest

from musicgen_daw.timeline import IntensityLane


def test_a_ramp_runs_straight_between_its_points():
    lane = IntensityLane.parse("0.2>0.8>0.4")
    assert [round(lane.at(p), 6) for p in (0, 0.25, 0.5, 0.75, 1)] == [0.2, 0.5, 0.8, 0.6, 0.4]


def test_a_single_number_is_level():
    lane = IntensityLane.parse("0.6")
    assert lane.at(0) == lane.at(0.5) == lane.at(1) == 0.6


def test_a_lane_is_level_outside_its_points():
    lane = IntensityLane(((0.25, 0.1), (0.75, 0.9)))
    assert (lane.at(0), lane.at(1)) == (0.1, 0.9)


def test_two_points_at_one_place_are_a_step():
    lane = IntensityLane(((0.0, 0.1), (0.5, 0.1), (0.5, 0.9)))
    assert lane.at(0.49) == 0.1
    assert lane.at(0.5) == 0.9


@pytest.mark.parametrize("text", ["", "loud", "1.5", "-0.1", "nan", "inf", "0.2>", "0.2>2"])
def test_what_is_no_lane_is_refused(text):
    with pytest.raises(ValueError, match="intensit"):
        IntensityLane.parse(text)


def test_a_lane_is_written_as_it_is_read():
    assert str(IntensityLane.parse("0.2>0.9>0.4")) == "0.2>0.9>0.4"
