"""Who said a thing that can't be: the message about it names that file and place."""

from __future__ import annotations

from musicgen_daw.errors import MusicgenDawError, PlanError, PresetError, SettingsError, UsageError
from musicgen_daw.planning.direction import Wishes
from musicgen_daw.presets import Preset
from musicgen_daw.timeline import Cue

__all__ = ["blamed"]


def blamed(key: str, reason: str, cue: Cue, preset: Preset, wishes: Wishes) -> MusicgenDawError:
    """Return the error for what is wrong with ``key``, a setting, of whoever settled it.

    The cue, a flag, the preset, ``SHEET.toml`` and the user's settings are asked in this order,
    which is that of their strength. The path of the sheet is for the caller to add.
    """
    if getattr(cue.settings, key) is not None:
        return PlanError(f"cue {cue.name!r}: {reason}", place=cue.place or None)
    if getattr(wishes.flags, key, None) is not None:
        return UsageError(reason)
    if getattr(preset.generation, key) is not None:
        path = preset.path if preset.path is not None else f"preset {preset.name!r}"
        return PresetError(reason, path=path, place="[generation]")
    if getattr(wishes.sheet.defaults, key) is not None:
        return SettingsError(reason, path=f"{wishes.sheet.title}.toml")
    return SettingsError(f"{key}: {reason}", path="the settings file")
