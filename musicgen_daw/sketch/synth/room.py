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
from musicgen_daw.sketch.synth.filters import highpass, lowpass
from musicgen_daw.sketch.synth.rates import STRETCH, Resampler
from musicgen_daw.sketch.synth.tone import Signal

__all__ = ["echo", "reverberate"]

LINES = 8
SHORTEST_LINE_S, LONGEST_LINE_S = 0.029, 0.083
LOW_CUT_HZ, HIGH_CUT_HZ = 140.0, 9500.0
DAMPING_HZ = 6000.0
DIFFUSION_S = 0.045
BURSTS = 4
"""Reflections come in so many bursts of so many each."""

EARLY = 0.5
SHORTEST_DELAY_S = 0.02
PIECE = 2560
"""Samples mixed at once, so few that BLAS stays on one thread."""


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """A feedback delay network: lines, the loss of each, and the paths in and out.

    ``matrix`` leads from the ends of the lines and, in its last two columns, from outside to the
    heads of the lines and, in its last two rows, out.

    Source: J.-M. Jot, "Digital delay networks for designing artificial reverberators", AES
    Convention 90 (1991).
    """

    delays: list[int]
    smoothing: NDArray[np.float32]
    matrix: NDArray[np.float32]

    @property
    def block(self) -> int:
        """Samples that can be computed at once: no line may hear itself within a block."""
        return min(self.delays) - 2


