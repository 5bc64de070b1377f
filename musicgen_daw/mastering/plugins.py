"""VST3 and Audio Unit plug-ins: by path, with parameters by the names that they show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pedalboard

from musicgen_daw.errors import did_you_mean
from musicgen_daw.presets.chain import PluginStep

__all__ = ["apply_settings", "attribute_of", "built_plugin"]

_Setting = float | int | bool | str


class _Parameter(Protocol):
    """What pedalboard tells of one parameter of a plug-in."""

    @property
    def name(self) -> str: ...


class _Plugin(Protocol):
    """What is needed of a plug-in to set it."""

    @property
    def parameters(self) -> Mapping[str, _Parameter]: ...


def built_plugin(step: PluginStep, settings: Mapping[str, _Setting]) -> pedalboard.Plugin:
    """Load a plug-in anew, in the state and with the settings that are asked.

    Most plug-ins load on the main thread only.

    Raises:
        ValueError: saying what is wrong with the file, the state or a setting.
    """
    shown = Path(step.path).name
    if not Path(step.path).exists():
        raise ValueError(f"there is no plug-in {step.path}")
    try:
        plugin = pedalboard.load_plugin(  # type: ignore[attr-defined]  # not in its stubs
            step.path, plugin_name=step.name
        )
    except (ImportError, ValueError, RuntimeError) as error:
        raise ValueError(f"{shown} can't be loaded: {_first_lines(error)}") from error
    if not plugin.is_effect:
        raise ValueError(f"{shown} is an instrument: a chain is made of effects")
    if step.state is not None:
        _restore(plugin, Path(step.state), shown)
    apply_settings(plugin, settings, shown)  # type: ignore[arg-type]  # not in its stubs
    return plugin


def apply_settings(plugin: _Plugin, settings: Mapping[str, _Setting], shown: str) -> None:
    """Set parameters by their displayed names.

    Raises:
        ValueError: for a name that no parameter has, or a value that it does not take.
    """
    for name, value in settings.items():
        attribute = attribute_of(plugin, name, shown)
        try:
            setattr(plugin, attribute, value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{shown}: {name}: {error}") from error


def attribute_of(plugin: _Plugin, name: str, shown: str) -> str:
    """Return what pedalboard calls a parameter that the plug-in calls ``name``.

    Upper and lower case make no difference; pedalboard's own name will do, too.

    Raises:
        ValueError: where there is none, or several with that name.
    """
    wanted = _plain(name)
    displayed = {key: parameter.name for key, parameter in plugin.parameters.items()}
    found = [key for key, text in displayed.items() if _plain(text) == wanted]
    if name in displayed:  # it is exact where several show the same name
        return name
    if len(found) > 1:
        raise ValueError(
            f"{shown} has several parameters {name!r}: tell which by {' or '.join(found)}"
        )
    if not found:
        nearest = did_you_mean(name, displayed.values())
        known = nearest or f" (it has: {', '.join(displayed.values()) or 'none'})"
        raise ValueError(f"{shown} has no parameter {name!r}{known}")
    return found[0]


def _restore(plugin: pedalboard.Plugin, state: Path, shown: str) -> None:
    try:
        if state.suffix.lower() == ".vstpreset":
            plugin.load_preset(str(state))  # type: ignore[attr-defined]  # of external plug-ins
        else:
            plugin.raw_state = state.read_bytes()  # type: ignore[attr-defined]
    except OSError as error:
        raise ValueError(f"state {state} can't be read: {error.strerror}") from None
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{shown} does not take the state {state.name}: {error}") from error


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name.strip().casefold())


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split())
