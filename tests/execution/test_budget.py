from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from decimal import Decimal
from fractions import Fraction
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sine_backend import request

from musicgen_daw.errors import BudgetExceeded
from musicgen_daw.execution.budget import Budget
from musicgen_daw.planning import ClipRequest
from musicgen_daw.planning.price import NOTHING, Price, Quote

PRICE = Price(per_second_usd=Decimal("0.004"), spread=Decimal(2))


def by_length(one: ClipRequest) -> Quote:
    return PRICE.quote(one.length_s)


def ten_seconds(seed: int) -> ClipRequest:
    return request(seed, Fraction(10), backend="hosted")


def buy(budget: Budget, one: ClipRequest, cost: str | None) -> None:
    budget.reserve(one)
    budget.settle(one, None if cost is None else Decimal(cost))


def may_start(budget: Budget, one: ClipRequest) -> bool:
    """Tell whether a call may start now; one that has to wait is refused by RuntimeError."""
    try:
        budget.reserve(one, may_wait=False)
    except RuntimeError:
        return False
    return True


# -- the cap -----------------------------------------------------------------------------------


def test_nothing_is_sent_that_could_cost_more_than_the_cap() -> None:
    budget = Budget(Decimal("0.05"), by_length)
    with pytest.raises(BudgetExceeded, match=r"next clip may cost 0\.08 USD, and 0\.00 of the"):
        budget.reserve(ten_seconds(1))  # 0.04, but it may be twice as much
    assert budget.spent_usd == 0


def test_a_cap_of_nothing_lets_nothing_be_sent() -> None:
    with pytest.raises(BudgetExceeded):
        Budget(Decimal(0), by_length).reserve(ten_seconds(1))


def test_what_a_clip_really_cost_tells_the_price_of_the_next() -> None:
    budget = Budget(Decimal("0.15"), by_length)
    buy(budget, ten_seconds(1), "0.05")
    buy(budget, ten_seconds(2), "0.05")
    buy(budget, ten_seconds(3), "0.05")  # reckoned by the model, this may have cost 0.08
    assert budget.spent_usd == Decimal("0.15")
    with pytest.raises(BudgetExceeded, match=r"cost 0\.05 USD, and 0\.15 of the budget of 0\.15"):
        budget.reserve(ten_seconds(4))


def test_the_dearest_clip_of_the_run_tells_the_price_by_length() -> None:
    budget = Budget(Decimal("0.20"), by_length)
    buy(budget, ten_seconds(1), "0.08")
    buy(budget, ten_seconds(2), "0.01")
    with pytest.raises(BudgetExceeded, match=r"may cost 0\.16 USD"):
        budget.reserve(request(3, Fraction(20), backend="hosted"))


def test_what_one_generator_costs_tells_nothing_of_another() -> None:
    budget = Budget(Decimal("0.28"), by_length)
    buy(budget, ten_seconds(1), "0.20")
    buy(budget, request(1, Fraction(10), backend="another"), "0.04")  # 0.08 at most, and not 0.20
    with pytest.raises(BudgetExceeded, match=r"may cost 0\.20 USD"):
        budget.reserve(ten_seconds(2))


def test_where_no_cost_is_told_what_was_reckoned_is_perhaps_spent_and_counts() -> None:
    budget = Budget(Decimal("0.20"), by_length)
    buy(budget, ten_seconds(1), None)
    buy(budget, ten_seconds(2), None)
    assert (budget.spent_usd, budget.perhaps_usd) == (0, Decimal("0.16"))
    with pytest.raises(BudgetExceeded, match=r"0\.16 of the budget of 0\.20 USD is spent, or may"):
        budget.reserve(ten_seconds(3))


def test_what_was_told_and_what_was_reckoned_count_together_and_are_told_apart() -> None:
    budget = Budget(Decimal("0.12"), by_length)
    buy(budget, ten_seconds(1), "0.04")
    buy(budget, ten_seconds(2), None)
    assert (budget.spent_usd, budget.perhaps_usd) == (Decimal("0.04"), Decimal("0.04"))
    buy(budget, ten_seconds(3), "0.04")
    with pytest.raises(BudgetExceeded):
        budget.reserve(ten_seconds(4))
    budget.leave_out(ten_seconds(4))
    told = budget.summary()
    assert told is not None
    assert told.startswith("0.08 USD was spent, and perhaps about 0.04 USD more; 1 clip is left")


@pytest.mark.parametrize("cost", ["NaN", "-1", "Infinity", "1E+30"])
def test_a_cost_that_nobody_can_believe_was_not_told(cost: str) -> None:
    budget = Budget(Decimal(1), by_length)
    buy(budget, ten_seconds(1), cost)
    assert (budget.spent_usd, budget.perhaps_usd) == (0, Decimal("0.08"))


def test_a_cost_that_is_told_before_its_outcome_counts_at_once_and_only_once() -> None:
    budget = Budget(Decimal("0.15"), by_length)
    dear = ten_seconds(1)
    budget.reserve(dear)
    budget.charge(dear, Decimal("0.14"))
    with pytest.raises(BudgetExceeded):  # nobody has heard of the clip yet
        budget.reserve(ten_seconds(2))
    budget.settle(dear, Decimal("0.14"))
    assert budget.spent_usd == Decimal("0.14")
    assert budget.perhaps_usd == 0