def _network(room: Room, sample_rate: float, rng: np.random.Generator) -> _Network:
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
    # Each line ends in the filter (1 - 2a) * (1 + a / (1 - 2a) * (z + 1/z)); its constant factor
    # and the line's gain are part of both matrices.
    losses = gains * (1.0 - 2.0 * smoothing)
    feedback = hadamard * rng.choice([-1.0, 1.0], LINES) / np.sqrt(LINES)
    outputs = hadamard[[3, 5]] * np.sqrt((1.0 - np.mean(gains**2)) / LINES)
    inputs = np.repeat(np.eye(2), LINES // 2, axis=0)
    matrix = np.block([[feedback * losses, inputs], [outputs * losses, np.zeros((2, 2))]])
    return _Network(
        delays, (smoothing / (1.0 - 2.0 * smoothing)).astype(np.float32), matrix.astype(np.float32)
    )


class _Reflections:
    """Early reflections: sparse, of random signs, fading.

    A burst of them is thrown back by a few walls, others on the left than on the right.
    """

    def __init__(self, room: Room, sample_rate: float, rng: np.random.Generator) -> None:
        burst_s = DIFFUSION_S / BURSTS
        predelay_s = max(0.0, room.predelay_ms) / 1000.0
        self._burst = _taps(predelay_s, burst_s, sample_rate, rng)
        self._walls = [_taps(0.0, DIFFUSION_S, sample_rate, rng) for _ in range(2)]
        self._lead = max(delay for taps in self._walls for delay, _ in taps)
        self._bursts: Samples | None = None

    @property
    def lead(self) -> int:
        """How many samples of the past a stretch of them needs."""
        return max(delay for delay, _ in self._burst)

    def of(self, heard: Samples) -> Samples:
        """Return ``(2, stems, samples)``, the answer to ``(stems, lead + samples)``.

        Each call goes on where the one before ended.
        """
        stems, length = len(heard), heard.shape[1] - self.lead
        past = np.zeros((stems, self._lead), np.float32)
        if self._bursts is not None:
            past = self._bursts[:, -self._lead :]
        self._bursts = np.concatenate([past, _tapped(heard, length, self._burst)], axis=1)
        return np.stack([_tapped(self._bursts, length, taps) for taps in self._walls])


def _taps(
    after_s: float, spread_s: float, sample_rate: float, rng: np.random.Generator
) -> list[tuple[int, np.float32]]:
    """Return echoes, ``(delay in samples, gain)``, spread over a time, fading with it."""
    places = (np.arange(BURSTS) + rng.uniform(0.0, 1.0, BURSTS)) / BURSTS
    gains = rng.choice([-1.0, 1.0], BURSTS) * 10.0 ** (-0.5 * places * spread_s / DIFFUSION_S)
    gains /= np.sqrt(np.sum(gains**2))
    delays = np.rint((after_s + places * spread_s) * sample_rate).astype(int)
    return list(zip(delays.tolist(), gains.astype(np.float32), strict=True))


def _tapped(heard: Samples, length: int, taps: list[tuple[int, np.float32]]) -> Samples:
    """Return the echoes of ``(stems, samples)`` in its last ``length`` samples."""
    echoes = np.zeros((len(heard), length), np.float32)
    one = np.empty_like(echoes)
    here = heard.shape[1] - length
    for delay, gain in taps:
        np.multiply(heard[:, here - delay : here - delay + length], gain, out=one)
        echoes += one
    return echoes


def reverberate(
    stems: Sequence[Samples],
    sends: Samples,
    room: Room,
    sample_rate: int,
    rng: np.random.Generator,
    check: Callable[[], object],
) -> None:
    """Add to each stem ``(2, samples)`` the reverb of its send, a row of ``(stems, samples)``.

    A room swallows what is high, so it is computed at a lower rate. ``check`` is called every now
    and then and may raise to stop.
    """
    rates = Resampler(sample_rate)
    low_rate = sample_rate / rates.factor
    network = _network(room, low_rate, rng)
    reflections = _Reflections(room, low_rate, rng)
    heard = rates.lowered(sends, reflections.lead)
    highpass(LOW_CUT_HZ, low_rate).then(lowpass(HIGH_CUT_HZ, low_rate)).apply(heard)
    lines = _Lines(network, len(sends), STRETCH // rates.factor)
    rise = rates.rise()
    for first in range(0, sends.shape[1], STRETCH):
        check()
        begin, end = first // rates.factor, (first + STRETCH) // rates.factor
        early = reflections.of(heard[:, begin : end + reflections.lead])
        wet = lines.run(early)
        early *= np.float32(EARLY)
        wet += early
        raised = rise(wet)
        for index, stem in enumerate(stems):
            here = stem[:, first : first + STRETCH]
            here += raised[:, index, : here.shape[1]]


class _Lines:
    """The delay lines of one run, ``(lines, stems, samples)``, with what is still under way."""

    def __init__(self, network: _Network, stems: int, length: int) -> None:
        self._network = network
        self._longest = max(network.delays) + 1
        self._sound = np.zeros((LINES, stems, 4 * self._longest), np.float32)
        self._head = self._longest
        self._block = -(-length // -(-length // network.block))
        shape = (LINES + 2, stems, self._block)
        self._ends = np.empty((LINES, stems, self._block + 2), np.float32)
        self._damped, self._mixed = np.zeros(shape, np.float32), np.empty(shape, np.float32)

    def run(self, early: Samples) -> Samples:
        """Feed ``(2, stems, length)`` to the lines and return what comes out of them."""
        late = np.empty_like(early)
        for first in range(0, early.shape[2], self._block):
            here = slice(first, first + self._block)
            self._step(early[:, :, here], late[:, :, here])
        return late

    def _step(self, fed: Samples, late: Samples) -> None:
        network, longest, block = self._network, self._longest, fed.shape[2]
        if self._head + self._block > self._sound.shape[2]:
            self._sound[:, :, :longest] = self._sound[:, :, self._head - longest : self._head]
            self._head = longest
        ends, damped = self._ends, self._damped
        for line, delay in enumerate(network.delays):
            start = self._head - delay
            ends[line] = self._sound[line, :, start - 1 : start + self._block + 1]
        lines = damped[:LINES]
        np.add(ends[:, :, :-2], ends[:, :, 2:], out=lines)
        lines *= network.smoothing[:, None, None]
        lines += ends[:, :, 1:-1]
        damped[LINES:, :, :block] = fed
        flat, mixed = damped.reshape(LINES + 2, -1), self._mixed.reshape(LINES + 2, -1)
        for first in range(0, flat.shape[1], PIECE):
            piece = slice(first, first + PIECE)
            np.matmul(network.matrix, flat[:, piece], out=mixed[:, piece])
        self._sound[:, :, self._head : self._head + block] = self._mixed[:LINES, :, :block]
        late[...] = self._mixed[LINES:, :, :block]
        self._head += block


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
