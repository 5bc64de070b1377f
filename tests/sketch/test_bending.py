"""Bars that are bent so that hits fall on beats."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.sketch import Commission, compose
from musicgen_daw.sketch.bending import bent
from musicgen_daw.timeline import Hit, TempoChange, TempoMap

S = Fraction
STEADY = TempoMap.constant(120)


def test_a_hit_off_the_beat_falls_on_the_nearest_one_exactly() -> None:
    made = bent(STEADY, [S(813, 100)], S(20), 0.05)
    assert made.beats_at(S(813, 100)) == 16


def test_the_bars_beyond_the_nearest_keep_their_place() -> None:
    made = bent(STEADY, [S(813, 100)], S(20), 0.05)
    for at_s in (0, 2, 4, 12, 16, 20):
        assert made.beats_at(at_s) == 2 * at_s


def test_no_tempo_is_moved_beyond_the_limit() -> None:
    made = bent(STEADY, [S(813, 100)], S(20), 0.05)
    assert max(abs(change.us_per_beat / 500_000 - 1) for change in made.tempos) <= 0.0501


@pytest.mark.parametrize("limit", [0, 0.01])
def test_a_hit_that_would_take_more_stands_free(limit: float) -> None:
    assert bent(STEADY, [S(813, 100)], S(20), limit) == STEADY


def test_hits_near_each_other_share_the_bars_between_them() -> None:
    hits = [S(805, 100), S(1195, 100), S(1606, 100)]
    made = bent(STEADY, hits, S(30), 0.04)
    assert [made.beats_at(at_s) for at_s in hits] == [16, 24, 32]
    assert made.beats_at(S(20)) == 40


def test_a_free_hit_between_others_spoils_none_of_them() -> None:
    hits = [S(805, 100), S(923, 100), S(1606, 100)]
    made = bent(STEADY, hits, S(30), 0.03)
    assert made.beats_at(hits[0]) == 16
    assert made.beats_at(hits[2]) == 32
    assert made.beats_at(hits[1]) % 1 != 0


def test_a_map_of_several_tempos_keeps_them_in_proportion() -> None:
    ramp = TempoMap((TempoChange(S(0), 500_000), TempoChange(S(14), 600_000)), STEADY.meters)
    at_s = ramp.seconds_at(16) + S(7, 100)
    made = bent(ramp, [at_s], S(30), 0.05)
    assert made.beats_at(at_s) == 16
    assert made.seconds_at(24) == ramp.seconds_at(24)
    assert made.seconds_at(40) == ramp.seconds_at(40)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.fractions(0, 30, max_denominator=1000), max_size=8),
    st.fractions(S(1, 2), 30, max_denominator=1000),
    st.floats(0, 0.15),
)
def test_any_hits_leave_a_map_that_rises_and_keeps_the_end(hits, length_s, limit) -> None:
    made = bent(STEADY, hits, length_s, limit)
    assert made.beats_at(length_s) == STEADY.beats_at(length_s)
    places = [change.at_beats for change in made.tempos]
    assert places == sorted(set(places))
    slowest = max(change.us_per_beat for change in made.tempos)
    assert slowest <= 500_000 * (1 + limit) + 1


def test_a_cue_plays_its_beat_on_a_hit_that_was_fitted() -> None:
    hit = Hit(S(813, 100))
    cue = Commission("", S(20), 3, style="action-hybrid", hits=(hit,), fit_hits=0.05,
                     tempo_map=STEADY)  # fmt: skip
    fitted = compose(cue)
    at = fitted.score.tempo_map.beats_at(hit.at_s)
    (impact,) = next(part.notes for part in fitted.score.parts if part.name == "hits")
    assert (impact.start_beats, at) == (16, 16)
    assert fitted.score.tempo_map.seconds_at(impact.start_beats) == hit.at_s
