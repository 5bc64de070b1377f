"""Bodies of any kind are read or refused, and lengths and prices are exact."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.server import wire
from musicgen_daw.server.errors import Refused
from musicgen_daw.server.options import Options
from musicgen_daw.server.rates import RateLimit
from musicgen_daw.server.wire import Asked, read_asked

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_no_body_does_more_than_be_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_asked(body)
    assert refused.value.status in (400, 406)


@given(st.fixed_dictionaries({"prompt": anything, "duration": anything, "seed": anything}))
def test_no_value_does_more_than_be_refused(fields: dict[str, object]) -> None:
    with suppress(Refused):
        asked = read_asked(json.dumps(fields).encode())
        assert asked.prompt.strip()
        assert 1 <= asked.duration_s <= 30
        assert -1 <= asked.seed <= 9999


@pytest.mark.parametrize(
    ("told", "duration_s"),
    [("1", "1"), ("30.0", "30"), ("2.1", "2.1"), ("1e1", "10"), ("1.00000049", "1"),
     ("2." + "1" * 4000, "2.111111")],
)  # fmt: skip
def test_a_duration_is_the_decimal_that_was_written(told: str, duration_s: str) -> None:
    body = f'{{"prompt": "a", "duration": {told}}}'.encode()
    assert read_asked(body) == Asked("a", Decimal(duration_s))


@given(st.decimals(1, 30, places=6), st.decimals(0, 1, places=6), st.decimals(0, 1, places=6))
def test_a_price_is_never_less_than_agreed_and_never_a_millionth_more(
    duration_s: Decimal, per_second: Decimal, per_clip: Decimal
) -> None:
    options = Options(usd_per_second=per_second, usd_per_clip=per_clip)
    over = options.price_usd(duration_s) - (per_clip + per_second * duration_s)
    assert 0 <= over < Decimal("0.000001")


@pytest.mark.parametrize(
    "values",
    [{"usd_per_second": Decimal(-1)}, {"usd_per_clip": Decimal("0.0000001")}, {"workers": 0},
     {"queue": -1}, {"rate_per_minute": 0}, {"max_job_s": float("inf")},
     {"usd_per_second": Decimal("NaN")}, {"usd_per_second": Decimal(900_000)}],
    ids=repr,
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Options(**values)


@pytest.mark.parametrize("at_s", [-1e300, 0.0, 1e300])
def test_any_clock_has_a_time_of_day(at_s: float) -> None:
    assert wire.utc(at_s).endswith("Z")


def test_a_rate_holds_in_every_minute_and_for_each_key_alone() -> None:
    now_s = 0.0
    rates = RateLimit(3, lambda: now_s)
    taken_s = []
    for _ in range(2000):
        now_s += 0.37
        if rates.take(1) is None:
            taken_s.append(now_s)
    most = max(sum(at <= other < at + 60 for other in taken_s) for at in taken_s)
    assert most == 3
    assert len(taken_s) >= 36  # twelve minutes: the limit is reached, not undercut
    assert rates.take(2) is None


def test_a_clock_that_was_set_back_shuts_nobody_out() -> None:
    now_s = 1e9
    rates = RateLimit(1, lambda: now_s)
    assert rates.take(1) is None
    now_s = 1e9 - 86_400
    assert rates.take(1) is None
    assert rates.take(1) == now_s + 60
