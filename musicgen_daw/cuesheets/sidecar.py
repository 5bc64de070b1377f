"""``SHEET.toml`` beside a sheet: what its file can't say, written by hand.

frame_rate = "25"
bit_depth = "24"
timecode_start = "01:00:00:00"
bpm = 96
preset = "tense-strings"

[cues."1M1 Chase"]
preset = "action-hybrid"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

from musicgen_daw.cuesheets.keys import KEYS, LENGTH_KEYS, settings_of
from musicgen_daw.cuesheets.reader import SheetOptions
from musicgen_daw.errors import SettingsError, did_you_mean
from musicgen_daw.settings import BIT_DEPTHS, FILE_FORMATS, SAMPLE_RATE_RANGE, BitDepth
from musicgen_daw.timeline import CueSettings, FrameRate

__all__ = ["parse"]

_ALIASES = {"tempo": "bpm", "fps": "frame_rate", "sample_rate": "rate"}
_SHEET_KEYS = (
    "rate", "bit_depth", "format", "frame_rate", "timecode_start", "charset", "seed", "cues"
)  # fmt: skip


def parse(text: str) -> SheetOptions:
    """Read the text of a ``SHEET.toml``.

    Raises:
        SettingsError: for what is no TOML, an unknown key or an impossible value.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers with thousands of digits, too
        raise SettingsError(f"not TOML: {error}") from None
    table = _renamed(table)
    cues = table.pop("cues", {})
    if not isinstance(cues, dict):
        raise SettingsError('cues must be tables such as [cues."1M1"]', place="[cues]")
    options = SheetOptions(
        cues=MappingProxyType({name: _cue_settings(name, said) for name, said in cues.items()})
    )
    return _with_sheet_keys(options, table)


def _with_sheet_keys(options: SheetOptions, table: dict[str, Any]) -> SheetOptions:
    settings: dict[str, Any] = {}
    for key, value in table.items():
        if key in LENGTH_KEYS:
            raise SettingsError(f'{key} belongs under a cue: [cues."NAME"]')
        if key == "rate":
            options = replace(options, sample_rate=_sample_rate(value))
        elif key == "bit_depth":
            depth = cast(BitDepth, _one_of(BIT_DEPTHS, key, value))
            options = replace(options, bit_depth=depth)
        elif key == "format":
            options = replace(options, file_format=_one_of(FILE_FORMATS, key, value))
        elif key == "frame_rate":
            options = replace(options, frame_rate=_frame_rate(value))
        elif key == "timecode_start":
            options = replace(options, start_timecode=_text("", key, value))
        elif key == "charset":
            options = replace(options, charset=_charset(value))
        elif key in KEYS:
            settings[key] = value
        else:
            raise SettingsError(f"unknown key {key!r}{did_you_mean(key, (*_SHEET_KEYS, *KEYS))}")
    defaults = _settings("", settings)
    return replace(options, seed=defaults.seed, defaults=replace(defaults, seed=None))


def _cue_settings(name: str, said: Any) -> CueSettings:
    place = f'[cues."{name}"]'
    if not isinstance(said, dict):
        raise SettingsError("must be a table of settings", place=place)
    return _settings(place, _renamed(said))


def _renamed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table with one name for each key."""
    for alias, key in _ALIASES.items():
        if alias in said and key in said:
            raise SettingsError(f"{alias} and {key} say the same thing: keep one")
    return {_ALIASES.get(key, key): value for key, value in said.items()}


def _settings(place: str, said: Mapping[str, Any]) -> CueSettings:
    try:
        return settings_of((key, _text(place, key, value)) for key, value in said.items())
    except ValueError as error:
        raise SettingsError(str(error), place=place or None) from None


def _text(place: str, key: str, value: Any) -> str:
    """Return a TOML value as the text that a marker would have."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    raise SettingsError(f"{key} must be a text or a number", place=place or None)


def _sample_rate(value: Any) -> int:
    low, high = SAMPLE_RATE_RANGE
    if not isinstance(value, int) or not low <= value <= high:
        raise SettingsError(f"rate must be a sample rate from {low} to {high}, such as 48000")
    return value


def _one_of(known: Sequence[str], key: str, value: Any) -> str:
    text = _text("", key, value).lower()  # 24 as well as "24"
    if text not in known:
        nearest = did_you_mean(text, known)
        raise SettingsError(f"{key}: {text!r} is none of {', '.join(known)}{nearest}")
    return text


def _charset(value: Any) -> str:
    charset = _text("", "charset", value)
    try:
        b"a".decode(charset)
    except UnicodeError:
        return charset  # known, and no matter that this is no text in it
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        reason = f"charset: unknown charset {charset!r}: try utf-8 or cp1252"
        raise SettingsError(reason) from None
    return charset


def _frame_rate(value: Any) -> FrameRate:
    try:
        return FrameRate.named(_text("", "frame_rate", value))
    except ValueError as error:
        raise SettingsError(f"frame_rate: {error}") from None
