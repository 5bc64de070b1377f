"""What a preset says of effects: steps of a chain, automation, sends. Only shapes are checked
here; mastering knows which effects and parameters there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from musicgen_daw.timeline import BarBeat

__all__ = ["Automation", "Effect", "PluginStep", "Send", "Setting", "Step", "chain_files"]

LEVEL_RANGE_DB = (-96.0, 24.0)


@dataclass(frozen=True, slots=True)
class Automation:
    """A parameter that moves: values at places, with straight lines between them.

    Places are seconds from the start of the cue, or ``BarBeat``, all of one kind and in order.
    Frequencies move by equal ratios, as they are heard.

    Raises:
        ValueError: for no places, places of both kinds or out of order, or a value that is none.
    """

    points: tuple[tuple[float | BarBeat, float], ...]

    def __post_init__(self) -> None:
        places = [place for place, _ in self.points]
        if not places:
            raise ValueError("automation needs at least one [place, value]")
        if len({isinstance(place, BarBeat) for place in places}) > 1:
            raise ValueError("places are either all in seconds or all as 'bar|beat'")
        for place, value in self.points:
            seconds = 0.0 if isinstance(place, BarBeat) else place
            if not (math.isfinite(value) and 0 <= seconds < math.inf):
                raise ValueError(f"[{place}, {value:g}] is no place and value")
        if any(after <= before for before, after in pairwise(places)):  # type: ignore[operator]
            raise ValueError("places must come one after the other")


Setting = float | int | bool | str | Automation


@dataclass(frozen=True, slots=True)
class Effect:
    """A pedalboard effect by its own name, with its parameters in its own units."""

    effect: str
    parameters: Mapping[str, Setting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.effect.isidentifier():
            raise ValueError(f"effect {self.effect!r} is no effect's name, such as 'Compressor'")
        _check_finite(self.parameters)


@dataclass(frozen=True, slots=True)
class PluginStep:
    """A VST3 or Audio Unit plug-in by its path, with parameters by their displayed names.

    ``name`` tells which one where a file holds several. ``state`` is the path of a preset file:
    what a host calls ``.vstpreset``, or the plug-in's own state in any other file. Parameters are
    set after it.
    """

    path: str
    name: str | None = None
    state: str | None = None
    parameters: Mapping[str, Setting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key in ("path", "name", "state"):
            value = getattr(self, key)
            if value is not None and not value.strip():
                raise ValueError(f"{'plugin' if key == 'path' else key} is empty")
        _check_finite(self.parameters)


Step = Effect | PluginStep


@dataclass(frozen=True, slots=True)
class Send:
    """A second way through other effects, whose sound is added to that of the first.

    Every stem is sent with the same level unless it says its own, after its gain and the chain,
    and its own return comes back to it: so stems still sum to the mix. The level may move.
    """

    name: str
    chain: tuple[Step, ...]
    level_db: float | Automation = 0.0

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a send needs a name")
        if not self.chain:
            raise ValueError(f"send {self.name!r} has no effects: it would only be louder")
        if isinstance(self.level_db, Automation):
            for _, level_db in self.level_db.points:
                check_level("level_db", level_db)
        else:
            check_level("level_db", self.level_db)


def check_level(name: str, value_db: float) -> None:
    """Refuse a level that no mixer has.

    Raises:
        ValueError: for such a level.
    """
    low, high = LEVEL_RANGE_DB
    # Written so that NaN fails too.
    if not low <= value_db <= high:
        raise ValueError(f"{name} = {value_db:g} must lie between {low:g} and {high:g}")


def chain_files(chain: Sequence[Step]) -> Iterator[str]:
    """Yield the paths of all files that a chain is made of."""
    for step in chain:
        if isinstance(step, PluginStep):
            yield step.path
            if step.state is not None:
                yield step.state


def _check_finite(parameters: Mapping[str, Setting]) -> None:
    for name, value in parameters.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} = {value} is no finite number")
