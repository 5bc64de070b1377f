"""Meters: how many beats of which value a bar has, and how they are grouped where that is told.

7/8         seven eighths; who plays them chooses the groups
2+2+3/8     the same bar in groups of two, two and three, also written 7/8 (2+2+3)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

__all__ = ["FOUR_FOUR", "GROUPED_METER", "Meter", "MeterChange", "check_meter", "parse_meter"]

_MOST_BEATS = 255
"""As many as a byte of MIDI can tell."""

_LARGEST_GROUP = 4
"""What is larger is heard as several groups."""

_SUM = r"[0-9]{1,3}(?:\+[0-9]{1,3}){1,63}"

GROUPED_METER = re.compile(
    rf"(?<![\w./+(])(?:{_SUM}|\({_SUM}\))/(?:2|4|8|16)(?![\w/+])"
    rf"|(?<![\w./+])[0-9]{{1,2}}/(?:2|4|8|16) ?\({_SUM}\)"
)
"""A meter with its groups inside a longer text, for ``parse_meter``; it may be impossible."""

_METER = re.compile(
    rf"(?:(?P<beats>[0-9]{{1,3}})|(?P<sum>{_SUM})|\((?P<bracketed>{_SUM})\))/(?P<value>1|2|4|8|16|32|64)"
    rf"(?:\s*\((?P<groups>{_SUM})\))?"
)


class Meter(NamedTuple):
    """Bars of ``numerator`` beats, of which ``denominator`` make a whole note.

    ``groups`` are beats that belong together, in order: (2, 2, 3) of 7/8; empty where nobody tells.
    """

    numerator: int
    denominator: int
    groups: tuple[int, ...] = ()

    def __str__(self) -> str:
        beats = "+".join(map(str, self.groups)) or str(self.numerator)
        return f"{beats}/{self.denominator}"


FOUR_FOUR = Meter(4, 4)


@dataclass(frozen=True, slots=True)
class MeterChange:
    """From ``at_beats`` on, a new bar begins and bars are ``numerator/denominator`` long.

    ``groups`` are the beats that belong together, as in ``Meter``.
    """

    at_beats: Fraction
    numerator: int
    denominator: int
    groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        try:
            check_meter(self.meter)
        except ValueError as error:
            raise ValueError(f"impossible meter change: {self}: {error}") from None
        if self.at_beats < 0:
            raise ValueError(f"impossible meter change: {self}")

    @property
    def meter(self) -> Meter:
        """The meter without its place."""
        return Meter(self.numerator, self.denominator, self.groups)

    @property
    def bar_beats(self) -> Fraction:
        """The length of one bar in quarter notes."""
        return Fraction(4 * self.numerator, self.denominator)


def parse_meter(text: str) -> Meter:
    """Read ``6/8``, ``2+2+3/8``, ``(2+2+3)/8`` or ``7/8 (2+2+3)``.

    Raises:
        ValueError: for a text that is no meter, and for groups that its bar can't have.
    """
    match = _METER.fullmatch(text)
    if match is None or not (match["beats"] or match["groups"] is None):
        raise ValueError(f"{text!r} is no meter: write one such as 4/4, 6/8 or 2+2+3/8")
    told = match["sum"] or match["bracketed"] or match["groups"]
    groups = tuple(map(int, told.split("+"))) if told else ()
    meter = Meter(int(match["beats"] or sum(groups)), int(match["value"]), groups)
    try:
        check_meter(meter)
    except ValueError as error:
        raise ValueError(f"{text!r} is no meter: {error}") from None
    return meter


def check_meter(meter: Meter) -> None:
    """Refuse a meter that no bar can have.

    Raises:
        ValueError: with the reason.
    """
    numerator, denominator, groups = meter
    if not 1 <= numerator <= _MOST_BEATS:
        raise ValueError(f"a bar has 1 to {_MOST_BEATS} beats")
    if denominator < 1 or denominator & (denominator - 1):
        raise ValueError("the value of its beats is 1, 2, 4, 8, 16 …")
    if not groups:
        return
    told = "+".join(map(str, groups))
    if sum(groups) != numerator:
        raise ValueError(f"{told} is {sum(groups)}, not {numerator}")
    for group in groups:
        if group < 1:
            raise ValueError(f"{told} has a group without a beat")
        if group > _LARGEST_GROUP:
            parts = "+".join(["3"] * ((group - 2) // 3) + [str(2 + (group - 2) % 3)])
            raise ValueError(f"a group of {group} is heard as smaller ones: write {parts}, say")
