"""What a user prefers everywhere: one TOML file, read and never written.

    preset = "tense-strings"
    takes = 3
    rate = 48000
    fps = "29.97df"

Everything in it is the weakest wish: the sheet, a preset, the environment and a flag all beat it.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from musicgen_daw.errors import SettingsError, did_you_mean

__all__ = [
    "BIT_DEPTHS",
    "FILE_FORMATS",
    "FRAME_RATE_NAMES",
    "LUFS_RANGE",
    "SAMPLE_RATE_RANGE",
    "SEED_RANGE",
    "SETTINGS_VARIABLE",
    "TAKES_RANGE",
    "BitDepth",
    "Settings",
    "load",
    "parse",
    "settings_path",
]

SETTINGS_VARIABLE = "MUSICGEN_DAW_SETTINGS"
"""The environment variable that names another settings file."""

BitDepth = Literal["16", "24", "32f"]
BIT_DEPTHS: tuple[BitDepth, ...] = get_args(BitDepth)
FILE_FORMATS = ("wav", "flac", "aiff", "ogg", "mp3")
FRAME_RATE_NAMES = (
    "23.976", "24", "25", "29.97", "29.97df", "30", "30df", "48", "50", "59.94", "59.94df", "60",
)  # fmt: skip

# What may be asked for, in whichever file or flag it is asked: lowest and highest.
TAKES_RANGE = (1, 64)
SEED_RANGE = (0, 2**63 - 1)
SAMPLE_RATE_RANGE = (8_000, 192_000)
LUFS_RANGE = (-70, 0)


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's preferences, each ``None`` where the file says nothing.

    The names are those of the flags. ``fps`` names a frame rate, ``timecode_start`` is a label
    such as ``01:00:00:00``; ``store`` and ``presets`` are folders.
    """

    preset: str | None = None
    backend: str | None = None
    takes: int | None = None
    seed: int | None = None
    rate: int | None = None
    bit_depth: BitDepth | None = None
    format: str | None = None
    fps: str | None = None
    timecode_start: str | None = None
    store: Path | None = None
    presets: Path | None = None


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a file; without ``path``, of the user's own, if there is one.

    Raises:
        SettingsError: when the file can't be read, or a key or value in it is wrong. A file that
            was asked for, by ``path`` or by the environment, must exist.
    """
    environment = os.environ if environment is None else environment
    asked_for = path is not None or bool(environment.get(SETTINGS_VARIABLE))
    path = path if path is not None else settings_path(environment)
    if not asked_for and not path.exists():
        return Settings()
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        reason = "no UTF-8 text: save it as UTF-8"
        raise SettingsError(reason, path=path, place=f"byte {error.start}") from None
    except OSError as error:
        raise SettingsError(f"can't be read: {error.strerror}", path=path) from None
    return parse(text, path)


def settings_path(environment: Mapping[str, str]) -> Path:
    """Return where the settings of this machine's user are, whether or not there are any."""
    if named := environment.get(SETTINGS_VARIABLE):
        return Path(named).expanduser()
    import platformdirs  # only where nothing else is named

    return platformdirs.user_config_path("musicgen-daw", appauthor=False) / "settings.toml"


def parse(text: str, path: Path) -> Settings:
    """Return the settings that a TOML text says; folders count from the file's own folder.

    Raises:
        SettingsError: for a syntax error, an unknown key, or a wrong value.
    """
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"no TOML: {error}", path=path) from None
    values = {}
    for key, value in table.items():
        if key not in _READERS:
            nearest = did_you_mean(key, _READERS)
            raise SettingsError(f"unknown key {key!r}{nearest}", path=path)
        try:
            values[key] = _READERS[key](value)
        except (TypeError, ValueError) as error:
            raise SettingsError(f"{key} = {_shown(value)} {error}", path=path) from None
    for folder in {"store", "presets"} & values.keys():
        values[folder] = path.parent / values[folder]
    return Settings(**values)


def _shown(value: object) -> str:
    """Return a value as TOML writes it, a table or list only by its kind."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return repr(value) if isinstance(value, str) else str(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("must be text in quotes")
    if not value.strip():
        raise ValueError("is empty: leave it out instead")
    return value


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError("must be a whole number")
        if not low <= value <= high:
            raise ValueError(f"must lie between {low} and {high}")
        return value

    return read


def _one_of(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = str(value).strip().lower()  # 24 as well as "24"
        if isinstance(value, bool) or text not in known:
            raise ValueError(f"is none of {', '.join(known)}{did_you_mean(text, known)}")
        return text

    return read


def _timecode(value: object) -> str:
    text = _text(value).strip()
    if re.fullmatch(r"\d{1,2}:\d\d:\d\d[:;.]\d\d", text) is None:
        raise ValueError("is no timecode, such as '01:00:00:00'")
    return text


def _folder(value: object) -> Path:
    return Path(_text(value)).expanduser()


_READERS: dict[str, Callable[[object], Any]] = {
    "preset": _text,
    "backend": _text,
    "takes": _whole(*TAKES_RANGE),
    "seed": _whole(*SEED_RANGE),
    "rate": _whole(*SAMPLE_RATE_RANGE),
    "bit_depth": _one_of(*BIT_DEPTHS),
    "format": _one_of(*FILE_FORMATS),
    "fps": _one_of(*FRAME_RATE_NAMES),
    "timecode_start": _timecode,
    "store": _folder,
    "presets": _folder,
}
