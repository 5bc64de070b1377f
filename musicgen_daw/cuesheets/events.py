"""What a sheet is made of, before cues have lengths: a cue begins, a hit, an end."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from musicgen_daw.timeline import CueSettings, Hit

__all__ = ["CueEvent", "EndEvent", "HitEvent", "SheetEvent"]


@dataclass(frozen=True, slots=True)
class CueEvent:
    """A cue begins. ``end_s`` is given where the sheet itself tells an end time.

    ``bare`` says that the sheet gives neither preset nor prompt: then the name is the prompt.
    """

    at_s: Fraction
    name: str
    place: str
    settings: CueSettings = field(default_factory=CueSettings)
    id: str = ""
    end_s: Fraction | None = None
    hits: tuple[Hit, ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True)
class HitEvent:
    """A hit in whichever cue runs; a ``prompt`` and an ``intensity`` rule that cue from it on."""

    at_s: Fraction
    name: str
    place: str
    important: bool = False
    prompt: str = ""
    intensity: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class EndEvent:
    """The end of the cue called ``name``, or of those that run."""

    at_s: Fraction
    name: str
    place: str


SheetEvent = CueEvent | HitEvent | EndEvent
