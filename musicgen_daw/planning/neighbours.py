"""Which cue comes before each cue of a sheet, and which one after it.

    Village    |--------------------------|              before Forest, after nothing
    Chest              |--|  stinger                     falls on Village
    Forest                                |----------|   goes on from Village, not from Chest

Before a cue is the one that ends where it begins; for one that itself asks to be a stinger also the
one that it falls on; else the one before it in the sheet, as in a list.

In a list, such as a game's, a stinger belongs to the nearest cue above it that is none: of its own
theme, where it names one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction

from musicgen_daw.timeline import Cue, CueSheet

__all__ = ["adjoin", "asked_transition", "falls_on", "neighbours"]

_LOOKED_BACK = 100
"""So many cues may begin between a cue and a stinger that falls on it."""


def neighbours(sheet: CueSheet) -> Iterator[tuple[Cue | None, Cue, Cue | None]]:
    """Yield every cue, in order, between the one before and the one after it."""
    beginning: dict[Fraction, Cue] = {}
    for cue in reversed(sheet.cues):
        beginning[cue.start_s] = cue
    ending: dict[Fraction, Cue] = {}
    latest: deque[Cue] = deque(maxlen=_LOOKED_BACK)
    above: dict[str | None, Cue] = {}
    for previous, cue, following in zip(
        (None, *sheet.cues), sheet.cues, (*sheet.cues[1:], None), strict=False
    ):
        before, after = previous, following
        if sheet.is_list:
            if _is_stinger(cue):
                before = above.get(cue.settings.theme)
            else:
                above[None] = above[cue.settings.theme] = cue
        else:
            before = ending.get(cue.start_s, previous)
            if cue.start_s not in ending and _is_stinger(cue):
                heard = (one for one in reversed(latest) if falls_on(cue, one, sheet))
                before = next(heard, previous)
            if not adjoin(cue, after, sheet):
                after = beginning.get(cue.end_s, following)
            latest.append(cue)
            ending[cue.end_s] = cue
        yield before, cue, after


def _is_stinger(cue: Cue) -> bool:
    """Tell whether a cue asks to be one; that a sheet asks it of all makes none of those."""
    return cue.settings.transition == "stinger"


def asked_transition(cue: Cue | None, sheet: CueSheet) -> str | None:
    """Return the transition by which a cue asks to begin, ``None`` for none."""
    asked = None if cue is None else cue.settings.transition or sheet.defaults.transition
    return None if asked == "none" else asked


def adjoin(before: Cue | None, after: Cue | None, sheet: CueSheet) -> bool:
    """Tell whether one cue begins where another ends."""
    if before is None or after is None or sheet.is_list:
        return False
    return before.end_s == after.start_s


def falls_on(cue: Cue, before: Cue | None, sheet: CueSheet) -> bool:
    """Tell whether a cue begins in the middle of another one, or, in a list, may do so."""
    if before is None or sheet.is_list:
        return before is not None
    return before.start_s <= cue.start_s < before.end_s
