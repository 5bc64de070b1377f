"""How loud a note is over its length.

What is held is shaped along a coarse clock, a few points a millisecond, and drawn out to every
sample by straight lines: an ear can't tell, and it costs a tenth.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from musicgen_daw.sketch.synth.products import rows_at_once
from musicgen_daw.sketch.synth.tone import Signal

__all__ = [
    "decayed",
    "drawn",
    "fade_in",
    "fade_out",
    "falling",
    "gate",
    "ramp",
    "steady_angle",
    "ticks",
]

SHORTEST_FADE_S = 0.003
"""A raised cosine of 3 ms keeps the splatter of an edge below hearing."""


@lru_cache(maxsize=64)
def ramp(length: int) -> Signal:
    """Return a raised cosine from 0 to 1, not to be changed."""
    course = np.arange(length, dtype=np.float32) + np.float32(0.5)
    rise = _risen(course / np.float32(length or 1))
    rise.setflags(write=False)
    return rise


def _risen(course: Signal) -> Signal:
    return np.asarray(0.5 - 0.5 * np.cos(np.float32(np.pi) * course), np.float32)


def fade_in(sound: Signal, length: int) -> None:
    """Let ``(..., samples)`` rise from silence over its first ``length`` samples, in place."""
    length = min(length, sound.shape[-1])
    sound[..., :length] *= ramp(length)


def fade_out(sound: Signal, length: int) -> None:
    """Let ``(..., samples)`` fall to silence over its last ``length`` samples, in place."""
    length = min(length, sound.shape[-1])
    if length:
        sound[..., -length:] *= ramp(length)[::-1]


def falling(length: int, t60_samples: float) -> Signal:
    """Return an exponential decay from 1 that loses 60 dB in ``t60_samples``."""
    return decayed(np.arange(length, dtype=np.float32), t60_samples)


def decayed(clock: Signal, t60_samples: float) -> Signal:
    """Return an exponential decay at the samples of a clock."""
    slope = np.float32(-np.log(1000.0) / max(1.0, t60_samples))
    return np.asarray(np.exp(slope * clock), np.float32)


def steady_angle(frequency_hz: float, length: int, sample_rate: int) -> Signal:
    """Return the angle of a steady tone from -pi to pi: so small that float32 holds it."""
    turns = np.arange(length, dtype=np.uint32)
    turns *= np.uint32(round(frequency_hz / sample_rate * 2**32))
    angle = turns.view(np.int32).astype(np.float32)
    angle *= np.float32(2 * np.pi / 2**32)
    return angle


def ticks(length: int, step: int) -> Signal:
    """Return the coarse clock of a note: every ``step``-th sample, from 0 to its end or beyond."""
    return np.arange(0, length + step, step, dtype=np.float32)


def drawn(lanes: Signal, step: int, copies: int = 1) -> Signal:
    """Return lanes over ticks ``(..., points)`` at each sample, ``(..., (points - 1) * step)``.

    Each value comes ``copies`` times in a row.
    """
    ends = np.empty((*lanes.shape[:-1], lanes.shape[-1] - 1, 2), np.float32)
    ends[..., 0], ends[..., 1] = lanes[..., :-1], lanes[..., 1:]
    ends = ends.reshape(-1, 2)
    mix = _mix(step, copies)
    lines = np.empty((len(ends), step * copies), np.float32)
    height = rows_at_once(mix)
    for first in range(0, len(ends), height):
        piece = slice(first, first + height)
        np.matmul(ends[piece], mix, out=lines[piece])
    return lines.reshape(*lanes.shape[:-1], (lanes.shape[-1] - 1) * step * copies)


@lru_cache(maxsize=64)
def _mix(step: int, copies: int) -> Signal:
    """Return the shares of a line's two ends in each of its samples, not to be changed."""
    course = np.repeat(np.arange(step, dtype=np.float32) / np.float32(step), copies)
    mix = np.stack([1 - course, course])
    mix.setflags(write=False)
    return mix


def gate(clock: Signal, length: int, attack: int, release: int) -> Signal:
    """Return a rise over ``attack``, full level until ``length``, a fall over ``release`` more.

    A note that ends inside its attack is released from where it has come to.
    """
    middle = clock + np.float32(0.5)
    envelope = _risen(np.minimum(middle / np.float32(attack), 1))
    left = (np.float32(length + release) - middle) / np.float32(release)
    begun = int(np.searchsorted(clock, length))
    envelope[begun:] *= _risen(np.clip(left[begun:], 0, 1))
    return envelope
