"""Exact numbers as decimals: integer arithmetic, so that a number is the same text everywhere."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["decimal"]


def decimal(number: Fraction | int, digits: int = 9) -> str:
    """Return a number with up to ``digits`` decimals and no trailing zeros.

    It is rounded to the nearest, from halfway to the even one.
    """
    numerator, denominator = number.as_integer_ratio()
    scaled, rest = divmod(abs(numerator) * 10**digits, denominator)
    scaled += 2 * rest + (scaled & 1) > denominator
    whole, decimals = divmod(scaled, 10**digits)
    sign = "-" if numerator < 0 and scaled else ""
    return f"{sign}{whole}.{decimals:0{digits}}".rstrip("0").rstrip(".")
