"""VST3 and Audio Unit plug-ins: by path, with parameters by the names that they show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pedalboard

from musicgen_daw.errors import did_you_mean
from musicgen_daw.presets.chain import PluginStep
from musicgen_daw.small_files import read_small

__all__ = ["State", "apply_settings", "attribute_of", "built_plugin", "read_state", "restore"]

_Setting = float | int | bool | str

_MOST_STATE_BYTES = 1 << 28
"""A sampler keeps its sounds in its state."""

_PRESET_BEGINNING = b"VST3"


class _Parameter(Protocol):
    """What pedalboard tells of one parameter of a plug-in."""

    @property
    def name(self) -> str: ...


class _Plugin(Protocol):
    """What is needed of a plug-in to set it."""

    @property
    def parameters(self) -> Mapping[str, _Parameter]: ...


class _Stateful(Protocol):
    """What is needed of a plug-in to restore a state of it."""

    raw_state: bytes

    def load_preset(self, path: str) -> None: ...


def built_plugin(step: PluginStep, settings: Mapping[str, _Setting]) -> pedalboard.Plugin:
    """Load a plug-in anew, in the state and with the settings that are asked.

    Most plug-ins load on the main thread only.

    Raises:
        ValueError: saying what is wrong with the file, the state or a setting.
    """
    shown = Path(step.path).name
    if not Path(step.path).exists():
        raise ValueError(f"there is no plug-in {step.path}")
    state = None if step.state is None else read_state(Path(step.state))
    try:
        plugin = pedalboard.load_plugin(  # type: ignore[attr-defined]  # not in its stubs
            step.path, plugin_name=step.name
        )
    except (ImportError, ValueError, RuntimeError) as error:
        raise ValueError(f"{shown} can't be loaded: {_first_lines(error)}") from error
    if not plugin.is_effect:
        raise ValueError(f"{shown} is an instrument: a chain is made of effects")
    if state is not None:
        restore(plugin, state, shown)  # type: ignore[arg-type]  # not in its stubs
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


@dataclass(frozen=True, slots=True)
class State:
    """The content of a file that holds what a plug-in is set to."""

    path: Path
    content: bytes

    @property
    def is_preset(self) -> bool:
        """Whether it is a preset in Steinberg's format, rather than the plug-in's own bytes."""
        return self.path.suffix.lower() == ".vstpreset"


def read_state(path: Path) -> State:
    """Read a state, before the plug-in that is to take it is loaded, which may take seconds.

    Raises:
        ValueError: where the file can't be read, is empty, or is no preset though it is called so.
    """
    try:
        state = State(path, read_small(path, _MOST_STATE_BYTES))
    except OSError as error:
        raise ValueError(f"state {path} can't be read: {error.strerror}") from None
    if not state.content:
        raise ValueError(f"state {path} is empty")
    if state.is_preset and not state.content.startswith(_PRESET_BEGINNING):
        raise ValueError(f"state {path} is no VST3 preset: save it again from the plug-in")
    return state


def restore(plugin: _Stateful, state: State, shown: str) -> None:
    """Set a plug-in to a state.

    Raises:
        ValueError: where it doesn't take it.
    """
    try:
        if state.is_preset:
            plugin.load_preset(str(state.path))
        else:
            plugin.raw_state = state.content
    except (OSError, RuntimeError, ValueError) as error:
        reason = f"{shown} does not take the state {state.path.name}: {_first_lines(error)}"
        raise ValueError(reason) from error


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name.strip().casefold())


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split())
