"""Tempo and meter that a prompt's words tell: "waltz, 3/4, 82 bpm"."""

from __future__ import annotations

import re
from fractions import Fraction

from musicgen_daw.timeline import GROUPED_METER, MODES, Meter, parse_key, parse_meter

__all__ = ["bpm_in", "key_in", "meter_in", "mode_in"]

_NUMBER = r"\d{2,3}(?:\.\d{1,3})?"
_BPM = re.compile(
    rf"(?<![\w.])(?:({_NUMBER})\s*(?:-|–|to)\s*)?({_NUMBER})\s*-?(?:bpm|beats (?:per|a) minute)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"\b(?:no|not|never|without|avoid)\s+$", re.IGNORECASE)
_METER = re.compile(r"(?<![\w./+])([2-9]|1\d)/(2|4|8|16)(?![\w/])")
_KEY = re.compile(
    r"(?<![\w'])(?P<tonic>[A-G](?:[#♯♭b]|[ -](?:sharp|flat))?)"
    rf"(?:[ -]?(?:(?:natural|harmonic|melodic)[ -])?(?P<mode>{'|'.join(MODES)})|m)(?![\w#])",
    re.IGNORECASE,
)

_SAME_MODES = {"ionian": "major", "aeolian": "minor"}
_MODE = re.compile(rf"\b(?:{'|'.join((*MODES, *_SAME_MODES))})\b", re.IGNORECASE)

SLOWEST_BPM, FASTEST_BPM = 20, 400


def bpm_in(text: str | None) -> Fraction | None:
    """Return the first tempo that a text names, if there is one that music can have.

    A range means its middle; "not 120 bpm" names none.
    """
    text = text or ""
    named = (match for match in _BPM.finditer(text) if not _NEGATION.search(text[: match.start()]))
    match = next(named, None)
    bpm = Fraction(match[2]) if match else None
    if match and bpm and match[1] and Fraction(match[1]) < bpm:
        bpm = (Fraction(match[1]) + bpm) / 2
    return bpm if bpm is not None and SLOWEST_BPM <= bpm <= FASTEST_BPM else None


def meter_in(text: str | None) -> Meter | None:
    """Return the first meter that a text names; groups that no bar can have are none of it."""
    text = text or ""
    match, grouped = _METER.search(text), GROUPED_METER.search(text)
    if grouped and (match is None or grouped.start() <= match.start()):
        try:
            return parse_meter(grouped[0])
        except ValueError:
            pass
    return Meter(int(match[1]), int(match[2])) if match else None


def key_in(text: str | None) -> str | None:
    """Return the last whole key that a text names: ``F# minor`` of "sad, in F#m"."""
    text = text or ""
    keys = [
        parse_key(f"{match['tonic']} {match['mode'] or 'minor'}")
        for match in _KEY.finditer(text)
        if not _NEGATION.search(text[: match.start()])
        and match["tonic"] != "a"  # an article, as in "a minor key"
        and (match["mode"] or match["tonic"][0].isupper())  # else the word "am"
    ]
    return str(keys[-1]) if keys else None


def mode_in(text: str | None) -> str | None:
    """Return the first mode that a text names, with a tonic or without: ``dorian``."""
    text = text or ""
    named = (m[0].lower() for m in _MODE.finditer(text) if not _NEGATION.search(text[: m.start()]))
    mode = next(named, None)
    return _SAME_MODES.get(mode or "", mode)