def test_what_was_refused_is_given_back() -> None:
    budget = Budget(Decimal("0.08"), by_length)
    for _ in range(5):
        budget.reserve(ten_seconds(1))
        budget.release(ten_seconds(1))
    assert budget.spent_usd == 0
    buy(budget, ten_seconds(1), "0.04")


def test_without_a_cap_all_may_be_under_way_at_once() -> None:
    budget = Budget(None, by_length)
    assert all(may_start(budget, ten_seconds(seed)) for seed in range(20))


def test_with_a_cap_only_one_is_under_way_until_a_price_is_known() -> None:
    budget = Budget(Decimal(10), by_length)
    assert may_start(budget, ten_seconds(1))
    assert not may_start(budget, ten_seconds(2))
    budget.release(ten_seconds(1))  # refused: still nothing is known
    assert may_start(budget, ten_seconds(2))
    assert not may_start(budget, ten_seconds(3))
    budget.settle(ten_seconds(2), Decimal("0.04"))
    assert all(may_start(budget, ten_seconds(seed)) for seed in range(3, 20))


def test_a_clip_that_was_given_for_nothing_does_not_make_the_next_ones_free() -> None:
    budget = Budget(Decimal("0.10"), by_length)
    buy(budget, ten_seconds(1), "0")
    assert may_start(budget, ten_seconds(2))
    assert not may_start(budget, ten_seconds(3))
    budget.settle(ten_seconds(2), Decimal("0.04"))
    assert may_start(budget, ten_seconds(3))
    assert not may_start(budget, ten_seconds(4))


def test_where_earlier_runs_paid_nothing_the_first_price_of_this_one_counts() -> None:
    budget = Budget(Decimal("0.10"), lambda _: NOTHING)
    assert may_start(budget, ten_seconds(1))
    assert not may_start(budget, ten_seconds(2))
    budget.settle(ten_seconds(1), Decimal("0.04"))
    assert may_start(budget, ten_seconds(2))
    assert not may_start(budget, ten_seconds(3))
    budget.settle(ten_seconds(2), Decimal("0.05"))
    with pytest.raises(BudgetExceeded, match=r"may cost 0\.05 USD, and 0\.09 of the"):
        budget.reserve(ten_seconds(3))
    budget.leave_out(ten_seconds(3))
    assert "for about 0.05 USD" in (budget.summary() or "")


def test_near_the_cap_a_call_waits_for_those_under_way() -> None:
    budget = Budget(Decimal("0.20"), by_length)
    buy(budget, ten_seconds(1), "0.04")
    assert may_start(budget, ten_seconds(2))
    assert may_start(budget, ten_seconds(3))  # 0.20, if both cost twice as much as the first
    assert not may_start(budget, ten_seconds(4))
    waiter = Waiting(lambda: budget.reserve(ten_seconds(4)))
    budget.settle(ten_seconds(2), Decimal("0.04"))
    budget.settle(ten_seconds(3), Decimal("0.04"))
    assert waiter.error() is None


def test_after_one_clip_is_refused_no_smaller_one_is_sent() -> None:
    budget = Budget(Decimal("0.10"), by_length)
    buy(budget, ten_seconds(1), "0.06")
    with pytest.raises(BudgetExceeded):
        budget.reserve(ten_seconds(2))
    with pytest.raises(BudgetExceeded):
        budget.reserve(request(3, Fraction(1), backend="hosted"))


def test_a_free_clip_fits_into_any_budget() -> None:
    buy(Budget(Decimal(0)), ten_seconds(1), None)


# -- the balance -------------------------------------------------------------------------------


def test_what_the_account_does_not_hold_is_not_sent() -> None:
    budget = Budget(None, by_length)
    budget.tell_balance(Decimal("0.03"))
    with pytest.raises(BudgetExceeded, match=r"costs about 0\.04 USD, and the account holds 0\.03"):
        budget.reserve(ten_seconds(1))


def test_a_balance_that_is_told_once_is_reckoned_on() -> None:
    budget = Budget(None, by_length)
    budget.tell_balance(Decimal("0.09"))
    buy(budget, ten_seconds(1), "0.04")
    buy(budget, ten_seconds(2), None)
    with pytest.raises(BudgetExceeded, match=r"holds 0\.01"):
        budget.reserve(ten_seconds(3))


def test_a_balance_that_is_told_with_a_clip_has_its_cost_in_it() -> None:
    budget = Budget(None, by_length)
    budget.reserve(ten_seconds(1))
    budget.tell_balance(Decimal("0.04"))
    budget.settle(ten_seconds(1), Decimal("0.04"))
    buy(budget, ten_seconds(2), "0.04")


def test_calls_under_way_count_against_the_balance() -> None:
    budget = Budget(None, by_length)
    budget.tell_balance(Decimal("0.10"))
    assert may_start(budget, ten_seconds(1))
    assert may_start(budget, ten_seconds(2))
    assert not may_start(budget, ten_seconds(3))


