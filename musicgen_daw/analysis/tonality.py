"""The key of a sound, from how much it has of each pitch class."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.analysis.harmony import pitch_classes
from musicgen_daw.audio import Audio
from musicgen_daw.timeline import MODES, Key

__all__ = ["HeardKey", "common_notes", "find_key"]

Values = NDArray[np.float64]

# How well each pitch class fits a key, as listeners judged it.
# Source: C. Krumhansl, Cognitive Foundations of Musical Pitch, 1990, table 2.1.
_PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}

_WINDOW_S = 0.5
_FRAMES_PER_SECOND = 4
_SURE_MARGIN = 0.2
_SURE_MATCH = 0.7
_SHORTEST_S = 4.0
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)


@dataclass(frozen=True, slots=True)
class HeardKey:
    """A key, major or minor, and how sure it is, from 0 to 1; at 0 there may be none."""

    key: Key
    confidence: float


def find_key(audio: Audio) -> HeardKey:
    """Return the key of a sound.

    It is the surer the better it fits, and the worse every key of clearly other notes does.
    """
    if float(audio.seconds) < _SHORTEST_S:
        return HeardKey(Key(0), 0.0)
    shares = pitch_classes(audio, _WINDOW_S, _FRAMES_PER_SECOND).mean(axis=0)
    if not float(np.ptp(shares)) > 0:
        return HeardKey(Key(0), 0.0)
    matches = {
        Key(tonic, mode): float(np.corrcoef(np.roll(profile, tonic), shares)[0, 1])
        for mode, profile in _PROFILES.items()
        for tonic in range(12)
    }
    best = max(matches, key=matches.__getitem__)
    others = [match for key, match in matches.items() if common_notes(key, best) < 6]
    margin = max(0.0, matches[best] - max(others)) / _SURE_MARGIN
    fit = min(1.0, max(0.0, matches[best]) / _SURE_MATCH)
    return HeardKey(best, fit * (1 - math.exp(-(margin**2))))


def common_notes(one: Key, other: Key) -> int:
    """Return how many of the seven notes of two keys are the same."""
    return len(_notes(one) & _notes(other))


def _notes(key: Key) -> set[int]:
    return {(key.tonic - MODES[key.mode] + step) % 12 for step in _MAJOR_SCALE}
