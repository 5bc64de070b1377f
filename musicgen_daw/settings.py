"""What a user prefers everywhere: one TOML file, read and never written.

    preset = "tense-strings"
    takes = 3
    rate = 48000
    fps = "29.97df"

    [segmind]
    at_once = 8

Everything in it is the weakest wish: the sheet, a preset, the environment and a flag all beat it.
A key of a service never stands in it.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from musicgen_daw.errors import SettingsError, did_you_mean
from musicgen_daw.home import in_home
from musicgen_daw.small_files import read_small
from musicgen_daw.toml_values import as_number, as_switch, as_text, as_whole, kind_of

__all__ = [
    "BATCH_RANGE",
    "BIT_DEPTHS",
    "BUDGET_USD_RANGE",
    "FILE_FORMATS",
    "FRAME_RATE_NAMES",
    "LUFS_RANGE",
    "SAMPLE_RATE_RANGE",
    "SEED_RANGE",
    "SETTINGS_VARIABLE",
    "TAKES_RANGE",
    "TRIES_RANGE",
    "BitDepth",
    "SegmindSettings",
    "Settings",
    "load",
    "parse",
    "read_segmind",
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
BATCH_RANGE = (1, 1024)
TRIES_RANGE = (1, 16)
BUDGET_USD_RANGE = (0, 100_000)

NumberT = TypeVar("NumberT", int, float)

_KEY_PLACE = ": a service's key stands in no file, 'musicgen-daw auth login' keeps it"


@dataclass(frozen=True, slots=True)
class SegmindSettings:
    """How the hosted generator is called, each ``None`` where nothing is said.

    ``base_url`` is the service's root, ``history_url`` where it tells its past requests. ``api``
    is ``auto``, ``v1`` or ``v2``. ``at_once`` counts calls, ``rate_per_minute`` calls a minute, 0
    without limit. ``tries`` is how often a call is made that the service refuses for a while,
    ``longest_wait_s`` how long it may ask to wait, and the most that is waited unasked,
    ``job_timeout_s`` how long a job may take.
    ``allow_http`` lets the key go unencrypted to another machine.
    """

    base_url: str | None = None
    history_url: str | None = None
    model: str | None = None
    api: str | None = None
    at_once: int | None = None
    rate_per_minute: float | None = None
    connect_timeout_s: float | None = None
    read_timeout_s: float | None = None
    job_timeout_s: float | None = None
    longest_wait_s: float | None = None
    tries: int | None = None
    allow_http: bool | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's preferences, each ``None`` where the file says nothing.

    The names are those of the flags. ``fps`` names a frame rate, ``timecode_start`` is a label
    such as ``01:00:00:00``; ``store`` and ``presets`` are folders. ``budget`` is in US dollars.
    ``to`` names the hand-offs that a render writes. ``c2pa_cert`` and ``c2pa_key`` are files: a
    certificate chain and its key, with which a render signs.
    ``model`` is a checkpoint's folder or id, ``precision``, ``device`` and ``batch`` say how it
    is run. ``soundfont`` is a file that the built-in composer's scores are played with.
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
    budget: Decimal | None = None
    tries: int | None = None
    to: tuple[str, ...] | None = None
    model: str | None = None
    precision: str | None = None
    device: str | None = None
    batch: int | None = None
    soundfont: Path | None = None
    c2pa_cert: Path | None = None
    c2pa_key: Path | None = None
    segmind: SegmindSettings = field(default_factory=SegmindSettings)


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
        text = read_small(path).decode("utf-8")
    except UnicodeDecodeError as error:
        reason = "no UTF-8 text: save it as UTF-8"
        raise SettingsError(reason, path=path, place=f"byte {error.start}") from None
    except OSError as error:
        raise SettingsError(f"can't be read: {error.strerror}", path=path) from None
    return parse(text, path)


def settings_path(environment: Mapping[str, str]) -> Path:
    """Return where the settings of this machine's user are, whether or not there are any."""
    if named := environment.get(SETTINGS_VARIABLE):
        return in_home(named)
    import platformdirs  # only where nothing else is named

    return platformdirs.user_config_path("musicgen-daw", appauthor=False) / "settings.toml"


