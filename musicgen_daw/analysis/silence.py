"""Silence at the edges of a sound."""

from __future__ import annotations

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.audio.levels import db_to_gain

__all__ = ["HEAD_THRESHOLD_DB", "head_silence_samples"]

HEAD_THRESHOLD_DB = -50.0
"""How far below its peak a sound has begun, if nobody says otherwise."""

_ATTACK_MS = 2.0


def head_silence_samples(audio: Audio, threshold_db: float = HEAD_THRESHOLD_DB) -> int:
    """Return how much of the head may go: up to 2 ms before the sound first passes a threshold.

    The threshold counts from the sound's own peak. Of silence nothing may go.
    """
    loudest = np.abs(audio.samples).max(axis=0)
    peak = float(loudest.max(initial=0.0))
    if not peak:
        return 0
    first = int(np.argmax(loudest >= peak * db_to_gain(threshold_db)))
    return max(0, first - round(_ATTACK_MS * audio.sample_rate / 1000))
