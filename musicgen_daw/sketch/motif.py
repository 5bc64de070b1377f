"""Motifs: made from the theme alone, repeated, turned over and taken apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.rhythm import BAR_STEPS, onsets

__all__ = ["PERIOD", "Motif", "figure", "make_motif"]

_OPENINGS = (
    "x---x-x-x---x---",
    "x-----x-x---x---",
    "x---x---x-x-x---",
    "x-x-x---x---x---",
    "x-------x---x-x-",
    "x---x-----x-x---",
    "x-x-x-x-x-------",
    "x-----x-x-x-x---",
)
_ANSWERS = (
    "x---x---x-------",
    "x-x-x---x-------",
    "x-----x-x-------",
    "x-------x-------",
    "x---x-x-x-------",
    "x-------x---x---",
)
_LEADS = ("......x-", "....x-x-", "....x-x-", "....x--x", "..x-x-x-")
_APPROACHES = {
    1: ((-1,), (1,), (-3,)),
    2: ((-2, -1), (-2, -1), (2, 1), (-3, -1), (-3, -3)),
    3: ((-3, -2, -1), (-3, -2, -1), (3, 2, 1), (-3, -3, -1)),
}

PERIOD = 4
"""Blocks after which a long phrase begins anew."""


@dataclass(frozen=True, slots=True)
class Motif:
    """A musical idea of two bars of 4/4: rhythms as patterns, contours as degrees from the first
    note.

    ``lead`` is the rhythm of its pickup, in the half bar before, ``approach`` the degrees of that.
    """

    rhythms: tuple[str, str]
    contours: tuple[tuple[int, ...], tuple[int, ...]]
    lead: str
    approach: tuple[int, ...]


def make_motif(theme: str, theme_seed: int) -> Motif:
    """Make the motif of a theme: mostly steps, one leap that is answered by a step back."""
    dice = Dice("motif", theme, theme_seed)
    rhythms = (dice.pick(_OPENINGS), dice.pick(_ANSWERS))
    direction = 1 if dice.chance(0.65) else -1
    contours = []
    for rhythm, turn in zip(rhythms, (direction, -direction), strict=True):
        count = len(onsets(rhythm))
        leap_at = 1 + int(dice.share() * max(count - 2, 1))
        degree, contour = 0, [0]
        for number in range(1, count):
            if number == leap_at:
                degree += turn * dice.pick((2, 2, 3, 4))
            elif number == leap_at + 1:
                degree -= turn
            else:
                degree += dice.pick((turn, turn, turn, -turn, 0))
            contour.append(degree)
        contours.append(tuple(contour))
    lead = dice.child("lead").pick(_LEADS)
    approach = dice.child("approach").pick(_APPROACHES[len(onsets(lead))])
    return Motif(rhythms, (contours[0], contours[1]), lead, approach)


def figure(
    motif: Motif, number: int, count: int, kind: str, dice: Dice
) -> tuple[str, tuple[int, ...]]:
    """Return rhythm and contour of the block of a number in a phrase of so many blocks.

    Long phrases state the motif again half way, as a period does.
    """
    half = number % 2
    rhythm, contour = motif.rhythms[half], motif.contours[half]
    if kind == "A" and (number if count <= PERIOD + 2 else number % PERIOD) < 2:
        return rhythm, contour
    turned = tuple(-degree for degree in contour)
    backwards = tuple(degree - contour[-1] for degree in reversed(contour))
    variations: tuple[Callable[[], tuple[str, tuple[int, ...]]], ...] = (
        lambda: (rhythm, contour),
        lambda: (rhythm, turned),
        lambda: _fragment(motif),
        lambda: (rhythm, backwards),
    )
    return dice.child(number).pick(variations if kind != "A" else variations[:3])()


def _fragment(motif: Motif) -> tuple[str, tuple[int, ...]]:
    """Repeat the head of the motif a degree higher: half a bar, twice."""
    head = motif.rhythms[0][: BAR_STEPS // 2]
    count = len(onsets(head))
    contour = motif.contours[0][:count]
    return head + head, contour + tuple(degree + 1 for degree in contour)
