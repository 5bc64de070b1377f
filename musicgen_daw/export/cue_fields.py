"""A cue's own settings as text, in the words of a marker (``key=value``) or a column of a sheet."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction

from musicgen_daw.formats.decimals import decimal
from musicgen_daw.timeline import Cue, CueSettings, IntensityLane, Meter

__all__ = ["setting_texts", "used_keys"]

# The length keys are spent when a sheet is read: the end of the cue tells them.
_KEYS = tuple(
    field.name
    for field in dataclasses.fields(CueSettings)
    if field.name not in ("beats", "bars", "seconds")
)


def setting_texts(settings: CueSettings) -> dict[str, str]:
    """Return what a cue sets for itself by key, in the order of ``CueSettings``."""
    values = {key: getattr(settings, key) for key in _KEYS}
    return {key: _text(value) for key, value in values.items() if value is not None}


def used_keys(cues: Sequence[Cue]) -> list[str]:
    """Return the keys that some cue sets, in the order of ``CueSettings``."""
    return [key for key in _KEYS if any(getattr(cue.settings, key) is not None for cue in cues)]


def _text(value: str | float | bool | Fraction | Meter | IntensityLane) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        return decimal(value)
    return str(value)
