"""A preset's tables: each value is read as what it must be, or refused with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from musicgen_daw.errors import PresetError, did_you_mean
from musicgen_daw.toml_values import kind_of

__all__ = [
    "Reader",
    "Tables",
    "checked",
    "read_table",
    "table_of",
    "value_of",
]

Tables = Mapping[str, Any]
Reader = Callable[[object], Any]
ValueT = TypeVar("ValueT")


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
