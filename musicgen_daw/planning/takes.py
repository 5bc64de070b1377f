"""Verdicts on takes: what a listener kept, locked or rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

__all__ = ["KeptClip", "TakeVerdict", "Verdict", "Verdicts"]

Verdict = Literal["keep", "lock", "reject"]


@dataclass(frozen=True, slots=True)
class KeptClip:
    """One stored clip of a take: which layer it is ("" for a clip's own stems), from where on."""

    layer: str
    start_s: Fraction
    key: str


@dataclass(frozen=True, slots=True)
class TakeVerdict:
    """A verdict on one take of a cue, with all that is needed to place the take again.

    A kept or locked take is used as it is, whatever the sheet or the preset says later. A locked
    one can't be rejected before it is unlocked. ``length_s`` is the cue's length when the take
    was made.
    """

    take: int
    verdict: Verdict
    seed: int
    length_s: Fraction
    clips: tuple[KeptClip, ...]


Verdicts = Mapping[str, tuple[TakeVerdict, ...]]
"""Verdicts by the id of the cue."""
