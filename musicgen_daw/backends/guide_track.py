"""A count-in for a generator that hears no tempo or key but goes on from sound.

    bars      |       |       |            whole bars before the clip, up to eight seconds
    clicks    X . . . X . . . X            a higher click on each downbeat
    chords    C . . . C . . . C            the tonic triad on each pulse, with a bass on downbeats
                              └ the clip begins here, perhaps inside a bar

Where the groups of a bar are told, 2+2+3/8 is clicked on their heads, as 6/8 is, and 3+2/4 on each
beat, with a lighter accent on the head of its second group.

It stands where an audio prompt stands and is no part of the clip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Audio
from musicgen_daw.timeline import (
    MODES,
    Key,
    MeterChange,
    TempoMap,
    parse_key,
    pulse_beats,
    to_samples,
)

__all__ = ["guide_track"]

LONGEST_S = 8
_SHORT = 8
"""Beats of eighths and shorter are too quick to be clicked one by one where they are grouped."""

MOST_BARS = 16

_CLICK_HZ, _HEAD_HZ, _DOWNBEAT_HZ = 1_000.0, 1_250.0, 1_500.0
_PLAIN, _HEAD, _DOWNBEAT = range(3)
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
        lasts_s, plain, head, accented = _CLICK_S, [_CLICK_HZ], [_HEAD_HZ], [_DOWNBEAT_HZ]
    elif kind == "chords" and key is not None:
        lasts_s, plain = _CHORD_S, _triad(parse_key(key))
        head, accented = [plain[0] / 2, *plain], [plain[0] / 4, *plain]
    else:
        raise ValueError(f"there is no guide {kind!r}: clicks need a tempo, chords a key as well")
    sounds = [_tone(pitches, lasts_s, sample_rate) for pitches in (plain, head, accented)]
    length = to_samples(-tempo_map.seconds_at(-_span_beats(tempo_map)), sample_rate)
    line = np.zeros(length)
    for at_s, weight in _pulses(tempo_map):
        start = max(0, length - to_samples(-at_s, sample_rate))
        sound = sounds[weight][: length - start]
        line[start : start + len(sound)] += sound
    line *= _LEVEL / max(float(np.abs(line).max(initial=0.0)), 1e-9)
    return Audio(line.astype(np.float32)[np.newaxis], sample_rate)


def _span_beats(tempo_map: TempoMap) -> Fraction:
    """Return how long it is: whole bars, or whole pulses where no bar is short enough."""
    bar = tempo_map.meters[0].bar_beats
    longest = LONGEST_S / tempo_map.tempos[0].beat_s
    unit = bar if bar <= longest else pulse_beats(tempo_map.meters[0])
    return unit * max(1, min(MOST_BARS, floor(longest / unit)))


def _bar_pulses(meter: MeterChange) -> Iterator[tuple[Fraction, int]]:
    """Yield the pulses of a bar, in beats from its line, and their weights."""
    beat = Fraction(4, meter.denominator)
    heads = [beat * head for head in accumulate(meter.groups[:-1], initial=0)]
    if meter.groups and meter.denominator >= _SHORT:
        pulses = heads
    else:
        pulse = pulse_beats(meter)
        pulses = [pulse * number for number in range(ceil(meter.bar_beats / pulse))]
    for place in pulses:
        yield place, _DOWNBEAT if place == 0 else _HEAD if place in heads else _PLAIN


def _pulses(tempo_map: TempoMap) -> Iterator[tuple[Fraction, int]]:
    """Yield the pulses before the clip, in seconds from its start, and their weights."""
    meter = tempo_map.meters[0]
    bar, in_bar = meter.bar_beats, list(_bar_pulses(meter))
    first = -_span_beats(tempo_map)
    line = tempo_map.pickup_beats - bar * -(-(tempo_map.pickup_beats - first) // bar)
    while line < 0:
        for place, weight in in_bar:
            if first <= line + place < 0:
                yield tempo_map.seconds_at(line + place), weight
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
