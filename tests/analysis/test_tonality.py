from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.analysis.tonality import common_notes, find_key
from musicgen_daw.audio import Audio
from musicgen_daw.timeline import Key, parse_key

RATE = 32_000


def chords(key: Key, seconds: float = 12.0) -> Audio:
    """Tonic, subdominant, dominant and tonic again, in triads with overtones."""
    third, scale = (4, (0, 5, 7, 0)) if key.mode == "major" else (3, (0, 5, 7, 0))
    times_s = np.arange(int(seconds / 4 * RATE)) / RATE
    bars = []
    for degree in scale:
        upper = 4 if degree == 7 else third
        notes = [48 + key.tonic + degree + step for step in (0, upper, 7)]
        pitches = [440 * 2 ** ((note - 69) / 12) for note in notes]
        waves = [np.sin(2 * np.pi * hz * n * times_s) / n for hz in pitches for n in (1, 2, 3)]
        bars.append(np.sum(waves, axis=0))
    return Audio(0.05 * np.concatenate(bars)[np.newaxis].astype(np.float32), RATE)


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(0, 12, 2))
def test_the_key_of_a_cadence_is_found(tonic, mode):
    found = find_key(chords(Key(tonic, mode)))
    assert found.key == Key(tonic, mode)
    assert found.confidence > 0.8


@pytest.mark.parametrize("style", ["action-hybrid", "lofi", "chiptune", "cinematic-tension"])
def test_where_a_key_is_sure_it_is_no_far_one(played, style):
    """The sketched music of the shared fixture is in D minor, the composer's own choice."""
    found = find_key(played(style, 100))
    again = find_key(played(style, 100))
    assert found == again
    assert 0 <= found.confidence <= 1


@pytest.mark.parametrize("seed", range(4))
def test_noise_has_no_key(seed):
    noise = np.random.default_rng(seed).normal(0, 0.1, (2, 10 * RATE)).astype(np.float32)
    assert find_key(Audio(noise, RATE)).confidence < 0.5


@pytest.mark.parametrize("samples", [0, 1, 1000, 3 * RATE])
def test_what_is_short_or_silent_has_no_key(samples):
    assert find_key(Audio(np.zeros((1, samples), np.float32), RATE)).confidence == 0
    assert find_key(Audio.silence(20 * RATE, RATE, 1)).confidence == 0


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("C", "A minor", 7), ("C", "G", 6), ("C", "D dorian", 7), ("C", "F#", 2), ("C", "C minor", 4)],
)
def test_keys_share_notes(one, other, count):
    assert common_notes(parse_key(one), parse_key(other)) == count
    assert common_notes(parse_key(other), parse_key(one)) == count
