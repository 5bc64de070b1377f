"""TOML text -> tables -> Preset. A fault is told with its file, its place and the likely fix."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from musicgen_daw.errors import PresetError
from musicgen_daw.presets.parse_chain import parse_chain, parse_sends
from musicgen_daw.presets.schema import Generation, Master, Preset, StemMix
from musicgen_daw.presets.tables import (
    Reader,
    Tables,
    checked,
    read_table,
    table_of,
    value_of,
)
from musicgen_daw.timeline import IntensityLane, Meter, parse_meter
from musicgen_daw.toml_values import as_number, as_switch, as_text, as_whole, kind_of

__all__ = ["from_mapping", "parse_tables"]


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
    top = read_table(tables, _TOP, None, path, beside=("extends", *_TABLES))
    generation = read_table(table_of(tables, "generation", path), _GENERATION, "[generation]", path)
    master = read_table(
        table_of(tables, "master", path), _MASTER, "[master]", path, beside=("chain", "sends")
    )
    said = {f"generation.{key}" for key in generation} | {f"master.{key}" for key in master}
    mastering = table_of(tables, "master", path)
    chain = parse_chain(mastering, "master.chain", path)
    sends = parse_sends(mastering, path)
    return checked(
        lambda: Preset(
            name=name,
            **top,
            generation=checked(lambda: Generation(**generation), "[generation]", path),
            layers=_layers(table_of(tables, "layers", path), path),
            stems=_stems(table_of(tables, "stems", path), path),
            master=checked(lambda: Master(**master, chain=chain, sends=sends), "[master]", path),
            said=frozenset(said),
            path=path,
        ),
        None,
        path,
    )


# -- the tables ------------------------------------------------------------------------------------


def _layers(table: Tables, path: object) -> dict[str, str]:
    return {name: value_of(as_text, name, value, "[layers]", path) for name, value in table.items()}


def _stems(table: Tables, path: object) -> dict[str, StemMix]:
    return {name: _stem(table, name, path) for name in table}


def _stem(table: Tables, name: str, path: object) -> StemMix:
    place = f"[stems.{name}]"
    values = read_table(table_of(table, name, path, place), _STEM, place, path)
    return checked(lambda: StemMix(**values), place, path)


def _split_toml_message(message: str) -> tuple[str, str | None]:
    """Split Python's "reason (at line 3, column 5)" into reason and place."""
    match = re.fullmatch(r"(.*) \(at (line \d+, column \d+|end of document)\)", message, re.DOTALL)
    return (f"no TOML: {match[1]}", match[2]) if match else (f"no TOML: {message}", None)


# -- the types of values ---------------------------------------------------------------------------


def _meter(value: object) -> Meter:
    try:
        return parse_meter(as_text(value).strip())
    except ValueError as error:
        raise ValueError(f"= {error}") from None


def _levels(value: object) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise TypeError(f"must be a table of levels in dB, not {kind_of(value)}")
    return {name: as_number(level) for name, level in value.items()}


def _intensity(value: object) -> IntensityLane:
    text = value if isinstance(value, str) else repr(as_number(value))
    try:
        return IntensityLane.parse(text)
    except ValueError as error:
        raise ValueError(f"= {text}: {error}") from None


_TABLES = ("generation", "layers", "stems", "master")

_TOP: dict[str, Reader] = dict.fromkeys(("title", "description", "prompt", "negative"), as_text)

_GENERATION: dict[str, Reader] = {
    "backend": as_text,
    "model": as_text,
    "takes": as_whole,
    "bpm": as_number,
    "key": as_text,
    "meter": _meter,
    "style": as_text,
    "intensity": _intensity,
    "guidance": as_number,
    "temperature": as_number,
    "top_k": as_whole,
    "top_p": as_number,
    "fit_hits_percent": as_number,
    "audio_prompt": as_text,
    "melody": as_text,
    "soundfont": as_text,
    "guide": as_text,
    "check": as_text,
}

_STEM: dict[str, Reader] = {"gain_db": as_number, "mute": as_switch, "sends": _levels}

_MASTER: dict[str, Reader] = {
    "lufs": as_number,
    "ceiling_dbtp": as_number,
    "max_momentary_lufs": as_number,
    "max_short_term_lufs": as_number,
    "lra_max": as_number,
    "fade_in_ms": as_number,
    "fade_out_ms": as_number,
    "end": as_text,
    "tail_s": as_number,
    "trim_head": as_switch,
    "head_threshold_db": as_number,
    "conform": as_text,
    "conform_max_percent": as_number,
    "align": as_text,
    "fit": as_text,
    "fit_max_percent": as_number,
    "normalise": as_text,
}
