import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_mark_rules_from_its_place_to_the_next_or_to_the_end():
    lane = IntensityLane.parse("0>0.8").with_marks([(0.25, (0.9,)), (0.5, (0.2, 0.6))])
    assert [lane.at(share) for share in (0, 0.125, 0.25, 0.4)] == pytest.approx([0, 0.1, 0.9, 0.9])
    assert [lane.at(share) for share in (0.5, 0.75, 1)] == pytest.approx([0.2, 0.4, 0.6])
    assert [lane.up_to(share) for share in (0.25, 0.5)] == pytest.approx([0.2, 0.9])


def test_a_mark_at_the_start_leaves_nothing_of_the_lane_and_the_last_of_one_place_rules():
    lane = IntensityLane.parse("0.1").with_marks([(0.0, (0.4,)), (0.0, (0.3, 0.7))])
    assert lane.points == ((0.0, 0.3), (1.0, 0.7))


@given(
    marks=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.lists(st.floats(0, 1), min_size=1)),
        max_size=8,
    ),
    share=st.floats(0, 1),
)
def test_any_marks_make_a_lane_of_their_own_levels(marks, share):
    lane = IntensityLane.parse("0.5").with_marks(sorted(marks))
    begun = [levels for place, levels in sorted(marks) if place <= share]
    levels = begun[-1] if begun else [0.5]
    assert min(levels) - 1e-9 <= lane.at(share) <= max(levels) + 1e-9
