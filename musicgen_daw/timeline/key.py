"""Musical keys: a tonic and a mode, read from the ways in which people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MODES", "Key", "parse_key"]

MODES = {
    "major": 0,
    "dorian": 2,
    "phrygian": 4,
    "lydian": 5,
    "mixolydian": 7,
    "minor": 9,
    "locrian": 11,
}
"""Each mode with the semitones from the tonic of the major scale of the same notes to its own."""

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_FLAT_SIGNATURES = {1, 3, 5, 8, 10}  # the major keys Db, Eb, F, Ab and Bb

_KEY = re.compile(r"([A-G])\s*(#|♯|b|♭|-?\s?sharp|-?\s?flat)?[\s-]*([a-z]*)", re.IGNORECASE)
_SHORT_MODES = {"m": "minor", "min": "minor", "aeolian": "minor", "maj": "major", "ionian": "major"}


@dataclass(frozen=True, slots=True)
class Key:
    """``tonic`` is a pitch class (0 is C, 11 is B), ``mode`` one of ``MODES``."""

    tonic: int
    mode: str = "major"

    def __post_init__(self) -> None:
        if not 0 <= self.tonic < 12 or self.mode not in MODES:
            raise ValueError(f"there is no key with tonic {self.tonic} and mode {self.mode!r}")

    def __str__(self) -> str:
        signature = (self.tonic - MODES[self.mode]) % 12
        names = _FLAT_NAMES if signature in _FLAT_SIGNATURES else _SHARP_NAMES
        return f"{names[self.tonic]} {self.mode}"


def parse_key(text: str) -> Key:
    """Read ``F minor``, ``F#m``, ``Bb dorian``, ``C``; without a mode it is major.

    Raises:
        ValueError: for a text that names no key.
    """
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no key: write one such as 'F minor', 'C#' or 'Bb dorian'")
    letter, accidental, word = match.groups()
    mode = _SHORT_MODES.get(word.lower(), word.lower()) or "major"
    if word == "M":  # the one place where capitals matter: CM is C major, Cm is C minor
        mode = "major"
    if mode not in MODES:
        raise ValueError(f"{text!r} is no key: the modes are {', '.join(MODES)}")
    return Key((_LETTERS[letter.upper()] + _semitones(accidental)) % 12, mode)


def _semitones(accidental: str | None) -> int:
    if not accidental:
        return 0
    return 1 if accidental in "#♯" or accidental.lower().endswith("sharp") else -1