def test_a_balance_that_is_no_number_is_not_believed() -> None:
    budget = Budget(None, by_length)
    budget.tell_balance(Decimal("NaN"))
    buy(budget, ten_seconds(1), "0.04")


# -- waiting and stopping ----------------------------------------------------------------------


class Waiting:
    """A thread in a call, and what that call raised."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._error: BaseException | None = None
        self._call = call
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except BaseException as error:  # noqa: BLE001 - told to the test
            self._error = error

    def error(self) -> BaseException | None:
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self._error


def test_who_waits_is_let_go_when_the_run_is_stopped() -> None:
    budget = Budget(Decimal(10), by_length)
    budget.reserve(ten_seconds(1))
    waiter = Waiting(lambda: budget.reserve(ten_seconds(2)))
    budget.stop()
    assert isinstance(waiter.error(), CancelledError)
    with pytest.raises(CancelledError):
        budget.reserve(ten_seconds(3))


def test_who_waits_is_told_when_the_budget_is_used_up() -> None:
    budget = Budget(Decimal("0.10"), by_length)
    budget.reserve(ten_seconds(1))
    waiter = Waiting(lambda: budget.reserve(ten_seconds(2)))
    budget.settle(ten_seconds(1), Decimal("0.09"))
    assert isinstance(waiter.error(), BudgetExceeded)


def test_a_thread_that_would_wait_for_itself_is_told_so() -> None:
    budget = Budget(Decimal(10), by_length)
    budget.reserve(ten_seconds(1))
    with pytest.raises(RuntimeError, match="threads of its own"):
        budget.reserve(ten_seconds(2), may_wait=False)


# -- the summary -------------------------------------------------------------------------------


def test_the_summary_tells_what_was_spent_and_what_is_left() -> None:
    budget = Budget(Decimal("0.10"), by_length)
    assert budget.summary() is None
    buy(budget, ten_seconds(1), "0.06")
    for seed in (2, 3, 3):
        budget.leave_out(ten_seconds(seed))
    assert budget.summary() == (
        "0.06 USD was spent; 2 clips are left to make, for about 0.12 USD (0.04 to 0.16)"
    )


# -- the promise -------------------------------------------------------------------------------

lengths = st.fractions(Fraction(1), Fraction(30), max_denominator=4)
rises = st.floats(0.3, 2.0)


@given(
    cap=st.decimals(0, 2, places=3),
    first=st.floats(0.1, 20),
    clips=st.lists(st.tuples(lengths, rises), min_size=1, max_size=60),
    choices=st.lists(st.integers(0, 7), min_size=1),
)
def test_a_run_spends_its_cap_and_at_most_one_clip_more(
    cap: Decimal,
    first: float,
    clips: list[tuple[Fraction, float]],
    choices: list[int],
) -> None:
    """Prices rise by up to twice what was told of earlier ones, with many calls under way."""
    budget = Budget(cap, by_length)
    under_way: list[tuple[ClipRequest, Decimal]] = []
    paid: list[Decimal] = []
    dearest = Decimal(first)  # over the model; the first may be far off it

    def settle(choice: int) -> None:
        nonlocal dearest
        one, cost = under_way.pop(choice % len(under_way))
        budget.settle(one, cost)
        paid.append(cost)
        dearest = max(dearest, cost / by_length(one).expected_usd)

    for number, (length_s, rise) in enumerate(clips):
        one = request(number, length_s, backend="hosted")
        cost = by_length(one).expected_usd * (dearest * Decimal(rise) if paid else Decimal(first))
        try:
            while not may_start(budget, one):
                settle(choices[number % len(choices)])
        except BudgetExceeded:
            break
        under_way.append((one, cost))
        if choices[number % len(choices)] % 2 and under_way:
            settle(choices[number % len(choices)])
    while under_way:
        settle(0)
    assert budget.spent_usd == sum(paid, Decimal(0))
    assert budget.spent_usd <= cap + max(paid, default=Decimal(0))


@given(cap=st.decimals(0, 2, places=3), costs=st.lists(st.decimals(0, 5, places=4), max_size=30))
def test_one_call_after_the_other_whatever_they_cost_spends_at_most_one_clip_more(
    cap: Decimal, costs: list[Decimal]
) -> None:
    budget = Budget(cap, by_length)
    paid = Decimal(0)
    for number, cost in enumerate(costs):
        try:
            buy(budget, ten_seconds(number), str(cost))
        except BudgetExceeded:
            break
        assert paid <= cap, "a call was sent after the cap was passed"
        paid += cost
    assert budget.spent_usd == paid


def test_a_clip_of_an_earlier_run_is_learned_from_and_not_spent() -> None:
    budget = Budget(Decimal("0.10"), by_length)
    budget.settle(ten_seconds(1), Decimal("0.09"))
    assert budget.spent_usd == 0
    buy(budget, ten_seconds(2), "0.09")
    with pytest.raises(BudgetExceeded, match=r"may cost 0\.09"):
        budget.reserve(ten_seconds(3))