def parse(text: str, path: Path) -> Settings:
    """Return the settings that a TOML text says; paths count from the file's own folder.

    Raises:
        SettingsError: for a syntax error, an unknown key, or a wrong value.
    """
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"no TOML: {error}", path=path) from None
    values = _read(table, _READERS, path)
    if "segmind" in table:
        values["segmind"] = read_segmind(values["segmind"], path, "[segmind]")
    for name in _PATHS & values.keys():
        values[name] = path.parent / values[name]
    return Settings(**values)


def read_segmind(
    table: Mapping[str, object], path: object, place: str | None = None
) -> SegmindSettings:
    """Return the settings of the hosted generator that a table says; ``path`` and ``place`` are
    for the messages.

    Raises:
        SettingsError: for an unknown key, or a wrong value.
    """
    return SegmindSettings(**_read(table, _SEGMIND_READERS, path, place))


def _read(
    table: Mapping[str, object],
    readers: Mapping[str, Callable[[object], Any]],
    path: object,
    place: str | None = None,
) -> dict[str, Any]:
    values = {}
    for key, value in table.items():
        if key not in readers:
            hint = _KEY_PLACE if key.endswith("key") else did_you_mean(key, readers)
            raise SettingsError(f"unknown key {key!r}{hint}", path=path, place=place)
        try:
            values[key] = readers[key](value)
        except (TypeError, ValueError) as error:
            raise SettingsError(f"{key} {error}", path=path, place=place) from None
    return values


def _text(value: object) -> str:
    text = as_text(value)
    if not text.strip():
        raise ValueError("is empty: leave it out instead")
    return text


def _whole(low: int, high: int) -> Callable[[object], int]:
    return lambda value: _within(as_whole(value), low, high)


def _number(low: float, high: float) -> Callable[[object], float]:
    return lambda value: _within(as_number(value), low, high)


def _within(value: NumberT, low: float, high: float) -> NumberT:
    if not low <= value <= high:  # NaN doesn't
        raise ValueError(f"= {value:.12g} must lie between {low} and {high}")
    return value


def _dollars(value: object) -> Decimal:
    """Read an amount as it is written: 0.1 is ten cents, and no binary fraction near it."""
    return Decimal(str(_number(*BUDGET_USD_RANGE)(value)))


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"must be a list of names in quotes, not {kind_of(value)}")
    return tuple(value)


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"must be a table, not {kind_of(value)}")
    return value


def _one_of(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = str(value).strip().lower()  # 24 as well as "24"
        if isinstance(value, bool) or text not in known:
            names, hint = ", ".join(known), did_you_mean(text, known)
            raise ValueError(f"must be one of {names}, not {kind_of(value)}{hint}")
        return text

    return read


def _timecode(value: object) -> str:
    text = _text(value).strip()
    if re.fullmatch(r"\d{1,2}:\d\d:\d\d[:;.]\d\d", text) is None:
        raise ValueError(f"= {text!r} is no timecode, such as '01:00:00:00'")
    return text


def _path(value: object) -> Path:
    text = _text(value)
    if "\0" in text:
        raise ValueError("can't be a path: it holds a null character")
    return in_home(text)


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
    "store": _path,
    "presets": _path,
    "budget": _dollars,
    "tries": _whole(*TRIES_RANGE),
    "to": _names,
    "model": _text,
    "precision": _text,
    "device": _text,
    "batch": _whole(*BATCH_RANGE),
    "soundfont": _path,
    "c2pa_cert": _path,
    "c2pa_key": _path,
    "segmind": _table,
}

_PATHS = frozenset(name for name, reader in _READERS.items() if reader is _path)
"""The settings that count from the folder of their file."""

_SEGMIND_READERS: dict[str, Callable[[object], Any]] = {
    "base_url": _text,
    "history_url": _text,
    "model": _text,
    "api": _one_of("auto", "v1", "v2"),
    "at_once": _whole(1, 64),
    "rate_per_minute": _number(0, 100_000),
    "connect_timeout_s": _number(0.1, 600),
    "read_timeout_s": _number(0.1, 3600),
    "job_timeout_s": _number(0.1, 24 * 3600),
    "longest_wait_s": _number(0, 24 * 3600),
    "tries": _whole(1, 20),
    "allow_http": as_switch,
}
