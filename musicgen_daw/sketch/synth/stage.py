"""A voice's place in the mix: colour, level, pan and width."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples, tape
from musicgen_daw.sketch.composition import Voice
from musicgen_daw.sketch.synth.envelopes import drawn, ramp, ticks
from musicgen_daw.sketch.synth.filters import CHUNK, Running, chain, highpass, lowpass
from musicgen_daw.sketch.synth.tone import TICK_S, Signal, gain_of

__all__ = ["Ducking", "Line", "place", "shape_dynamics"]

DUCK_FALL_S = 0.008
"""The fall ends on the stroke: a real compressor would have to look ahead for that."""
DUCK_HOLD_S, DUCK_RISE_S = 0.03, 0.2


class Line:
    """What a part plays, ``(2, samples)``, until it is placed: by the chunk it is known where in
    it there is anything.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self._samples: Samples = tape.blank((2, length))
        self._sounding = np.zeros(-(-length // CHUNK), np.bool_)

    def add(self, sound: Samples, start: int) -> None:
        """Add a note ``(2, samples)`` where it begins, cut at the end of the line."""
        here = self._samples[:, start : start + sound.shape[1]]
        here += sound[:, : here.shape[1]]
        self._sounding[start // CHUNK : -(-(start + here.shape[1]) // CHUNK)] = True

    def emptied(self) -> Iterator[tuple[int, Samples, bool]]:
        """Yield the first sample of each chunk, the chunk, and whether anything is in it.

        It is silent afterwards.
        """
        for number, sounds in enumerate(self._sounding.tolist()):
            first = number * CHUNK
            chunk = self._samples[:, first : first + CHUNK]
            yield first, chunk, sounds
            if sounds:
                chunk[...] = 0.0
        self._sounding[...] = False


class Ducking:
    """Lowers a part by ``depth_db`` at each stroke, given in samples.

    It is back at its level 0.23 s after a stroke; strokes that follow sooner hold it down.
    """

    def __init__(self, strokes: Sequence[int], depth_db: float, sample_rate: int) -> None:
        fall, hold, rise = (
            max(1, round(seconds * sample_rate))
            for seconds in (DUCK_FALL_S, DUCK_HOLD_S, DUCK_RISE_S)
        )
        floor = gain_of(-depth_db)
        dip = np.concatenate([1 - ramp(fall), np.zeros(hold, np.float32), ramp(rise)])
        self._dip = np.float32(floor) + np.float32(1 - floor) * dip
        self._firsts = sorted(stroke - fall for stroke in strokes)

    def duck(self, chunk: Samples, begin: int) -> None:
        """Lower a chunk ``(2, samples)`` that begins at a sample, in place."""
        length = chunk.shape[1]
        near = self._firsts[bisect_right(self._firsts, begin - len(self._dip)) :]
        near = near[: bisect_left(near, begin + length)]
        if near:
            lane = np.ones(length, np.float32)
            for first in near:
                heard = self._dip[max(0, begin - first) :]
                dipped = lane[max(0, first - begin) :][: len(heard)]
                np.minimum(dipped, heard[: len(dipped)], out=dipped)
            chunk *= lane


def _colour(voice: Voice, sample_rate: int) -> Running | None:
    """Return the filters of a voice, ``None`` where it has none."""
    filters = []
    if voice.highpass_hz is not None:
        filters.append(highpass(voice.highpass_hz, sample_rate))
    if voice.lowpass_hz is not None and voice.lowpass_hz < 0.45 * sample_rate:
        filters.append(lowpass(voice.lowpass_hz, sample_rate))
    design = chain(filters)
    return Running(design, 2) if design is not None else None


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
    line: Line,
    voice: Voice,
    sample_rate: int,
    ducking: Ducking | None,
    stem: Samples,
    reverb: Signal,
    delay: Signal | None,
) -> None:
    """Bring a part through the filters of its voice to its stem ``(2, samples)`` and, in mono, to
    the sends that it uses. The line is silent afterwards.
    """
    colour = _colour(voice, sample_rate)
    matrix = placement(voice)
    sends = [
        (send, np.float32(0.5 * gain_of(send_db)) * (matrix[0] + matrix[1]))
        for send, send_db in ((reverb, voice.reverb_send_db), (delay, voice.delay_send_db))
        if send is not None and send_db is not None
    ]
    lanes = [stem[0], stem[1], *(send for send, _ in sends)]
    matrix = np.stack([*matrix, *(row for _, row in sends)])
    for first, chunk, sounds in line.emptied():
        if not sounds and (colour is None or colour.rests):
            continue
        heard = chunk if colour is None else colour.through(chunk)
        if ducking is not None:
            ducking.duck(heard, first)
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
