"""A count-in for a generator that hears no tempo or key but goes on from sound.

    bars      |       |       |            whole bars before the clip, up to eight seconds
    clicks    X . . . X . . . X            a higher click on each downbeat
    chords    C . . . C . . . C            the tonic triad on each pulse, with a bass on downbeats
                              └ the clip begins here, perhaps inside a bar

It stands where an audio prompt stands and is no part of the clip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Audio
from musicgen_daw.timeline import MODES, Key, TempoMap, parse_key, to_samples

__all__ = ["guide_track"]

LONGEST_S = 8
MOST_BARS = 16

_CLICK_HZ, _DOWNBEAT_HZ = 1_000.0, 1_500.0
_CLICK_S, _CHORD_S, _ATTACK_S = 0.05, 0.6, 0.001
_LEVEL = 0.5
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_MIDDLE_C, _CONCERT_A, _CONCERT_A_HZ = 60, 69, 440.0

Values = NDArray[np.float64]


def guide_track(kind: str, tempo_map: TempoMap, key: str | None, sample_rate: int) -> Audio:
    """Return the count-in of a clip: ``(1, samples)``, whose end is where the clip begins.

    ``kind`` is ``"clicks"`` or ``"chords"``, for which ``key`` is the key, such as ``"D minor"``.

    Raises:
        ValueError: for another kind, or a text that names no key.
    """
    if kind == "clicks":
        lasts_s, plain, accented = _CLICK_S, [_CLICK_HZ], [_DOWNBEAT_HZ]
    elif kind == "chords" and key is not None:
        lasts_s, plain = _CHORD_S, _triad(parse_key(key))
        accented = [plain[0] / 4, *plain]
    else:
        raise ValueError(f"there is no guide {kind!r}: clicks need a tempo, chords a key as well")
    sounds = [_tone(pitches, lasts_s, sample_rate) for pitches in (plain, accented)]
    length = to_samples(-tempo_map.seconds_at(-_span_beats(tempo_map)), sample_rate)
    line = np.zeros(length)
    for at_s, is_downbeat in _pulses(tempo_map):
        start = max(0, length - to_samples(-at_s, sample_rate))
        sound = sounds[is_downbeat][: length - start]
        line[start : start + len(sound)] += sound
    line *= _LEVEL / max(float(np.abs(line).max(initial=0.0)), 1e-9)
    return Audio(line.astype(np.float32)[np.newaxis], sample_rate)


def _span_beats(tempo_map: TempoMap) -> Fraction:
    """Return how long it is: whole bars, or whole pulses where no bar is short enough."""
    bar = tempo_map.meters[0].bar_beats
    longest = LONGEST_S / tempo_map.tempos[0].beat_s
    unit = bar if bar <= longest else _pulse_beats(tempo_map)
    return unit * max(1, min(MOST_BARS, floor(longest / unit)))


def _pulse_beats(tempo_map: TempoMap) -> Fraction:
    """Return from one pulse to the next: three eighths in 6/8 and its like."""
    meter = tempo_map.meters[0]
    is_compound = meter.denominator >= 8 and meter.numerator % 3 == 0 and meter.numerator > 3
    return Fraction(4 * (3 if is_compound else 1), meter.denominator)


def _pulses(tempo_map: TempoMap) -> Iterator[tuple[Fraction, bool]]:
    """Yield the pulses before the clip, in seconds from its start, and which are downbeats."""
    bar, pulse = tempo_map.meters[0].bar_beats, _pulse_beats(tempo_map)
    first = -_span_beats(tempo_map)
    line = tempo_map.pickup_beats - bar * -(-(tempo_map.pickup_beats - first) // bar)
    while line < 0:
        place = line
        while place < min(line + bar, Fraction(0)):
            if place >= first:
                yield tempo_map.seconds_at(place), place == line
            place += pulse
        line += bar


def _triad(key: Key) -> list[float]:
    """Return the tonic triad of a key around middle C, in Hz."""
    degree = _MAJOR_SCALE.index(MODES[key.mode])
    rises = [(_MAJOR_SCALE[(degree + step) % 7] - _MAJOR_SCALE[degree]) % 12 for step in (0, 2, 4)]
    root = _MIDDLE_C + key.tonic - (12 if key.tonic > 6 else 0)
    return [_CONCERT_A_HZ * 2 ** ((root + rise - _CONCERT_A) / 12) for rise in rises]


def _tone(pitches_hz: Sequence[float], seconds: float, sample_rate: int) -> Values:
    """Return tones that begin together and die away."""
    times_s = np.arange(round(seconds * sample_rate)) / sample_rate
    decay = np.exp(-5 * times_s / seconds) * np.minimum(1.0, times_s / _ATTACK_S)
    waves = sum(np.sin(2 * np.pi * pitch * times_s) for pitch in pitches_hz)
    return np.asarray(decay * waves / len(pitches_hz))
