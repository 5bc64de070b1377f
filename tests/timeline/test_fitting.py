"""Tempos that fit hits: what is near, what is best, and how misses are counted."""

from fractions import Fraction
from itertools import pairwise

import pytest

from musicgen_daw.timeline import (
    Hit,
    MeterChange,
    TempoChange,
    TempoFit,
    TempoMap,
    fit_of_map,
    pulse_beats,
    rank_tempos,
    us_per_beat,
)

S = Fraction
FPS = S(25)


def ranked(*hits: Hit, low: int = 60, high: int = 180, **more) -> tuple[TempoFit, ...]:
    wanted = {"window_video_frames": S(2), **more}
    return rank_tempos(hits, FPS, lowest_bpm=S(low), highest_bpm=S(high), **wanted)


def on_beats(bpm: S, *beats: int) -> tuple[Hit, ...]:
    return tuple(Hit(beat * S(us_per_beat(bpm), 1_000_000)) for beat in beats)


@pytest.mark.parametrize("bpm", [S(92), S(1173, 10), S(151)])
def test_the_tempo_that_hits_were_made_at_is_ranked_first(bpm: S) -> None:
    best = ranked(*on_beats(bpm, 5, 18, 31, 59), low=80)[0]
    assert best.bpm == bpm
    assert [miss.beat for miss in best.misses] == [5, 18, 31, 59]
    assert best.worst_miss_video_frames == 0


def test_a_miss_is_told_in_video_frames_late_ones_positive() -> None:
    (fit,) = ranked(Hit(S(2) + S(1, 25)), Hit(S(4) - S(3, 50)), low=60, high=60)
    assert [miss.miss_video_frames for miss in fit.misses] == [S(1), S(-3, 2)]
    assert (fit.mean_miss_video_frames, fit.worst_miss_video_frames) == (S(5, 4), S(3, 2))
    assert (fit.caught(S(1)), fit.caught(S(2))) == (1, 2)


def test_a_tempo_that_catches_more_beats_one_that_is_nearer_on_average() -> None:
    hits = (Hit(S(10)), Hit(S(20)), Hit(S(31 * 60, 97)))
    best = ranked(*hits, window_video_frames=S(1), low=90, high=120)[0]
    others = ranked(*hits, window_video_frames=S(1), low=90, high=120, most=30)[1:]
    assert best.caught(S(1)) == max(fit.caught(S(1)) for fit in (best, *others))


def test_an_important_hit_is_caught_before_two_others() -> None:
    plain = on_beats(S(100), 7, 11)
    important = Hit(S(37 * 60, 131), important=True)
    best = ranked(*plain, important, low=98, high=102, window_video_frames=S(1, 4))[0]
    misses = {miss.hit: abs(miss.miss_video_frames) for miss in best.misses}
    assert misses[important] <= S(1, 4)
    assert all(misses[hit] > S(1, 4) for hit in plain)


def test_tempos_that_are_nearly_the_same_are_told_once() -> None:
    bpms = sorted(float(fit.bpm) for fit in ranked(Hit(S(7)), Hit(S(12)), most=20))
    assert len(bpms) == 20
    assert all(after / before > 1.0049 for before, after in pairwise(bpms))


def test_the_range_rules_and_nothing_fits_no_hits() -> None:
    assert all(88 <= fit.bpm <= 96 for fit in ranked(Hit(S(5)), low=88, high=96))
    assert ranked() == ()


def test_a_compound_meter_counts_dotted_quarters() -> None:
    assert [pulse_beats(MeterChange(S(0), *meter)) for meter in
            ((4, 4), (3, 4), (6, 8), (12, 8), (7, 8), (3, 8), (2, 2))] == [
        1, 1, S(3, 2), S(3, 2), S(1, 2), S(1, 2), 2]  # fmt: skip
    (fit,) = ranked(Hit(S(3)), low=90, high=90, pulse=S(3, 2))
    assert (fit.misses[0].beat, fit.misses[0].miss_video_frames * 1_000_000) == (3, S(-75, 2))


def test_beats_of_a_map_are_counted_through_its_tempos_and_meters() -> None:
    tempo_map = TempoMap(
        (TempoChange(S(0), 500_000), TempoChange(S(4), 1_000_000)),
        (MeterChange(S(0), 4, 4), MeterChange(S(4), 6, 8)),
    )
    fit = fit_of_map((Hit(S(1)), Hit(S(2) + S(16, 10))), FPS, tempo_map)
    assert [miss.beat for miss in fit.misses] == [2, 5]
    assert [miss.miss_video_frames for miss in fit.misses] == [0, S(5, 2)]
