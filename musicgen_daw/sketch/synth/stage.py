"""A voice's place in the mix: colour, level, pan and width."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.composition import Voice
from musicgen_daw.sketch.synth.envelopes import drawn, ramp, ticks
from musicgen_daw.sketch.synth.filters import chain, highpass, lowpass
from musicgen_daw.sketch.synth.tone import TICK_S, Signal, gain_of

__all__ = ["colour", "duck", "place", "shape_dynamics"]

CHUNK = 2**14

DUCK_FALL_S = 0.008
"""The fall ends on the stroke: a real compressor would have to look ahead for that."""
DUCK_HOLD_S, DUCK_RISE_S = 0.03, 0.2
DUCK_STRETCH = 2**18


def colour(part: Samples, voice: Voice, sample_rate: int) -> None:
    """Apply the filters of a voice to its part ``(2, samples)``, in place."""
    filters = []
    if voice.highpass_hz is not None:
        filters.append(highpass(voice.highpass_hz, sample_rate))
    if voice.lowpass_hz is not None and voice.lowpass_hz < 0.45 * sample_rate:
        filters.append(lowpass(voice.lowpass_hz, sample_rate))
    design = chain(filters)
    if design is not None:
        design.apply(part)


def duck(part: Samples, strokes: Sequence[int], depth_db: float, sample_rate: int) -> None:
    """Lower a part ``(2, samples)`` by ``depth_db`` at each stroke, given in samples, in place.

    It is back at its level 0.23 s after a stroke; strokes that follow sooner hold it down.
    """
    fall, hold, rise = (
        max(1, round(seconds * sample_rate)) for seconds in (DUCK_FALL_S, DUCK_HOLD_S, DUCK_RISE_S)
    )
    floor = gain_of(-depth_db)
    dip = np.concatenate([1 - ramp(fall), np.zeros(hold, np.float32), ramp(rise)])
    dip = np.float32(floor) + np.float32(1 - floor) * dip
    firsts = sorted(stroke - fall for stroke in strokes)
    for begin in range(0, part.shape[1], DUCK_STRETCH):
        here = part[:, begin : begin + DUCK_STRETCH]
        near = firsts[bisect_right(firsts, begin - len(dip)) :]
        lane = np.ones(here.shape[1], np.float32)
        for first in near[: bisect_left(near, begin + here.shape[1])]:
            heard = dip[max(0, begin - first) :]
            dipped = lane[max(0, first - begin) :][: len(heard)]
            np.minimum(dipped, heard[: len(dipped)], out=dipped)
        here *= lane


def placement(voice: Voice) -> NDArray[np.float32]:
    """Return the matrix from an instrument's left and right to the stage's.

    Width scales the side signal; then an equal-power balance, 0 dB in the middle.
    """
    side = min(max(voice.width, 0.0), 1.0)
    widen = 0.5 * np.array([[1 + side, 1 - side], [1 - side, 1 + side]])
    angle = (min(max(voice.pan, -1.0), 1.0) + 1.0) * np.pi / 4
    pan = np.sqrt(2.0) * np.array([[np.cos(angle)], [np.sin(angle)]])
    return np.asarray(gain_of(voice.gain_db) * pan * widen, np.float32)


def place(
    part: Samples, voice: Voice, stem: Samples, reverb: Signal | None, delay: Signal | None
) -> None:
    """Add a part ``(2, samples)`` to its stem and, in mono, to the sends it uses."""
    matrix = placement(voice)
    sends = [
        (send, np.float32(0.5 * gain_of(send_db)) * (matrix[0] + matrix[1]))
        for send, send_db in ((reverb, voice.reverb_send_db), (delay, voice.delay_send_db))
        if send is not None and send_db is not None
    ]
    lanes = [stem[0], stem[1], *(send for send, _ in sends)]
    matrix = np.stack([*matrix, *(row for _, row in sends)])
    for first in range(0, part.shape[1], CHUNK):
        heard = part[:, first : first + CHUNK]
        if heard.any():
            for lane, placed in zip(lanes, matrix @ heard, strict=True):
                lane[first : first + CHUNK] += placed


def shape_dynamics(
    stems: Sequence[Samples], points: tuple[tuple[float, float], ...], sample_rate: int
) -> None:
    """Apply a dynamics lane of ``(second, gain_db)`` to stems of one length, in place."""
    if not any(gain_db for _, gain_db in points):
        return
    seconds, gains_db = zip(*points, strict=True)
    step = max(1, round(sample_rate * TICK_S))
    for first in range(0, max(stem.shape[1] for stem in stems), CHUNK * step):
        clock = first + ticks(CHUNK * step, step)
        lane_db = np.interp(clock / sample_rate, seconds, gains_db)
        lane = drawn(np.asarray(10.0 ** (lane_db / 20.0), np.float32), step)
        for stem in stems:
            here = stem[:, first : first + len(lane)]
            here *= lane[: here.shape[1]]
