from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.backends.segmind.backoff import Patience, told_delay_s

NOW_S = 1_767_323_045.0  # 2026-01-02 03:04:05 UTC
NOW = "Fri, 02 Jan 2026 03:04:05 GMT"


@pytest.mark.parametrize(
    ("headers", "delay_s"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 0.25 "}, 0.25),
        ({"retry-after": "Fri, 02 Jan 2026 03:05:05 GMT"}, 60.0),
        ({"retry-after": "2026-01-02T03:04:15Z"}, 10.0),
        ({"retry-after": str(NOW_S + 5)}, 5.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "-1", "retry-after": "9"}, 9.0),
        ({"x-rate-limit-reset-at-utc": "2026-01-02T03:04:35Z"}, 30.0),
        ({"x-rate-limit-reset-at-utc": "2026-01-02 03:04:35"}, 30.0),
        ({"x-rate-limit-reset-at-utc": "2026-01-02T04:04:35.500+01:00"}, 30.5),
        ({"x-rate-limit-reset-at-utc": "1767323050"}, 5.0),
        ({"x-rate-limit-reset-at-utc": "1767323050500"}, 5.5),
        ({"x-rate-limit-reset-at-utc": "45"}, 45.0),
        ({"x-rate-limit-reset-at-utc": "2026-01-02T03:04:00Z"}, 0.0),  # it is over already
        ({"retry-after": "soon", "x-rate-limit-reset-at-utc": "1767323050"}, 5.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1_0"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "9" * 200}, None),
        ({"retry-after": "Fri, 32 Jan 2026 99:00:00 GMT"}, None),
        ({"x-rate-limit-reset-at-utc": "0001-01-01T00:00:00+23:59"}, 0.0),
    ],
)
def test_a_wait_is_told_in_many_ways(headers: dict[str, str], delay_s: float | None) -> None:
    assert told_delay_s(headers, NOW_S) == (
        delay_s if delay_s is None else pytest.approx(delay_s, abs=1e-6)
    )


@pytest.mark.parametrize("skew_s", [-86_400, -90, 0, 90, 86_400])
def test_a_date_is_compared_with_the_clock_that_told_it(skew_s: float) -> None:
    headers = {"date": NOW, "x-rate-limit-reset-at-utc": "2026-01-02T03:04:35Z"}
    assert told_delay_s(headers, NOW_S + skew_s) == pytest.approx(30)


@given(st.text(), st.text(), st.text())
def test_any_headers_tell_a_wait_that_is_none_or_not_negative(
    date: str, after: str, reset: str
) -> None:
    headers = {"date": date, "retry-after": after, "x-rate-limit-reset-at-utc": reset}
    delay_s = told_delay_s(headers, NOW_S)
    assert delay_s is None or delay_s >= 0


def test_the_own_wait_doubles_to_its_bound_with_full_jitter() -> None:
    patience = Patience(tries=100, first_s=1, longest_s=8)
    for tried, bound_s in ((1, 2), (2, 4), (3, 8), (4, 8), (90, 8)):
        waits = [patience.delay_s(tried, 0, None, Random(seed)) for seed in range(200)]
        assert all(wait is not None and 0 <= wait <= bound_s for wait in waits)
        assert max(wait or 0 for wait in waits) > 0.9 * bound_s
        assert min(wait or 0 for wait in waits) < 0.1 * bound_s


def test_the_own_wait_is_never_longer_than_one_that_may_be_told() -> None:
    patience = Patience(tries=100, longest_told_s=0.2)
    waits = [patience.delay_s(tried, 0, None, Random(tried)) for tried in range(1, 100)]
    assert all(wait is not None and wait <= 0.2 for wait in waits)


def test_it_is_given_up_after_so_many_tries() -> None:
    patience = Patience(tries=3)
    assert patience.delay_s(2, 0, None, Random(0)) is not None
    assert patience.delay_s(3, 0, None, Random(0)) is None
    assert patience.delay_s(3, 0, 0.0, Random(0)) is None


def test_a_told_wait_is_kept_and_refused_above_its_bound() -> None:
    patience = Patience(longest_told_s=60)
    for seed in range(50):
        delay_s = patience.delay_s(1, 0, 60.0, Random(seed))
        assert delay_s is not None
        assert 60 <= delay_s <= 61
    assert patience.delay_s(1, 0, 60.1, Random(0)) is None
    assert patience.delay_s(1, 0, 1e18, Random(0)) is None


def test_all_waits_together_are_bounded() -> None:
    patience = Patience(tries=10**6, in_all_s=100, longest_s=10)
    waited_s, random = 0.0, Random(1)
    for tried in range(1, 10**6):
        delay_s = patience.delay_s(tried, waited_s, None, random)
        if delay_s is None:
            break
        waited_s += delay_s
    assert 90 <= waited_s <= 100
