"""A clip's tempo and key beside those that were asked, for generators that hear neither.

Both are only judged where they are heard beyond doubt: another try costs time or money.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from musicgen_daw.analysis.onsets import find_onsets
from musicgen_daw.analysis.rhythm import find_tempo
from musicgen_daw.analysis.tonality import common_notes, find_key
from musicgen_daw.audio import Audio
from musicgen_daw.planning.plan import Expectation
from musicgen_daw.timeline import parse_key

__all__ = ["Heard", "listen"]

SURE = 0.8
"""The confidence from which on a tempo or key counts as heard."""

_LOWEST_RATE = 4_000
"""Below, a sound has too little left of music to be judged."""

_MOST_OFF = 0.04
"""A tempo that is off by less can be conformed to."""

_LEAST_COMMON_NOTES = 6
"""A key with fewer notes of the asked one is another; those nearer are easily taken for it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that was listened for: what it is called, what was heard, and how that is wrong."""

    name: str
    found: str
    miss: str | None


def listen(sound: Audio, expected: Expectation) -> Iterator[Heard]:
    """Yield what is heard of all that is expected. ``miss`` goes on after "the clip"."""
    if sound.sample_rate < _LOWEST_RATE:
        return
    if expected.bpm is not None:
        yield _tempo(sound, float(expected.bpm))
    if expected.key is not None:
        yield _key(sound, expected.key)


def _tempo(sound: Audio, asked_bpm: float) -> Heard:
    tempo = find_tempo(find_onsets(sound), asked_bpm)
    is_off = abs(tempo.bpm / asked_bpm - 1) > _MOST_OFF
    told = f"{tempo.bpm:.1f} bpm"
    miss = f"plays at {told}, not at {asked_bpm:.4g}" if is_off else None
    return Heard("tempo", _with_confidence(told, tempo.confidence), _sure(miss, tempo.confidence))


def _key(sound: Audio, asked: str) -> Heard:
    heard = find_key(sound)
    is_other = common_notes(heard.key, parse_key(asked)) < _LEAST_COMMON_NOTES
    miss = f"is in {heard.key}, not in {asked}" if is_other else None
    return Heard(
        "key", _with_confidence(str(heard.key), heard.confidence), _sure(miss, heard.confidence)
    )


def _with_confidence(told: str, confidence: float) -> str:
    return f"{told} (confidence {confidence:.2f})"


def _sure(miss: str | None, confidence: float) -> str | None:
    return miss if confidence >= SURE else None
