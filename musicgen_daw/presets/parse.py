"""TOML text -> tables -> Preset. A fault is told with its file, its place and the likely fix."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from musicgen_daw.errors import PresetError, did_you_mean
from musicgen_daw.presets.schema import Effect, Generation, Master, Preset, StemMix
from musicgen_daw.timeline import IntensityLane

__all__ = ["from_mapping", "parse_tables"]

Tables = Mapping[str, Any]
Reader = Callable[[object], Any]
ValueT = TypeVar("ValueT")

LARGEST_NUMBER = 2**53
"""Beyond it a TOML integer is no exact float, and may be none at all."""


def parse_tables(text: str, path: object) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises:
        PresetError: with line and column of a syntax error.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise PresetError("no TOML: nested too deeply", path=path) from None
    except ValueError as error:  # a TOMLDecodeError, or a number with thousands of digits
        reason, place = _split_toml_message(str(error))
        raise PresetError(reason, path=path, place=place) from None


def from_mapping(name: str, tables: Tables, path: object) -> Preset:
    """Return the preset that the tables of a preset file describe; ``extends`` is spent before.

    Raises:
        PresetError: for an unknown key, a wrong type or a value out of range.
    """
    top = _read(tables, _TOP, None, path, beside=("extends", *_TABLES))
    generation = _read(_table(tables, "generation", path), _GENERATION, "[generation]", path)
    master = _read(_table(tables, "master", path), _MASTER, "[master]", path, beside=("chain",))
    said = {f"generation.{key}" for key in generation} | {f"master.{key}" for key in master}
    chain = _chain(_table(tables, "master", path), path)
    return _checked(
        lambda: Preset(
            name=name,
            **top,
            generation=_checked(lambda: Generation(**generation), "[generation]", path),
            layers=_layers(_table(tables, "layers", path), path),
            stems=_stems(_table(tables, "stems", path), path),
            master=_checked(lambda: Master(**master, chain=chain), "[master]", path),
            said=frozenset(said),
            path=path,
        ),
        None,
        path,
    )


# -- the tables ------------------------------------------------------------------------------------


def _layers(table: Tables, path: object) -> dict[str, str]:
    return {name: _value(_text, name, value, "[layers]", path) for name, value in table.items()}


def _stems(table: Tables, path: object) -> dict[str, StemMix]:
    return {name: _stem(table, name, path) for name in table}


def _stem(table: Tables, name: str, path: object) -> StemMix:
    place = f"[stems.{name}]"
    values = _read(_table(table, name, path, place), _STEM, place, path)
    return _checked(lambda: StemMix(**values), place, path)


def _chain(master: Tables, path: object) -> tuple[Effect, ...]:
    chain = master.get("chain", [])
    if not isinstance(chain, list) or not all(isinstance(effect, dict) for effect in chain):
        raise PresetError(
            "chain is not a list of effects: write each as [[master.chain]]",
            path=path,
            place="[master]",
        )
    return tuple(
        _effect(effect, f"[[master.chain]] {number}", path)
        for number, effect in enumerate(chain, start=1)
    )


def _effect(table: Tables, place: str, path: object) -> Effect:
    if "effect" not in table:
        raise PresetError("the key 'effect' is missing", path=path, place=place)
    name = _value(_text, "effect", table["effect"], place, path)
    parameters = {
        key: _value(_parameter, key, value, place, path)
        for key, value in table.items()
        if key != "effect"
    }
    return _checked(lambda: Effect(name, parameters), place, path)


def _table(tables: Tables, name: str, path: object, place: str | None = None) -> Mapping[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, Mapping):
        place = place or f"[{name}]"
        raise PresetError(f"is not a table but {_kind(table)}", path=path, place=place)
    return table


def _read(
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
            values[key] = _value(readers[key], key, value, place, path)
        elif key not in beside:
            nearest = did_you_mean(key, (*readers, *beside))
            raise PresetError(f"unknown key {key!r}{nearest}", path=path, place=place)
    return values


def _value(reader: Reader, key: str, value: object, place: str | None, path: object) -> Any:
    try:
        return reader(value)
    except (TypeError, ValueError) as error:
        raise PresetError(f"{key} {error}", path=path, place=place) from None


def _checked(build: Callable[[], ValueT], place: str | None, path: object) -> ValueT:
    try:
        return build()
    except ValueError as error:
        raise PresetError(str(error), path=path, place=place) from None


# -- the types of values ---------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"must be text in quotes, not {_kind(value)}")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"must be a number, not {_kind(value)}")
    if abs(value) > LARGEST_NUMBER:
        raise ValueError("is far too large")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"must be a whole number, not {_kind(value)}")
    if abs(value) > LARGEST_NUMBER:
        raise ValueError("is far too large")
    return value


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"must be true or false, not {_kind(value)}")
    return value


def _parameter(value: object) -> float | int | bool | str:
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"must be a number, true, false or text, not {_kind(value)}")
    return value


def _meter(value: object) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,3})/(\d{1,3})", _text(value).strip())
    if match is None:
        raise ValueError(f"= {value!r} is no meter, such as '3/4' or '6/8'")
    return int(match[1]), int(match[2])


def _intensity(value: object) -> IntensityLane:
    text = value if isinstance(value, str) else repr(_number(value))
    try:
        return IntensityLane.parse(text)
    except ValueError as error:
        raise ValueError(f"= {text}: {error}") from None


def _kind(value: object) -> str:
    for kinds, words in _KINDS:
        if isinstance(value, kinds):
            shown = str(value).lower() if isinstance(value, bool) else repr(value)
            return f"{words} ({shown})" if isinstance(value, bool | int | float | str) else words
    return "a date or time"


def _split_toml_message(message: str) -> tuple[str, str | None]:
    """Split Python's "reason (at line 3, column 5)" into reason and place."""
    match = re.fullmatch(r"(.*) \(at (line \d+, column \d+|end of document)\)", message, re.DOTALL)
    return (f"no TOML: {match[1]}", match[2]) if match else (f"no TOML: {message}", None)


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a switch"),
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
)

_TABLES = ("generation", "layers", "stems", "master")

_TOP: dict[str, Reader] = dict.fromkeys(("title", "description", "prompt", "negative"), _text)

_GENERATION: dict[str, Reader] = {
    "backend": _text,
    "model": _text,
    "takes": _whole,
    "bpm": _number,
    "key": _text,
    "meter": _meter,
    "style": _text,
    "intensity": _intensity,
    "guidance": _number,
    "temperature": _number,
    "top_k": _whole,
    "top_p": _number,
    "audio_prompt": _text,
    "melody": _text,
}

_STEM: dict[str, Reader] = {"gain_db": _number, "mute": _switch}

_MASTER: dict[str, Reader] = {
    "lufs": _number,
    "ceiling_dbtp": _number,
    "max_momentary_lufs": _number,
    "max_short_term_lufs": _number,
    "lra_max_lu": _number,
    "fade_in_ms": _number,
    "fade_out_ms": _number,
    "end": _text,
    "tail_s": _number,
    "trim_head": _switch,
    "head_threshold_db": _number,
    "conform": _text,
    "conform_max_percent": _number,
    "align": _text,
}
