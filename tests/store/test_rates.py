"""The calls a minute, in simulated time."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.store.rates import LONGEST_BLOCK_S, SharedRate

START_S = 1_800_000_000.0


class Clock:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now_s = START_S

    def __call__(self) -> float:
        return self.now_s


@contextmanager
def a_rate(
    folder: Path, clock: Clock, per_minute: float | None, name: str = "service"
) -> Iterator[SharedRate]:
    with closing(SharedRate(folder / "limits.sqlite", name, per_minute, clock=clock)) as rate:
        yield rate


def calls_within(rate: SharedRate, clock: Clock, seconds: float) -> list[float]:
    """Call as often as allowed for a while and return when."""
    end_s = clock.now_s + seconds
    calls = []
    while clock.now_s < end_s:
        wait_s = rate.take()
        if wait_s == 0:
            calls.append(clock.now_s)
        clock.now_s += wait_s
    clock.now_s = end_s
    return calls


def most_in_a_minute(calls: list[float]) -> int:
    return max(sum(start <= call < start + 60 for call in calls) for start in calls)


def test_a_minute_has_no_more_calls_than_allowed_and_hardly_fewer(tmp_path: Path) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 60) as rate:
        calls = calls_within(rate, clock, 600)
    assert most_in_a_minute(calls) <= 60
    assert len(calls) >= 540


def test_processes_that_share_the_file_share_the_rate(tmp_path: Path) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 60) as one, a_rate(tmp_path, clock, 60) as other:
        calls: list[float] = []
        while clock.now_s < START_S + 120:
            calls += [clock.now_s for rate in (one, other) if rate.take() == 0]
            clock.now_s += 0.05
    assert most_in_a_minute(calls) <= 60
    assert len(calls) >= 105


def test_the_rate_lasts_longer_than_a_process(tmp_path: Path) -> None:
    clock = Clock()
    taken = 0
    for _ in range(30):
        with a_rate(tmp_path, clock, 60) as rate:
            taken += rate.take() == 0
    assert taken == 6  # the burst, and nothing more while no time passes


def test_other_services_are_counted_apart(tmp_path: Path) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 1) as one, a_rate(tmp_path, clock, 1, "other") as other:
        assert one.take() == 0
        assert one.take() > 0
        assert other.take() == 0


@settings(max_examples=25)
@given(
    st.integers(1, 400),
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
    st.integers(0, 2**32),
)
def test_no_pattern_of_pauses_gets_more_calls_into_a_minute(
    per_minute: int, pauses: list[float], offset_s: int
) -> None:
    clock = Clock()
    clock.now_s = float(offset_s)
    calls: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        a_rate(Path(folder), clock, per_minute) as rate,
    ):
        for pause_s in pauses:
            calls += [clock.now_s for _ in range(10) if rate.take() == 0]
            clock.now_s += pause_s
    assert not calls or most_in_a_minute(calls) <= per_minute


def test_without_a_limit_nobody_waits(tmp_path: Path) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, None) as rate:
        assert [rate.take() for _ in range(100)] == [0.0] * 100


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("per_minute", [60, None])
def test_after_a_refusal_nobody_calls_before_the_second_told(
    tmp_path: Path, per_minute: float | None
) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, per_minute) as one, a_rate(tmp_path, clock, per_minute) as other:
        one.slow_down(START_S + 40)
        one.slow_down(START_S + 20)  # a later answer doesn't shorten the wait
        assert other.take() == 40
        clock.now_s += 39
        assert one.take() == 1
        clock.now_s += 1
        assert other.take() == 0


def test_a_refusal_halves_the_rate_and_it_comes_back_in_minutes(tmp_path: Path) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 60) as rate:
        rate.slow_down(START_S)
        slow = calls_within(rate, clock, 60)
        assert 24 <= len(slow) <= 31
        assert min(b - a for a, b in pairwise(slow)) > 1.5  # and none together
        clock.now_s += 600
        assert most_in_a_minute(calls_within(rate, clock, 120)) > 50


def test_calls_that_are_refused_together_slow_down_once(tmp_path: Path) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 60) as rate:
        for _ in range(4):
            rate.slow_down(clock.now_s)
        assert len(calls_within(rate, clock, 60)) >= 24


def test_refusals_without_end_leave_a_tenth_of_the_rate(tmp_path: Path) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 60) as rate:
        for _ in range(50):
            rate.slow_down(clock.now_s)
            clock.now_s += 6
        assert 5 <= len(calls_within(rate, clock, 60)) <= 8


# -- clocks that can't be trusted --------------------------------------------------------------


@pytest.mark.parametrize("until_s", [START_S + 10**6, math.inf])
def test_no_word_of_a_provider_blocks_for_hours(tmp_path: Path, until_s: float) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 60) as rate:
        rate.slow_down(until_s)
        assert rate.take() == LONGEST_BLOCK_S
        clock.now_s += LONGEST_BLOCK_S
        assert rate.take() == 0


@pytest.mark.parametrize("until_s", [math.nan, -math.inf, 0.0])
def test_a_second_that_is_none_blocks_nobody(tmp_path: Path, until_s: float) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 60) as rate:
        rate.slow_down(until_s)
        assert rate.take() == 0


def test_a_clock_that_is_put_back_by_hours_stops_nobody(tmp_path: Path) -> None:
    clock = Clock()
    with a_rate(tmp_path, clock, 60) as rate:
        rate.slow_down(START_S + 300)
        clock.now_s += 300
        calls_within(rate, clock, 60)
        rate.slow_down(clock.now_s + 300)
        clock.now_s -= 10 * 3600

        calls = calls_within(rate, clock, 60)
        assert 10 <= len(calls) <= 31  # still slowed
        clock.now_s += 20 * 60
        assert len(calls_within(rate, clock, 60)) >= 50
