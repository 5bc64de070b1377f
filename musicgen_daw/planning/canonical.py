"""The values of a request as JSON and back, exactly: fractions stay fractions."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

from musicgen_daw.timeline import Hit, IntensityLane, Meter, MeterChange, TempoChange, TempoMap

__all__ = [
    "decode",
    "encode",
    "optional",
    "read_changes",
    "read_fraction",
    "read_hits",
    "read_intensity",
    "read_meter",
    "read_number",
    "read_tempo_map",
    "read_text",
    "read_whole",
]

_Read = TypeVar("_Read")

# Sheets have thousands of cues: one encoder serves all.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def encode(values: Mapping[str, Any]) -> str:
    """Return the values as ASCII JSON that is the same for the same values everywhere."""
    # Most values are JSON already.
    turned = {name: _plain(value) for name, value in values.items() if type(value) in _TURNS}
    return _encode({**values, **turned})


def _plain(value: Any) -> Any:
    """Turn a value of a request into JSON types."""
    turn = _TURNS.get(type(value))
    return value if turn is None else turn(value)


def _plain_fraction(value: Fraction) -> str:
    return "{}/{}".format(*value.as_integer_ratio())


def _plain_tempo_map(value: TempoMap) -> dict[str, Any]:
    return {
        "tempos": [[_plain(t.at_beats), t.us_per_beat] for t in value.tempos],
        "meters": [[_plain(m.at_beats), *_plain_meter(m.meter)] for m in value.meters],
        "pickup": _plain(value.pickup_beats),
    }


def _plain_meter(value: Meter) -> list[Any]:
    """Return ``[7, 8, [2, 2, 3]]``; a meter without groups is as it was before there were any."""
    told = [value.numerator, value.denominator]
    return [*told, list(value.groups)] if value.groups else told


_TURNS: Mapping[type, Callable[[Any], Any]] = MappingProxyType(
    {
        Fraction: _plain_fraction,
        TempoMap: _plain_tempo_map,
        Meter: _plain_meter,
        IntensityLane: lambda lane: [list(point) for point in lane.points],
        # The name of a hit is for people: renaming it makes no new music.
        Hit: lambda hit: [_plain(hit.at_s), hit.important],
        tuple: lambda values: [_plain(value) for value in values],
    }
)
"""How the types that JSON lacks are told."""


# -- reading -----------------------------------------------------------------------------------

_FRACTION = re.compile(r"(-?[0-9]{1,1000})/([0-9]{1,1000})")


def decode(text: str) -> dict[str, Any]:
    """Return the values of a text that ``encode`` wrote, in JSON types.

    Raises:
        ValueError: for a text that is no JSON object, or tells numbers that are none.
    """
    try:
        values = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("is nested too deep") from None
    return values if isinstance(values, dict) else _refuse(values, "an object")


def optional(read: Callable[[object], _Read]) -> Callable[[object], _Read | None]:
    """Return a reader that takes null, too."""
    return lambda value: None if value is None else read(value)


def read_text(value: object) -> str:
    """Read a text."""
    return value if isinstance(value, str) else _refuse(value, "a text")


def read_whole(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _refuse(value, "a whole number")


def read_number(value: object) -> float:
    """Read a number; a whole one stays whole, as it was told."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return _refuse(value, "a number")


def read_fraction(value: object) -> Fraction:
    """Read a fraction, ``11/2``."""
    parts = _FRACTION.fullmatch(value) if isinstance(value, str) else None
    if parts is None or int(parts[2]) == 0:
        return _refuse(value, "a fraction")
    return Fraction(int(parts[1]), int(parts[2]))


def read_meter(value: object) -> Meter:
    """Read a meter, ``[6, 8]`` or ``[7, 8, [2, 2, 3]]``."""
    numerator, denominator, *groups = _list(value, 2, 3)
    told = tuple(read_whole(group) for group in _list(groups[0])) if groups else ()
    return Meter(read_whole(numerator), read_whole(denominator), told)


def read_hits(value: object) -> tuple[Hit, ...]:
    """Read hits, each ``["10/3", true]``."""
    return tuple(_hit(*_list(hit, 2)) for hit in _list(value))


def read_changes(value: object) -> tuple[tuple[Fraction, str], ...]:
    """Read texts that rule from a second on, each ``["8/1", "loud"]``."""
    changes = [_list(change, 2) for change in _list(value)]
    return tuple((read_fraction(at), read_text(text)) for at, text in changes)


def read_intensity(value: object) -> IntensityLane:
    """Read an intensity lane, each point ``[0.5, 1.0]``."""
    points = [_list(point, 2) for point in _list(value)]
    return IntensityLane(tuple((read_number(at), read_number(level)) for at, level in points))


def read_tempo_map(value: object) -> TempoMap:
    """Read a tempo map."""
    if not isinstance(value, dict) or set(value) != {"tempos", "meters", "pickup"}:
        return _refuse(value, "a tempo map")
    tempos = [_list(tempo, 2) for tempo in _list(value["tempos"])]
    meters = [_list(meter, 3, 4) for meter in _list(value["meters"])]
    return TempoMap(
        tuple(TempoChange(read_fraction(at), read_whole(us)) for at, us in tempos),
        tuple(MeterChange(read_fraction(at), *read_meter(meter)) for at, *meter in meters),
        read_fraction(value["pickup"]),
    )


def _hit(at_s: object, important: object) -> Hit:
    if not isinstance(important, bool):
        return _refuse(important, "true or false")
    return Hit(read_fraction(at_s), important=important)


def _list(value: object, *lengths: int) -> list[object]:
    if isinstance(value, list) and (not lengths or len(value) in lengths):
        return value
    of = f" of {' or '.join(map(str, lengths))}" if lengths else ""
    return _refuse(value, f"a list{of}")


def _refuse(value: object, wanted: str) -> NoReturn:
    raise ValueError(f"holds {reprlib.repr(value)} where {wanted} stands")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which is no number")
