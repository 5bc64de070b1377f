"""The sections of a cue: a long one has several, each with music of its own, and the first returns.

    section     1          2              1          3              1
    phrases     A A B A    A2 B2 A2 C2    A A B A    A3 A3 B3 C3    A A B A

The letter of a phrase tells its place in a form, the number whose progressions, patterns and
grooves it has; the first material has none. All of them sing the one motif of the cue.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.timeline import IntensityLane

__all__ = ["arched", "calm_sections", "sections"]

_FORMS = ("AABA", "ABAC", "AAB", "AABC", "ABAB")

_LONGEST_ALONE_S = 120
"""A cue up to this length is one section."""

_SECTION_S = 72
"""About how long a section of a longer cue is."""

_CALM_WITHIN, _CALM_CHANCE = 3, 0.5
"""After so many sections that are not calm one is, and any may be with this chance."""

_NEW = 0.6
"""How likely a section is new, where it need not be."""


def sections(length_s: Fraction, dice: Dice) -> tuple[tuple[str, ...], ...]:
    """Return the kinds of phrases of each section; a section repeats its own as it needs."""
    if length_s <= _LONGEST_ALONE_S:
        return (tuple(dice.pick(_FORMS)),)
    order = _order(round(length_s / _SECTION_S), dice.child("sections"))
    forms = {1: dice.pick(_FORMS)}
    for material in range(2, max(order) + 1):
        forms[material] = dice.child("material", material).pick(_FORMS)
    return tuple(
        tuple(letter if material == 1 else f"{letter}{material}" for letter in forms[material])
        for material in order
    )


def calm_sections(count: int, dice: Dice) -> tuple[bool, ...]:
    """Tell which sections are calm: some inner ones, no two in a row."""
    calm: list[bool] = []
    for number in range(count):
        is_inner = 0 < number < count - 1
        is_due = number >= _CALM_WITHIN and not any(calm[-_CALM_WITHIN:])
        drawn = is_due or dice.child("calm", number).chance(_CALM_CHANCE)
        calm.append(is_inner and not calm[-1] and drawn)
    return tuple(calm)


def arched(arcs: Sequence[Sequence[float]], level: float) -> IntensityLane:
    """Return the lane that follows an arc of offsets from a level in each of equal sections.

    The arc of a single section begins and ends with the cue; several are joined by slopes, since
    sections end with a phrase and not at a second.
    """
    points = []
    for number, arc in enumerate(arcs):
        last = max(len(arc) - 1, 1)
        for index, offset in enumerate(arc):
            place = index / last if len(arcs) == 1 else (index + 0.5) / len(arc)
            points.append(
                ((number + place) / len(arcs), round(max(0.0, min(1.0, level + offset)), 4))
            )
    return IntensityLane(tuple(points))


def _order(count: int, dice: Dice) -> list[int]:
    """Return the materials of so many sections: no two alike in a row, the first one at the end."""
    order = [1]
    while len(order) < count:
        known = [material for material in range(1, max(order) + 1) if material != order[-1]]
        is_new = not known or dice.chance(_NEW)
        order.append(max(order) + 1 if is_new else dice.pick(known))
    if count > 2 and order[-2] != 1:
        order[-1] = 1
    return order
