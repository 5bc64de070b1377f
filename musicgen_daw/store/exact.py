"""Exact seconds as text, in files that people edit."""

from __future__ import annotations

import re
from fractions import Fraction

__all__ = ["exact_seconds"]

# Longer than any that we write. An exponent would be a number of as many digits as it says.
_EXACT = re.compile(r"[0-9]{1,100}(/[0-9]{1,100}|\.[0-9]{1,100})?")


def exact_seconds(text: str) -> Fraction:
    """Read seconds from 0 on: ``"11/2"``, ``"5.5"`` or ``"5"``.

    Raises:
        ValueError: for any other text.
    """
    try:
        if _EXACT.fullmatch(text):
            return Fraction(text)
    except ZeroDivisionError:
        pass
    shown = text if len(text) <= 30 else f"{text[:30]}…"
    raise ValueError(f'is exact seconds from 0 on, such as "11/2", not {shown!r}')
