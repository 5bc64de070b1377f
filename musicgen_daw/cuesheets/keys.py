"""The settings of a cue: one table for markers, the columns of a CSV sheet and ``SHEET.toml``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from musicgen_daw.errors import did_you_mean
from musicgen_daw.presets.schema import ENDINGS
from musicgen_daw.settings import LUFS_RANGE, SEED_RANGE, TAKES_RANGE
from musicgen_daw.timeline import CueSettings, IntensityLane, parse_key, parse_meter, us_per_beat

__all__ = ["KEYS", "LENGTH_KEYS", "parse_number", "parse_seconds", "settings_of"]

MAX_SECONDS = 24 * 3600

# Few digits and no exponent: 1e999999999 is a number too, one that fills the memory.
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}([.,][0-9]{1,18})?|[+-]?[.,][0-9]{1,18}")
_FRACTION = re.compile(r"[0-9]{1,6}/[0-9]{1,6}")
_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def parse_number(text: str) -> Fraction:
    """Read a plain decimal number, exactly; a comma is a decimal point too.

    Raises:
        ValueError: for anything else, numbers with exponents included.
    """
    if not _NUMBER.fullmatch(text):
        if text.isascii() and text.isdigit():
            raise ValueError(f"{text[:20]}… has {len(text)} digits, which is too large a number")
        raise ValueError(f"{text!r} is not a number")
    whole, _, part = text.replace(",", ".").partition(".")
    return Fraction(int(whole + part), 10 ** len(part))  # twice as quick as from the text


def parse_seconds(text: str) -> Fraction:
    """Read seconds, as ``0.4``, ``0.4s`` or ``400ms``.

    Raises:
        ValueError: for anything else.
    """
    if text.endswith("ms"):
        return parse_number(text.removesuffix("ms").strip()) / 1000
    return parse_number(text.removesuffix("s").strip())


def _within(
    low: int, high: int, parse: Callable[[str], Fraction] = parse_number
) -> Callable[[str], Fraction]:
    def parser(text: str) -> Fraction:
        value = parse(text)
        if not low <= value <= high:
            raise ValueError(f"{text} is not from {low} to {high}")
        return value

    return parser


def _whole(low: int, high: int) -> Callable[[str], int]:
    number = _within(low, high)

    def parser(text: str) -> int:
        value = number(text)
        if value.denominator != 1:
            raise ValueError(f"{text} is not a whole number")
        return int(value)

    return parser


def _length(parse: Callable[[str], Fraction] = parse_number) -> Callable[[str], Fraction]:
    """Return a parser for lengths: positive, and musical ones also as ``3/4``."""

    def parser(text: str) -> Fraction:
        numerator, _, denominator = text.partition("/")
        if _FRACTION.fullmatch(text) and int(denominator):
            value = Fraction(int(numerator), int(denominator))
        else:
            value = parse(text)
        if not 0 < value <= MAX_SECONDS:
            raise ValueError(f"{text} is no length: it must be positive and at most a day")
        return value

    return parser


def _words(text: str) -> str:
    return text


def _bpm(text: str) -> Fraction:
    value = _within(1, 999)(text)
    us_per_beat(value)  # refuses what MIDI's three bytes can't hold
    return value


def _key(text: str) -> str:
    return str(parse_key(text))


def _ending(text: str) -> str:
    if text.lower() not in ENDINGS:
        hint = did_you_mean(text.lower(), ENDINGS)
        raise ValueError(f"{text!r} is no ending: use one of {', '.join(ENDINGS)}{hint}")
    return text.lower()


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError(f"{text!r} is neither yes nor no")
    return _TRUTHS[text.lower()]


def _lufs(text: str) -> float:
    return float(_within(*LUFS_RANGE)(text))


KEYS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "preset": _words,
        "prompt": _words,
        "seed": _whole(*SEED_RANGE),
        "takes": _whole(*TAKES_RANGE),
        "backend": _words,
        "beats": _length(),
        "bars": _length(),
        "seconds": _length(parse_seconds),
        "tail": _within(0, 600, parse_seconds),
        "bpm": _bpm,
        "key": _key,
        "meter": parse_meter,
        "style": _words,
        "intensity": IntensityLane.parse,
        "theme": _words,
        "loop": _truth,
        "end": _ending,
        "transition": _words,
        "fade_in": _within(0, 600, parse_seconds),
        "fade_out": _within(0, 600, parse_seconds),
        "lufs": _lufs,
        "audio_prompt": _words,
        "melody": _words,
        "soundfont": _words,
    }
)
"""Each key, which is a field of ``CueSettings``, with the parser of its text."""

LENGTH_KEYS = ("beats", "bars", "seconds")


def settings_of(pairs: Iterable[tuple[str, str]]) -> CueSettings:
    """Return the settings that keys and their texts give; an empty text says nothing.

    Raises:
        ValueError: for an unknown key, a key or a length said twice, or a text that its key can't
            mean; the message begins with the key.
    """
    values: dict[str, Any] = {}
    for key, text in pairs:
        if key not in KEYS:
            raise ValueError(f"unknown key {key!r}{did_you_mean(key, KEYS)}")
        if key in values:
            raise ValueError(f"{key} is said twice")
        if text:
            try:
                values[key] = KEYS[key](text)
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from None
    lengths = [key for key in LENGTH_KEYS if key in values]
    if len(lengths) > 1:
        raise ValueError(f"{' and '.join(lengths)} give the length twice: keep one")
    return CueSettings(**values)
