"""The room: a reverb and a tempo delay that all voices share.

Both are linear and treat every stem alike, so the wet stems sum to the wet mix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples, tape
from musicgen_daw.sketch.composition import Room
from musicgen_daw.sketch.synth.filters import CHUNK, Running, highpass
from musicgen_daw.sketch.synth.tone import Signal

__all__ = ["echo", "reverberate"]

LINES = 4
SHORTEST_LINE_S, LONGEST_LINE_S = 0.053, 0.131
"""Lines are few, but long, and fed with reflections: so echoes and resonances stay dense."""

LOW_CUT_HZ = 140.0
DAMPING_HZ = 6000.0
DIFFUSION_S = 0.045
BURSTS = 4
REFLECTIONS = BURSTS**2
"""They come in bursts, of as many reflections as there are bursts."""

THINNING = 1.5
"""Reflections are all as loud, so that each is an addition; they fade as they get rarer."""

EARLY = 0.5
SHORTEST_DELAY_S = 0.02
STRETCH = 2**12
"""The most samples that are mixed at once: so few that BLAS stays on one thread."""


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """A feedback delay network: lines, the loss of each, and the paths in and out.

    ``matrix`` leads from the ends of the lines, from the sums of their neighbours and, in its last
    two columns, from the reflections to the heads of the lines and, in its last two rows, out.

    Source: J.-M. Jot, "Digital delay networks for designing artificial reverberators", AES
    Convention 90 (1991).
    """

    delays: list[int]
    matrix: NDArray[np.float32]

    @property
    def block(self) -> int:
        """Samples that can be computed at once: no line may hear itself within a block."""
        return min(self.delays) - 2


def _network(room: Room, sample_rate: int, rng: np.random.Generator) -> _Network:
    seconds = max(0.1, room.reverb_seconds)
    size = min(1.5, 0.55 + 0.25 * seconds)
    spaced = np.geomspace(SHORTEST_LINE_S, LONGEST_LINE_S, LINES) * size
    delays_s = spaced * rng.uniform(0.97, 1.03, LINES)
    delays = [max(16, round(delay_s * sample_rate)) | 1 for delay_s in delays_s]
    exact_s = np.array(delays) / sample_rate
    gains = 10.0 ** (-3.0 * exact_s / seconds)
    high_seconds = seconds * (1.0 - 0.8 * min(max(room.reverb_damping, 0.0), 1.0))
    high_gains = 10.0 ** (-3.0 * exact_s / high_seconds) / gains
    angle = 2 * np.pi * min(DAMPING_HZ / sample_rate, 0.35)
    smoothing = np.minimum(0.25, (1.0 - high_gains) / (2.0 * (1.0 - np.cos(angle))))
    hadamard = np.ones((1, 1))
    while len(hadamard) < LINES:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    # Each line ends in the filter 1 - 2a + a * (z + 1/z); that and its gain are in the matrix.
    here, beside = gains * (1.0 - 2.0 * smoothing), gains * smoothing
    feedback = hadamard * rng.choice([-1.0, 1.0], LINES) / np.sqrt(LINES)
    outputs = hadamard[[1, 2]] * np.sqrt((1.0 - np.mean(gains**2)) / LINES)
    inputs = np.repeat(np.eye(2), LINES // 2, axis=0)
    matrix = np.block(
        [
            [feedback * here, feedback * beside, inputs / REFLECTIONS**0.5],
            [outputs * here, outputs * beside, EARLY * np.eye(2) / REFLECTIONS**0.5],
        ]
    )
    return _Network(delays, matrix.astype(np.float32))


class _Reflections:
    """Early reflections: sparse, of random signs, ever rarer.

    A burst of them is thrown back by a few walls, others on the left than on the right. All are as
    loud as what they reflect: the network scales them.
    """

    def __init__(self, room: Room, sample_rate: int, rng: np.random.Generator) -> None:
        burst_s = DIFFUSION_S / BURSTS
        predelay_s = max(0.0, room.predelay_ms) / 1000.0
        self._burst = _Echoes(_taps(predelay_s, burst_s, sample_rate, rng))
        self._walls = [_Echoes(_taps(0.0, DIFFUSION_S, sample_rate, rng)) for _ in range(2)]

    def of(self, heard: Samples) -> Samples:
        """Return ``(stems, 2, samples)``, the answer to the next ``(stems, samples)``."""
        burst = self._burst.of(heard)
        return np.stack([wall.of(burst) for wall in self._walls], axis=1)


class _Echoes:
    """A few echoes of what comes, stretch by stretch."""

    def __init__(self, taps: list[tuple[int, bool]]) -> None:
        self._taps = taps
        self._longest = max(delay for delay, _ in taps)
        self._past: Samples | None = None

    def of(self, heard: Samples) -> Samples:
        """Return the echoes of ``(stems, samples)`` and of what came before."""
        stems, length = heard.shape
        past = np.zeros((stems, self._longest), np.float32) if self._past is None else self._past
        line = np.concatenate([past, heard], axis=1)
        self._past = line[:, length:]
        echoes = np.zeros_like(heard)
        for delay, is_turned in self._taps:
            start = self._longest - delay
            echo = line[:, start : start + length]
            (np.subtract if is_turned else np.add)(echoes, echo, out=echoes)
        return echoes


def _taps(
    after_s: float, spread_s: float, sample_rate: float, rng: np.random.Generator
) -> list[tuple[int, bool]]:
    """Return echoes, ``(delay in samples, whether it is turned upside down)``, over a time."""
    places = (np.arange(BURSTS) + rng.uniform(0.0, 1.0, BURSTS)) / BURSTS
    delays = np.rint((after_s + places**THINNING * spread_s) * sample_rate).astype(int)
    return list(zip(delays.tolist(), (rng.random(BURSTS) < 0.5).tolist(), strict=True))


def reverberate(
    stems: Sequence[Samples],
    sends: Samples,
    room: Room,
    sample_rate: int,
    rng: np.random.Generator,
    check: Callable[[], object],
) -> None:
    """Add to each stem ``(2, samples)`` the reverb of its send, a row of ``(stems, samples)``.

    ``check`` is called every now and then and may raise to stop.
    """
    network = _network(room, sample_rate, rng)
    reflections = _Reflections(room, sample_rate, rng)
    low_cut = Running(highpass(LOW_CUT_HZ, sample_rate), len(sends))
    lines = _Lines(network, len(sends))
    for begin in range(0, sends.shape[1], CHUNK):
        check()
        heard = low_cut.through(sends[:, begin : begin + CHUNK])
        for first in range(0, heard.shape[1], STRETCH):
            wet = lines.run(reflections.of(heard[:, first : first + STRETCH]))
            for stem, sides in zip(stems, wet, strict=True):
                stem[:, begin + first : begin + first + sides.shape[1]] += sides


class _Lines:
    """The delay lines of one run, with what is still under way in them."""

    def __init__(self, network: _Network, stems: int) -> None:
        self._network = network
        self._longest = max(network.delays) + 1
        self._block = -(-STRETCH // -(-STRETCH // network.block))
        # The lines, and with them what is heard of the room: one product makes both.
        self._sound = np.zeros((stems, LINES + 2, 2 * self._longest + STRETCH), np.float32)
        self._head = self._longest
        self._heard = np.zeros((stems, 2 * LINES + 2, self._block), np.float32)

    def run(self, early: Samples) -> Samples:
        """Feed ``(stems, 2, samples)``, ``STRETCH`` at most, to the lines and return all that is
        heard of the room.
        """
        length = early.shape[2]
        if self._head + length + self._block > self._sound.shape[2]:
            past = self._sound[:, :, self._head - self._longest : self._head]
            self._sound[:, :, : self._longest] = past
            self._head = self._longest
        begun = self._head
        for first in range(0, length, self._block):
            self._step(early[:, :, first : first + self._block])
        return self._sound[:, LINES:, begun : begun + length]

    def _step(self, fed: Samples) -> None:
        heard, size = self._heard[:, :, : fed.shape[2]], fed.shape[2]
        for line, delay in enumerate(self._network.delays):
            start = self._head - delay
            end = self._sound[:, line, start - 1 : start + size + 1]
            heard[:, line] = end[:, 1:-1]
            np.add(end[:, :-2], end[:, 2:], out=heard[:, LINES + line])
        heard[:, 2 * LINES :] = fed
        made = self._sound[:, :, self._head : self._head + size]
        np.matmul(self._network.matrix, heard, out=made)
        self._head += size


def echo(stem: Samples, send: Signal, delay_s: float, feedback: float, sample_rate: int) -> None:
    """Add a delay to a stem ``(2, samples)`` that answers left and right in turn, ever softer."""
    delay = max(round(delay_s * sample_rate), round(SHORTEST_DELAY_S * sample_rate), 2)
    fed_back = np.float32(min(max(feedback, 0.0), 0.9))
    length = len(send)
    left, right = tape.blank((length,)), tape.blank((length,))
    for first in range(delay, length, delay):
        last = min(first + delay, length)
        source = slice(first - delay, last - delay)
        left[first:last] = send[source] + fed_back * _darker(right, source)
        right[first:last] = fed_back * _darker(left, source)
    stem[0] += left
    stem[1] += right


def _darker(line: Signal, where: slice) -> Signal:
    """Return a stretch of a line through a short smoothing that only looks back."""
    silence = np.zeros(max(0, 2 - where.start), np.float32)
    past = np.concatenate([silence, line[max(0, where.start - 2) : where.stop]])
    return np.asarray(
        np.float32(0.25) * (past[:-2] + past[2:]) + np.float32(0.5) * past[1:-1], np.float32
    )
