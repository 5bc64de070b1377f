"""What a run may spend, so that no call is sent that could pass the cap or the account's balance.

A call may start

- when no other is under way, and what is spent and its price stay within the cap, or
- when they do so even if it and all those under way cost twice as much as reckoned.

Else it waits for those under way. Until the first clip of a run is paid, only one is; one that was
given for nothing tells no price. So a run spends the cap and at most one clip more, also where
prices rise while it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from threading import Condition

from musicgen_daw.errors import BudgetExceeded
from musicgen_daw.planning import ClipRequest
from musicgen_daw.planning.price import NOTHING, Paid, Quote

__all__ = ["Budget"]

_CENT_OF_A_CENT = Decimal("0.0001")


@dataclass(slots=True)
class _Rise:
    """What the clips of a generator cost in this run, over what they were quoted.

    ``most_usd`` is the dearest one's price, for a generator that has given its clips for nothing.
    """

    paid_usd: Decimal = Decimal(0)
    quoted_usd: Decimal = Decimal(0)
    dearest: Decimal = Decimal(0)
    most_usd: Decimal = Decimal(0)


class Budget:
    """What one run spends, in US dollars; ``cap_usd`` is ``None`` without a cap.

    ``quote`` tells what a clip costs as far as it is known when the run begins; what its clips
    really cost corrects that. All threads may share one.
    """

    def __init__(
        self,
        cap_usd: Decimal | None = None,
        quote: Callable[[ClipRequest], Quote] = lambda _: NOTHING,
    ) -> None:
        self._cap_usd = cap_usd
        self._quote = quote
        self._spent_usd = Decimal(0)
        self._perhaps_usd = Decimal(0)
        self._balance_usd: Decimal | None = None
        self._under_way: dict[str, Decimal] = {}
        self._in_balance: set[str] = set()  # under way when the balance was told
        self._charged: set[str] = set()  # of which the cost was told before the outcome
        self._rises: dict[tuple[str, str], _Rise] = {}
        self._is_first = True
        self._refused: dict[str, ClipRequest] = {}
        self._exhausted: str | None = None
        self._is_stopped = False
        self._changed = Condition()

    @property
    def spent_usd(self) -> Decimal:
        """What the calls of this run cost, as far as that was told."""
        with self._changed:
            return self._spent_usd

    @property
    def perhaps_usd(self) -> Decimal:
        """About what was, or may have been, paid for calls of this run without being told."""
        with self._changed:
            return self._perhaps_usd

    def reserve(self, request: ClipRequest, *, may_wait: bool = True) -> None:
        """Set the price of a call aside; it may have to wait until others are settled.

        ``may_wait`` is false in the thread that settles the others, where it would never end.

        Raises:
            BudgetExceeded: when it could pass the cap or the balance; all later calls get it, too.
            CancelledError: when the run is stopped.
            RuntimeError: where it may not wait and would have to.
        """
        with self._changed:
            while True:
                if self._is_stopped:
                    raise CancelledError
                price_usd = self._price_usd(request)
                obstacle = self._exhausted or self._obstacle(request, price_usd)
                if obstacle is None:
                    self._under_way[request.key()] = price_usd
                    return
                if self._exhausted or not self._under_way:
                    self._exhausted = obstacle
                    self._changed.notify_all()
                    raise BudgetExceeded(obstacle)
                if not may_wait:
                    raise RuntimeError(
                        "a generator that has several paid calls under way must tell that they "
                        "start from threads of its own"
                    )
                self._changed.wait()

    def release(self, request: ClipRequest) -> None:
        """Give back what was set aside for a call for which nothing was paid."""
        with self._changed:
            self._under_way.pop(request.key(), None)
            self._in_balance.discard(request.key())
            self._changed.notify_all()

    def charge(self, request: ClipRequest, cost_usd: Decimal) -> None:
        """Note what a call cost that is not settled yet, so that the next one waits for nobody."""
        if not Paid(request.length_s, cost_usd).is_believable:
            return
        with self._changed:
            self.settle(request, cost_usd)
            self._charged.add(request.key())

    def settle(self, request: ClipRequest, cost_usd: Decimal | None) -> None:
        """Note the end of a call that was paid, or may have been.

        ``cost_usd`` is what the provider told that it cost. What was not set aside was sent by an
        earlier run: its price is learned, but it is not spent by this one.
        """
        key = request.key()
        told = cost_usd is not None and Paid(request.length_s, cost_usd).is_believable
        with self._changed:
            if key in self._charged:
                self._charged.discard(key)
                return
            if told and cost_usd is not None:
                self._learn(request, cost_usd)
            reserved_usd = self._under_way.pop(key, None)
            if reserved_usd is not None:
                if told and cost_usd is not None:
                    paid_usd = cost_usd
                    self._spent_usd += paid_usd
                else:
                    paid_usd = reserved_usd
                    self._perhaps_usd += paid_usd
                self._is_first = self._is_first and not paid_usd
                if self._balance_usd is not None and key not in self._in_balance:
                    self._balance_usd -= paid_usd
            self._in_balance.discard(key)
            self._changed.notify_all()

    def tell_balance(self, usd: Decimal) -> None:
        """Note what the account holds, as the provider told it just now."""
        if not usd.is_finite():
            return
        with self._changed:
            self._balance_usd = usd
            self._in_balance = set(self._under_way)
            self._changed.notify_all()

    def leave_out(self, request: ClipRequest) -> None:
        """Note a clip that was not sent because of the budget, for the summary."""
        with self._changed:
            self._refused[request.key()] = request

    def summary(self) -> str | None:
        """Tell what was spent and what is left to do, where the budget has stopped something."""
        with self._changed:
            if not self._refused:
                return None
            left = [self._likely(request) for request in self._refused.values()]
            total = sum(left, NOTHING)
            clips = "1 clip is" if len(left) == 1 else f"{len(left)} clips are"
            perhaps = (
                f", and perhaps about {_usd(self._perhaps_usd)} USD more"
                if self._perhaps_usd
                else ""
            )
            return (
                f"{_usd(self._spent_usd)} USD was spent{perhaps}; {clips} left to make, for about "
                f"{_usd(total.expected_usd)} USD ({_usd(total.low_usd)} to "
                f"{_usd(total.high_usd)})"
            )

    def stop(self) -> None:
        """Let nobody start any more, and nobody wait."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    # -- inside --------------------------------------------------------------------------------

    def _obstacle(self, request: ClipRequest, price_usd: Decimal) -> str | None:
        """Tell why a call may not start now, or ``None``."""
        reserved_usd = sum(self._under_way.values(), Decimal(0))
        if self._cap_usd is not None:
            spent_usd = self._spent_usd + self._perhaps_usd
            reckoned_usd = spent_usd + price_usd
            if self._under_way:  # those and this one may cost twice as much
                reckoned_usd += 2 * reserved_usd + price_usd
            must_wait = bool(self._under_way) and self._is_first
            if must_wait or reckoned_usd > self._cap_usd:
                spent = "is spent, or may be" if self._perhaps_usd else "is spent"
                return (
                    f"the next clip may cost {_usd(price_usd)} USD, and {_usd(spent_usd)} of the "
                    f"budget of {_usd(self._cap_usd)} USD {spent}: a higher --budget goes on"
                )
        likely_usd = self._likely(request).expected_usd
        if self._balance_usd is not None and self._balance_usd - reserved_usd < likely_usd:
            return (
                f"the next clip costs about {_usd(likely_usd)} USD, and the account holds "
                f"{_usd(self._balance_usd)} USD: top it up and run this again"
            )
        return None

    def _price_usd(self, request: ClipRequest) -> Decimal:
        """Return the price to set aside: as dear as the dearest of this run.

        Before there is one it is, with a cap, the most that the clip may well cost.
        """
        quote, rise = self._quote(request), self._rises.get(_generator(request))
        if rise is not None:
            price_usd = quote.expected_usd * rise.dearest or rise.most_usd
        else:
            price_usd = quote.expected_usd if self._cap_usd is None else quote.high_usd
        return price_usd.quantize(_CENT_OF_A_CENT, ROUND_UP)

    def _likely(self, request: ClipRequest) -> Quote:
        """Return what a clip will probably cost: what those of this run did in the mean."""
        quote, rise = self._quote(request), self._rises.get(_generator(request))
        if rise is None:
            return quote
        if not rise.quoted_usd:
            return Quote(rise.most_usd, quote.low_usd, rise.most_usd)
        mean_usd = quote.expected_usd * rise.paid_usd / rise.quoted_usd
        dear_usd = quote.expected_usd * rise.dearest
        return Quote(mean_usd, min(quote.low_usd, mean_usd), max(quote.high_usd, dear_usd))

    def _learn(self, request: ClipRequest, cost_usd: Decimal) -> None:
        if not cost_usd:
            return
        quoted_usd = self._quote(request).expected_usd
        rise = self._rises.setdefault(_generator(request), _Rise())
        rise.most_usd = max(rise.most_usd, cost_usd)
        if quoted_usd > 0:
            rise.paid_usd += cost_usd
            rise.quoted_usd += quoted_usd
            rise.dearest = max(rise.dearest, cost_usd / quoted_usd)


def _generator(request: ClipRequest) -> tuple[str, str]:
    return request.backend, request.revision


def _usd(amount: Decimal) -> str:
    """Return an amount for people: in cents, or in hundredths of a cent where it has any."""
    return f"{amount:.4f}".removesuffix("00")
