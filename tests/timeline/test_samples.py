from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.timeline import Span, in_time, to_samples

seconds = st.fractions(0, 7200, max_denominator=10**6)
sample_rates = st.sampled_from([22_050, 32_000, 44_100, 48_000, 96_000])


@given(st.lists(seconds, min_size=2, max_size=20, unique=True), sample_rates)
def test_adjoining_spans_tile_without_gap_or_overlap(moments, sample_rate):
    edges = sorted(moments)
    spans = [Span.between(start, end, sample_rate) for start, end in pairwise(edges)]
    assert all(a.end_samples == b.start_samples for a, b in pairwise(spans))
    assert sum(span.length_samples for span in spans) == (
        to_samples(edges[-1], sample_rate) - to_samples(edges[0], sample_rate)
    )


@given(seconds, sample_rates)
def test_a_moment_is_half_a_sample_from_its_sample_at_most(moment, sample_rate):
    assert abs(to_samples(moment, sample_rate) - moment * sample_rate) <= Fraction(1, 2)


def test_halves_go_up_before_and_after_zero():
    assert [to_samples(Fraction(n, 2), 1) for n in (-3, -1, 1, 3)] == [-1, 0, 1, 2]


def test_video_frames_at_29_97_do_not_drift():
    video_frame = Fraction(1001, 30_000)
    edges = [to_samples(n * video_frame, 48_000) for n in range(5001)]
    assert edges[-1] == 5000 * 8008 / 5
    assert {after - before for before, after in pairwise(edges)} == {1601, 1602}


def test_a_span_can_not_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        Span(2, 1)


@given(st.lists(st.fractions(0, 400_000, max_denominator=10**12), max_size=9), st.integers(1, 9))
def test_moments_sort_exactly_however_close_they_are(moments: list[Fraction], hair: int) -> None:
    close = [*moments, *(moment + Fraction(1, 10**30 + hair) for moment in moments)]
    assert sorted(close, key=in_time) == sorted(close)
