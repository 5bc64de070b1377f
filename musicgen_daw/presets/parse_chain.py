"""TOML tables -> the steps of an effects chain, and sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from musicgen_daw.errors import PresetError
from musicgen_daw.presets.chain import Automation, Effect, PluginStep, Send, Setting, Step
from musicgen_daw.presets.tables import (
    Reader,
    Tables,
    checked,
    read_table,
    value_of,
)
from musicgen_daw.timeline import BarBeat
from musicgen_daw.toml_values import as_number, as_text, kind_of

__all__ = ["parse_chain", "parse_sends"]

_PLUGIN_KEYS: dict[str, Reader] = {"plugin": as_text, "name": as_text, "state": as_text}


def _level(value: object) -> float | Automation:
    return Automation(tuple(map(_point, value))) if isinstance(value, list) else as_number(value)


_SEND_KEYS: dict[str, Reader] = {"name": as_text, "level_db": _level}


def parse_chain(table: Tables, where: str, path: object) -> tuple[Step, ...]:
    """Return the steps of a table's ``chain``; ``where`` is how a step of it is headed.

    Raises:
        PresetError: for what is no chain, with its place.
    """
    steps = _list_of_tables(table, "chain", "effects", where, path)
    return tuple(
        _step(step, f"[[{where}]] {number}", path) for number, step in enumerate(steps, start=1)
    )


def parse_sends(master: Tables, path: object) -> tuple[Send, ...]:
    """Return the sends of a ``[master]`` table.

    Raises:
        PresetError: for what is no send, with its place.
    """
    sends = _list_of_tables(master, "sends", "sends", "master.sends", path)
    return tuple(
        _send(send, f"[[master.sends]] {number}", path) for number, send in enumerate(sends, 1)
    )


def _list_of_tables(
    table: Tables, key: str, what: str, where: str, path: object
) -> list[Mapping[str, Any]]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise PresetError(
            f"{key} is not a list of {what}: write each as [[{where}]]",
            path=path,
            place=f"[{where.rpartition('.')[0]}]",
        )
    return found


def _send(table: Tables, place: str, path: object) -> Send:
    values = read_table(table, _SEND_KEYS, place, path, beside=("chain",))
    if "name" not in values:
        raise PresetError("the key 'name' is missing", path=path, place=place)
    chain = parse_chain(table, "master.sends.chain", path)
    return checked(lambda: Send(**values, chain=chain), place, path)


def _step(table: Tables, place: str, path: object) -> Step:
    if "plugin" in table:
        return _plugin(table, place, path)
    if "effect" not in table:
        raise PresetError("the key 'effect' is missing", path=path, place=place)
    name = value_of(as_text, "effect", table["effect"], place, path)
    parameters = _parameters(table, place, path, beside=("effect",))
    return checked(lambda: Effect(name, parameters), place, path)


def _plugin(table: Tables, place: str, path: object) -> PluginStep:
    values = read_table(table, _PLUGIN_KEYS, place, path, beside=("parameters",))
    named = table.get("parameters", {})
    if not isinstance(named, Mapping):
        raise PresetError(f"parameters is not a table but {kind_of(named)}", path=path, place=place)
    parameters = _parameters(named, place, path)
    return checked(
        lambda: PluginStep(values.pop("plugin"), **values, parameters=parameters), place, path
    )


def _parameters(
    table: Tables, place: str, path: object, beside: tuple[str, ...] = ()
) -> dict[str, Setting]:
    return {
        key: value_of(_setting, key, value, place, path)
        for key, value in table.items()
        if key not in beside
    }


def _setting(value: object) -> Setting:
    if isinstance(value, list):
        return Automation(tuple(map(_point, value)))
    if not isinstance(value, bool | int | float | str):
        raise TypeError(
            f"must be a number, true, false, text or a list of [place, value], not {kind_of(value)}"
        )
    return value


def _point(value: object) -> tuple[float | BarBeat, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise TypeError("must be a list of [place, value], such as [[0, 400], [8, 8000]]")
    place, level = value
    if not isinstance(place, str):
        return as_number(place), as_number(level)
    bar_beat = BarBeat.parse(place.strip())
    if bar_beat is None:
        raise ValueError(f"has the place {place!r}: write seconds, or 'bar|beat' such as '5|1'")
    return bar_beat, as_number(level)
