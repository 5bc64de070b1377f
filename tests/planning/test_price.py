"""What clips will cost: a model, corrected by what was paid."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.planning.price import FREE, NOTHING, Paid, Price, Quote

PRICE = Price(per_second_usd=Decimal("0.004"), spread=Decimal(2))
TEN = Fraction(10)


def paid(cost_usd: str, length_s: object = 10) -> Paid:
    return Paid(Fraction(str(length_s)), Decimal(cost_usd))


def test_before_anything_was_bought_the_model_and_its_spread_rule() -> None:
    assert PRICE.quote(TEN) == Quote(Decimal("0.04"), Decimal("0.02"), Decimal("0.08"))


def test_what_is_free_stays_free_whatever_was_told() -> None:
    assert FREE.quote(TEN, [paid("3")]) == NOTHING


def test_the_expected_price_follows_the_median_of_what_was_paid_by_length() -> None:
    earlier = [paid("0.08"), paid("0.16", 20), paid("9")]  # one outlier
    assert PRICE.quote(Fraction(5), earlier).expected_usd == Decimal("0.04")


def test_one_clip_tells_less_than_many() -> None:
    one = PRICE.quote(TEN, [paid("0.04")])
    many = PRICE.quote(TEN, [paid("0.04")] * 50)
    assert one.expected_usd == many.expected_usd == Decimal("0.04")
    assert one.low_usd < many.low_usd < Decimal("0.04") < many.high_usd < one.high_usd
    assert one.high_usd < PRICE.quote(TEN).high_usd


@pytest.mark.parametrize("told", ["NaN", "-NaN", "Infinity", "-0.01", "1E+30", "-Infinity"])
def test_what_no_clip_can_cost_teaches_nothing(told: str) -> None:
    assert PRICE.quote(TEN, [paid(told)]) == PRICE.quote(TEN)


def test_a_clip_without_length_teaches_nothing() -> None:
    assert PRICE.quote(TEN, [paid("0.04", 0)]) == PRICE.quote(TEN)


@given(
    st.lists(st.decimals(0, 1000, places=6), min_size=1, max_size=30),
    st.fractions(Fraction(1, 10), 30),
)
def test_a_quote_lies_in_its_range_and_covers_all_that_was_paid(
    costs: list[Decimal], length_s: Fraction
) -> None:
    quote = PRICE.quote(length_s, [Paid(length_s, cost) for cost in costs])
    assert 0 <= quote.low_usd <= quote.expected_usd <= quote.high_usd
    assert quote.low_usd <= min(costs) + Decimal("0.0001")
    assert quote.high_usd >= max(costs)
