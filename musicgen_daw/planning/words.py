"""Tempo and meter that a prompt's words tell: "waltz, 3/4, 82 bpm"."""

from __future__ import annotations

import re
from fractions import Fraction

__all__ = ["bpm_in", "meter_in"]

_BPM = re.compile(r"(?<![\w.])(\d{2,3}(?:\.\d{1,3})?)[ -]?bpm\b", re.IGNORECASE)
_METER = re.compile(r"(?<![\w./])([2-9]|1\d)/(2|4|8|16)(?![\w/])")

SLOWEST_BPM, FASTEST_BPM = 20, 400


def bpm_in(text: str | None) -> Fraction | None:
    """Return the first tempo that a text names, if there is one that music can have."""
    match = _BPM.search(text or "")
    bpm = Fraction(match[1]) if match else None
    return bpm if bpm is not None and SLOWEST_BPM <= bpm <= FASTEST_BPM else None


def meter_in(text: str | None) -> tuple[int, int] | None:
    """Return the first meter that a text names."""
    match = _METER.search(text or "")
    return (int(match[1]), int(match[2])) if match else None
