"""What a clip costs: a model of the price, corrected by what earlier clips really cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from fractions import Fraction

__all__ = ["FREE", "NOTHING", "Paid", "Price", "Quote", "Tariff"]

_CENT_OF_A_CENT = Decimal("0.0001")
_DIVISIONS_LEAVE = Decimal("1e-12")
_MOST_BELIEVED_USD = Decimal(1_000_000)
"""What a provider tells as a price is believed up to here: no clip costs more."""


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
    """What a clip of a length, with its tail, cost once."""

    length_s: Fraction
    cost_usd: Decimal

    @property
    def is_believable(self) -> bool:
        """Tell whether others may be quoted by it: the figures are a provider's."""
        return (
            self.length_s > 0
            and self.cost_usd.is_finite()
            and 0 <= self.cost_usd <= _MOST_BELIEVED_USD
        )


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
        """Return what a clip of a length, with its tail, costs; ``earlier`` ones correct the model.

        With earlier clips the expected price follows their median, and the range their extremes,
        with some room that shrinks the more of them there are.
        """
        return self.learned(earlier).quote(length_s)

    def learned(self, earlier: Sequence[Paid]) -> Tariff:
        """Return the price as earlier clips correct it, to quote many clips by."""
        if not self.model_usd(Fraction(1)):  # free, whatever was told
            return Tariff(self)
        ratios = sorted(
            paid.cost_usd / self.model_usd(paid.length_s) for paid in earlier if paid.is_believable
        )
        if not ratios:
            return Tariff(self, 1 / self.spread, Decimal(1), self.spread)
        room = self.spread ** (1 / Decimal(len(ratios) + 1))
        return Tariff(self, ratios[0] / room, ratios[len(ratios) // 2], ratios[-1] * room)

    def model_usd(self, length_s: Fraction) -> Decimal:
        """Return what a clip of a length, with its tail, costs as far as the model goes."""
        seconds = Decimal(length_s.numerator) / Decimal(length_s.denominator)
        return self.per_clip_usd + self.per_second_usd * seconds


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price, and how many times of it clips have cost or may cost: at least, usually, at most."""

    price: Price
    low: Decimal = Decimal(1)
    usual: Decimal = Decimal(1)
    high: Decimal = Decimal(1)

    def quote(self, length_s: Fraction) -> Quote:
        """Return what a clip of a length, with its tail, costs."""
        model_usd = self.price.model_usd(length_s)
        return Quote(*(_up(model_usd * times) for times in (self.usual, self.low, self.high)))


FREE = Price()
"""The price of a generator that costs nothing."""


def _up(usd: Decimal) -> Decimal:
    """Round up, but not for the last digit that a division leaves."""
    return usd.quantize(_DIVISIONS_LEAVE).quantize(_CENT_OF_A_CENT, ROUND_UP)
