"""Pedalboard's own effects, by their own names and units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pedalboard

from musicgen_daw.errors import did_you_mean

__all__ = ["built_effect", "is_movable", "stays_finite"]

_PROBE_RATE = 48_000

_Setting = float | int | bool | str


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One parameter of an effect; ``choices`` names what it can be where it is no number."""

    default: object
    choices: Mapping[str, object]

    def accepts(self, setting: _Setting) -> bool:
        if self.choices:
            return isinstance(setting, str) and setting in self.choices
        if isinstance(self.default, bool):
            return isinstance(setting, bool)
        return isinstance(setting, int | float) and not isinstance(setting, bool)

    def value(self, setting: _Setting) -> object:
        return self.choices[str(setting)] if self.choices else setting

    @property
    def wanted(self) -> str:
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return "true or false" if isinstance(self.default, bool) else "a number"


def built_effect(name: str, settings: Mapping[str, _Setting]) -> pedalboard.Plugin:
    """Return a new effect.

    Raises:
        ValueError: saying what is wrong with its name, or with a setting.
    """
    effects = _effects()
    if name not in effects:
        raise ValueError(f"unknown effect {name!r}{did_you_mean(name, effects)}")
    plugin, known = effects[name]
    arguments: dict[str, Any] = {}
    for key, setting in settings.items():
        if key not in known:
            nearest = did_you_mean(key, known) or f" (it has: {', '.join(known) or 'none'})"
            raise ValueError(f"{name} has no parameter {key!r}{nearest}")
        if not known[key].accepts(setting):
            raise ValueError(f"{name}: {key} must be {known[key].wanted}, not {setting!r}")
        if key.endswith("_hz") and float(setting) <= 0:
            raise ValueError(f"{name}: {key} must be positive, not {setting!r}")
        arguments[key] = known[key].value(setting)
    try:
        return plugin(**arguments)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{name}: {error}") from error


def is_movable(name: str, key: str) -> bool:
    """Tell whether a parameter of an effect is a number, so that it can move."""
    known = _effects().get(name, (None, {}))[1].get(key)
    return known is not None and not known.choices and not isinstance(known.default, bool)


@lru_cache(maxsize=1)
def _effects() -> dict[str, tuple[type[pedalboard.Plugin], dict[str, _Parameter]]]:
    """Return pedalboard's effects by name, with the parameters that each of them shows.

    Only effects that can be made without arguments: not those that load a plug-in or an impulse
    response from a file, nor boxes of other effects.
    """
    effects = {}
    for name, plugin in vars(pedalboard).items():
        if not isinstance(plugin, type) or not issubclass(plugin, pedalboard.Plugin):
            continue
        if issubclass(plugin, pedalboard.ExternalPlugin | pedalboard.PluginContainer):
            continue
        try:
            effects[name] = (plugin, _parameters(plugin()))
        except (TypeError, RuntimeError):
            continue
    return effects


def _parameters(plugin: pedalboard.Plugin) -> dict[str, _Parameter]:
    settable = {
        name: getattr(plugin, name)
        for name, attribute in vars(type(plugin)).items()
        if isinstance(attribute, property) and attribute.fset is not None
    }
    return {
        name: _Parameter(default, _choices(default)) for name, default in sorted(settable.items())
    }


def _choices(default: object) -> Mapping[str, object]:
    """Return the members of pedalboard's own kind of enumeration by name; others have none."""
    return dict(getattr(type(default), "__members__", {}))


def stays_finite(plugin: pedalboard.Plugin) -> bool:
    """Tell whether a click comes out of an effect as finite sound (a filter may be unstable)."""
    click = np.zeros((2, _PROBE_RATE // 2), np.float32)
    click[:, 0] = 0.5
    output = pedalboard.process(click, _PROBE_RATE, [plugin])
    return bool(np.isfinite(output).all())
