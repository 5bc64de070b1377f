"""What a clip costs: a model of the price, corrected by what earlier clips really cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from fractions import Fraction

__all__ = ["FREE", "NOTHING", "Paid", "Price", "Quote"]

_CENT_OF_A_CENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Quote:
    """What something will probably cost, and between which amounts, in US dollars."""

    expected_usd: Decimal
    low_usd: Decimal
    high_usd: Decimal

    def __add__(self, other: Quote) -> Quote:
        return Quote(
            self.expected_usd + other.expected_usd,
            self.low_usd + other.low_usd,
            self.high_usd + other.high_usd,
        )


NOTHING = Quote(Decimal(0), Decimal(0), Decimal(0))
"""The quote for what costs nothing."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What a clip of a length, without its tail, cost once."""

    length_s: Fraction
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """How a generator's price grows with length, before anything was bought.

    ``spread`` is how far off that may be: a clip costs between the expected price divided and
    multiplied by it.
    """

    per_clip_usd: Decimal = Decimal(0)
    per_second_usd: Decimal = Decimal(0)
    spread: Decimal = Decimal(2)

    def quote(self, length_s: Fraction, earlier: Sequence[Paid] = ()) -> Quote:
        """Return what a clip of a length costs; ``earlier`` clips correct the model.

        With earlier clips the expected price follows their median, and the range their extremes.
        """
        model = self._model(length_s)
        if model == 0:
            return NOTHING
        ratios = sorted(
            paid.cost_usd / self._model(paid.length_s) for paid in earlier if paid.length_s > 0
        )
        if not ratios:
            return _quote(model, model / self.spread, model * self.spread)
        return _quote(model * ratios[len(ratios) // 2], model * ratios[0], model * ratios[-1])

    def _model(self, length_s: Fraction) -> Decimal:
        seconds = Decimal(length_s.numerator) / Decimal(length_s.denominator)
        return self.per_clip_usd + self.per_second_usd * seconds


FREE = Price()
"""The price of a generator that costs nothing."""


def _quote(expected: Decimal, low: Decimal, high: Decimal) -> Quote:
    return Quote(*(usd.quantize(_CENT_OF_A_CENT, ROUND_UP) for usd in (expected, low, high)))
