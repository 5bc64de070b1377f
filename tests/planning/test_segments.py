"""Cues that are longer than a generator can do."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.planning.segments import Segment, lane_between, split
from musicgen_daw.timeline import IntensityLane, MeterChange, TempoChange, TempoMap

seconds = st.fractions(Fraction(1, 2), 200, max_denominator=48_000)
limits = st.fractions(4, 60, max_denominator=1000)
tails = st.fractions(0, 1, max_denominator=100)
tempos = st.lists(
    st.tuples(st.integers(1, 40), st.integers(200_000, 1_500_000)), min_size=1, max_size=6
)
meters = st.lists(
    st.tuples(st.integers(1, 60), st.integers(2, 7), st.sampled_from([4, 8])),
    min_size=1,
    max_size=4,
)


@st.composite
def tempo_maps(draw: st.DrawFn) -> TempoMap:
    at, changes = 0, []
    for gap, us in draw(tempos):
        changes.append(TempoChange(Fraction(at), us))
        at += gap
    at, bars = 0, []
    for gap, numerator, denominator in draw(meters):
        bars.append(MeterChange(Fraction(at), numerator, denominator))
        at += gap
    start = draw(st.fractions(0, 30, max_denominator=100))
    return TempoMap(tuple(changes), tuple(bars)).window(start, start + 1000)


@settings(deadline=None, max_examples=60)
@given(seconds, tails, limits, st.none() | tempo_maps())
def test_segments_cover_the_cue_within_the_limit_and_overlap_only_their_neighbours(
    length_s: Fraction, tail_s: Fraction, max_s: Fraction, tempo_map: TempoMap | None
) -> None:
    parts = split(length_s, tail_s, max_s, tempo_map)

    assert (parts[0].start_s, parts[-1].end_s) == (0, length_s)
    assert [part.tail_s for part in parts] == [0] * (len(parts) - 1) + [tail_s]
    assert all(part.length_s > 0 and part.length_s + part.tail_s <= max_s for part in parts)
    assert all(a.start_s < b.start_s < a.end_s < b.end_s for a, b in pairwise(parts))
    assert all(a.end_s <= c.start_s for a, c in zip(parts, parts[2:], strict=False))
    assert split(length_s, tail_s, max_s, tempo_map) == parts


def test_what_fits_is_one_segment_with_its_tail() -> None:
    assert split(Fraction(27), Fraction(3), Fraction(30), None) == (
        Segment(Fraction(0), Fraction(27), Fraction(3)),
    )
    assert split(Fraction(9000), Fraction(3), None, None) == (
        Segment(Fraction(0), Fraction(9000), Fraction(3)),
    )


def test_without_a_tempo_all_segments_are_equally_long_and_share_two_seconds() -> None:
    parts = split(Fraction(58), Fraction(0), Fraction(30), None)

    assert [(part.start_s, part.end_s) for part in parts] == [(0, 30), (28, 58)]


def test_with_a_tempo_segments_begin_on_bars_and_share_one_bar() -> None:
    # At 120 bpm a bar of 4/4 lasts 2 s.
    parts = split(Fraction(64), Fraction(0), Fraction(30), TempoMap.constant(120))

    assert [(part.start_s, part.end_s) for part in parts] == [(0, 24), (22, 44), (42, 64)]


def test_bar_lines_are_those_of_the_sheet_where_a_cue_begins_inside_a_bar() -> None:
    window = TempoMap.constant(120).window(Fraction(1, 2), 100)

    parts = split(Fraction(50), Fraction(0), Fraction(30), window)

    assert all((part.start_s + Fraction(1, 2)) % 2 == 0 for part in parts[1:])


def test_bars_too_long_for_the_limit_are_no_reason_to_fail() -> None:
    slow = TempoMap.constant(12)  # a bar of 4/4 lasts 20 s

    assert split(Fraction(58), Fraction(0), Fraction(30), slow) == split(
        Fraction(58), Fraction(0), Fraction(30), None
    )


def test_a_tail_that_leaves_no_room_for_music_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a tail of 20 s is too long for clips of at most 30 s"):
        split(Fraction(60), Fraction(20), Fraction(30), None)


def test_the_parts_of_an_intensity_lane_meet_at_the_cuts() -> None:
    lane = IntensityLane.parse("0.2>1.0>0.4")

    first, second = lane_between(lane, 0, 0.75), lane_between(lane, 0.75, 1)

    assert first.at(1) == second.at(0) == lane.at(0.75)
    assert max(intensity for _, intensity in first.points) == 1.0
    assert second.at(1) == pytest.approx(0.4)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_a_part_of_a_lane_follows_the_lane(values: list[float], a: float, b: float) -> None:
    start, end = sorted((a, b))
    if end - start < 1e-3:
        return
    lane = IntensityLane.parse(">".join(map(repr, values)))

    part = lane_between(lane, start, end)

    for share in (0.0, 0.25, 0.5, 1.0):
        assert part.at(share) == pytest.approx(lane.at(start + share * (end - start)), abs=1e-6)
