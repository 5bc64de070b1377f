"""What a word of a prompt can mean to the composer."""

from __future__ import annotations

from dataclasses import dataclass, fields

from musicgen_daw.timeline import Meter

__all__ = ["Sense"]


@dataclass(frozen=True, slots=True)
class Sense:
    """What a phrase means; ``None``, 0 and empty are "says nothing about it".

    ``weight`` is how strongly it speaks for ``style`` (3 a genre, 1 a scene). ``tempo`` runs from
    -2 (as slow as the style goes) to 2. ``intensity`` is a level from 0 to 1, ``arc`` the shape
    of the intensity over the cue. ``wanted`` and ``solo`` are families of instruments. A phrase
    that is ``named`` after its mode asks for it; others only suggest theirs.
    """

    style: str | None = None
    weight: int = 3
    mode: str | None = None
    named: bool = False
    tempo: float = 0.0
    intensity: float | None = None
    arc: tuple[float, ...] = ()
    meter: Meter | None = None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    solo: str | None = None
    sung: bool = False

    def __str__(self) -> str:
        said = []
        for each in fields(self):
            value = getattr(self, each.name)
            if value == each.default or each.name in ("weight", "named"):
                continue
            if isinstance(value, tuple) and each.name != "meter":
                value = ", ".join(map(str, value))
            said.append("singers" if each.name == "sung" else f"{each.name} {value}")
        return "; ".join(said) or "noted"
