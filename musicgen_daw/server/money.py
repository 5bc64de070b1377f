"""US dollars in the accounts: whole millionths, so that SQLite adds them exactly."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["MAX_USD", "to_micro_usd", "to_usd", "usd_text"]

MAX_USD = Decimal(1_000_000)
"""No account holds more: JSON tells such amounts exactly."""

_PLACES = 6


def to_micro_usd(usd: Decimal) -> int:
    """Return an amount in millionths of a dollar.

    Raises:
        ValueError: for what is no amount, more than an account holds, or finer than a millionth.
    """
    if not usd.is_finite() or abs(usd) > MAX_USD:
        raise ValueError(f"{usd} is no amount in US dollars up to {MAX_USD}")
    micro = usd.scaleb(_PLACES)
    if micro != micro.to_integral_value():
        raise ValueError(f"{usd} is finer than a millionth of a dollar")
    return int(micro)


def to_usd(micro_usd: int) -> Decimal:
    """Return an amount of millionths in dollars, without zeros at its end."""
    usd = Decimal(micro_usd).scaleb(-_PLACES)
    whole = usd.to_integral_value()
    return whole if usd == whole else usd.normalize()


def usd_text(usd: Decimal) -> str:
    """Return an amount as a header tells it: digits and a point."""
    return f"{usd:f}"
