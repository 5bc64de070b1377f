"""Values out of TOML's tables: each is read as what it must be, or refused with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from musicgen_daw.errors import PresetError, did_you_mean

__all__ = [
    "Reader",
    "Tables",
    "as_number",
    "as_switch",
    "as_text",
    "as_whole",
    "checked",
    "kind_of",
    "read_table",
    "table_of",
    "value_of",
]

Tables = Mapping[str, Any]
Reader = Callable[[object], Any]
ValueT = TypeVar("ValueT")

LARGEST_NUMBER = 2**53
"""Beyond it a TOML integer is no exact float, and may be none at all."""


def table_of(
    tables: Tables, name: str, path: object, place: str | None = None
) -> Mapping[str, Any]:
    """Return a table inside another, empty where it is not written."""
    table = tables.get(name, {})
    if not isinstance(table, Mapping):
        place = place or f"[{name}]"
        raise PresetError(f"is not a table but {kind_of(table)}", path=path, place=place)
    return table


def read_table(
    table: Tables,
    readers: Mapping[str, Reader],
    place: str | None,
    path: object,
    beside: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the converted values of a table; ``beside`` names keys that are read elsewhere."""
    values = {}
    for key, value in table.items():
        if key in readers:
            values[key] = value_of(readers[key], key, value, place, path)
        elif key not in beside:
            nearest = did_you_mean(key, (*readers, *beside))
            raise PresetError(f"unknown key {key!r}{nearest}", path=path, place=place)
    return values


def value_of(reader: Reader, key: str, value: object, place: str | None, path: object) -> Any:
    """Return a value as a reader takes it; a fault is told with its place."""
    try:
        return reader(value)
    except (TypeError, ValueError) as error:
        raise PresetError(f"{key} {error}", path=path, place=place) from None


def checked(build: Callable[[], ValueT], place: str | None, path: object) -> ValueT:
    """Return what is built; a fault is told with its place."""
    try:
        return build()
    except ValueError as error:
        raise PresetError(str(error), path=path, place=place) from None


def as_text(value: object) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise TypeError(f"must be text in quotes, not {kind_of(value)}")
    return value


def as_number(value: object) -> float:
    """Read a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"must be a number, not {kind_of(value)}")
    if abs(value) > LARGEST_NUMBER:
        raise ValueError("is far too large")
    return float(value)


def as_whole(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"must be a whole number, not {kind_of(value)}")
    if abs(value) > LARGEST_NUMBER:
        raise ValueError("is far too large")
    return value


def as_switch(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise TypeError(f"must be true or false, not {kind_of(value)}")
    return value


def kind_of(value: object) -> str:
    """Return what a value is, in words."""
    for kinds, words in _KINDS:
        if isinstance(value, kinds):
            shown = str(value).lower() if isinstance(value, bool) else repr(value)
            return f"{words} ({shown})" if isinstance(value, bool | int | float | str) else words
    return "a date or time"


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a switch"),
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
)
