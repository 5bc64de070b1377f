"""A preset as TOML: what it says in the end, with all that it extends merged in."""

from __future__ import annotations

from typing import Any

import tomlkit

from musicgen_daw.presets.schema import Generation, Master, Preset, StemMix
from musicgen_daw.timeline import IntensityLane

__all__ = ["to_toml"]


def to_toml(preset: Preset) -> str:
    """Return the preset as TOML text that reads back as the same preset."""
    texts = ("title", "description", "prompt", "negative")
    tables: dict[str, Any] = {
        name: getattr(preset, name) for name in texts if name == "prompt" or getattr(preset, name)
    }
    if generation := _said(preset, "generation", preset.generation):
        tables["generation"] = generation
    if preset.layers:
        tables["layers"] = dict(preset.layers)
    if preset.stems:
        tables["stems"] = {name: _stem(mix) for name, mix in preset.stems.items()}
    if master := _master(preset):
        tables["master"] = master
    return tomlkit.dumps(tables)


def _said(preset: Preset, table: str, values: Generation | Master) -> dict[str, Any]:
    keys = (key for key in values.__dataclass_fields__ if f"{table}.{key}" in preset.said)
    return {key: _plain(getattr(values, key)) for key in keys if key != "chain"}


def _master(preset: Preset) -> dict[str, Any]:
    values = _said(preset, "master", preset.master)
    if preset.master.chain:
        values["chain"] = [
            {"effect": effect.effect, **effect.parameters} for effect in preset.master.chain
        ]
    return values


def _stem(mix: StemMix) -> dict[str, Any]:
    return {"gain_db": mix.gain_db, "mute": mix.mute}


def _plain(value: object) -> object:
    if isinstance(value, IntensityLane):
        return ">".join(repr(intensity) for _, intensity in value.points)
    if isinstance(value, tuple):
        return "/".join(str(part) for part in value)
    return value
