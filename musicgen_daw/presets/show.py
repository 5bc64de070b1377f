"""A preset as TOML: what it says in the end, with all that it extends merged in."""

from __future__ import annotations

from typing import Any

import tomlkit

from musicgen_daw.presets.chain import Automation, Effect, Setting, Step
from musicgen_daw.presets.schema import Generation, Master, Preset, StemMix
from musicgen_daw.timeline import BarBeat, IntensityLane, Meter

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
    return {key: _plain(getattr(values, key)) for key in keys if key not in ("chain", "sends")}


def _master(preset: Preset) -> dict[str, Any]:
    values = _said(preset, "master", preset.master)
    if preset.master.chain:
        values["chain"] = [_step(step) for step in preset.master.chain]
    if preset.master.sends:
        values["sends"] = [
            {
                "name": send.name,
                "level_db": send.level_db,
                "chain": [_step(step) for step in send.chain],
            }
            for send in preset.master.sends
        ]
    return values


def _step(step: Step) -> dict[str, Any]:
    settings = {name: _setting(value) for name, value in step.parameters.items()}
    if isinstance(step, Effect):
        return {"effect": step.effect, **settings}
    named = {"plugin": step.path, "name": step.name, "state": step.state}
    told = {key: value for key, value in named.items() if value is not None}
    return {**told, "parameters": settings} if settings else told


def _setting(value: Setting) -> object:
    if not isinstance(value, Automation):
        return value
    return [
        [str(place) if isinstance(place, BarBeat) else place, level]
        for place, level in value.points
    ]


def _stem(mix: StemMix) -> dict[str, Any]:
    values: dict[str, Any] = {"gain_db": mix.gain_db, "mute": mix.mute}
    return {**values, "sends": dict(mix.sends)} if mix.sends else values


def _plain(value: object) -> object:
    if isinstance(value, IntensityLane):
        return ">".join(repr(intensity) for _, intensity in value.points)
    if isinstance(value, Meter):
        return str(value)
    return value
