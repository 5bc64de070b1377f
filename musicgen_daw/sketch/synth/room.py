"""The room: a reverb and a tempo delay that all voices share.

Both are linear and treat every stem alike, so the wet stems sum to the wet mix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.composition import Room
from musicgen_daw.sketch.synth.filters import highpass, lowpass
from musicgen_daw.sketch.synth.tone import Signal

__all__ = ["echo", "reverberate"]

LINES = 8
SHORTEST_LINE_S, LONGEST_LINE_S = 0.029, 0.083
LOW_CUT_HZ, HIGH_CUT_HZ = 140.0, 9500.0
DAMPING_HZ = 6000.0
DIFFUSION_S = 0.045
TAPS = 14
EARLY = 0.5
SHORTEST_DELAY_S = 0.02
STRETCH = 2**14
PIECE = 3 * 2**10


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """A feedback delay network: lines, the loss of each, and the paths in and out.

    ``matrix`` leads from the ends of the lines to their heads and, in its last two rows, out.

    Source: J.-M. Jot, "Digital delay networks for designing artificial reverberators", AES
    Convention 90 (1991).
    """

    delays: list[int]
    smoothing: NDArray[np.float32]
    matrix: NDArray[np.float32]
    taps: list[list[tuple[int, np.float32]]]

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
    # Each line ends in the filter (1 - 2a) * (1 + a / (1 - 2a) * (z + 1/z)); its constant factor
    # and the line's gain are part of both matrices.
    losses = gains * (1.0 - 2.0 * smoothing)
    feedback = hadamard * rng.choice([-1.0, 1.0], LINES) / np.sqrt(LINES)
    outputs = hadamard[[3, 5]] * np.sqrt((1.0 - np.mean(gains**2)) / LINES)
    return _Network(
        delays,
        (smoothing / (1.0 - 2.0 * smoothing)).astype(np.float32),
        (np.concatenate([feedback, outputs]) * losses).astype(np.float32),
        [_diffusion(room, sample_rate, rng) for _ in range(2)],
    )


def _diffusion(
    room: Room, sample_rate: int, rng: np.random.Generator
) -> list[tuple[int, np.float32]]:
    """Return early reflections, ``(delay in samples, gain)``: sparse, random signs, fading."""
    places = (np.arange(TAPS) + rng.uniform(0.0, 1.0, TAPS)) / TAPS
    gains = rng.choice([-1.0, 1.0], TAPS) * 10.0 ** (-0.5 * places)
    gains /= np.sqrt(np.sum(gains**2))
    delays_s = max(0.0, room.predelay_ms) / 1000.0 + places * DIFFUSION_S
    return [
        (round(delay_s * sample_rate), np.float32(gain))
        for delay_s, gain in zip(delays_s, gains, strict=True)
    ]


def reverberate(
    stems: Sequence[Samples],
    sends: Samples,
    room: Room,
    sample_rate: int,
    rng: np.random.Generator,
    check: Callable[[], object],
) -> None:
    """Add to each stem ``(2, samples)`` the reverb of its send, a row of ``(stems, samples)``.

    The sends are used up. ``check`` is called every now and then and may raise to stop.
    """
    network = _network(room, sample_rate, rng)
    highpass(LOW_CUT_HZ, sample_rate).then(lowpass(HIGH_CUT_HZ, sample_rate)).apply(sends)
    lead = max(1, *(delay for taps in network.taps for delay, _ in taps))
    count, length = sends.shape
    lines = _Lines(network, count)
    heard = np.zeros((count, lead), np.float32)
    for first in range(0, length, STRETCH):
        check()
        last = min(first + STRETCH, length)
        heard = np.concatenate([heard[:, -lead:], sends[:, first:last]], axis=1)
        early = np.stack([_reflected(heard, lead, taps) for taps in network.taps])
        wet = lines.run(early)
        early *= np.float32(EARLY)
        wet += early
        for index, stem in enumerate(stems):
            stem[:, first:last] += wet[:, index]


class _Lines:
    """The delay lines of one run, with what is still under way in them.

    The stems lie side by side in each line, sample by sample, so that every step works on long
    unbroken rows.
    """

    def __init__(self, network: _Network, stems: int) -> None:
        self._network = network
        self._stems = stems
        self._longest = (max(network.delays) + 1) * stems
        self._sound = np.zeros((LINES, 3 * self._longest), np.float32)
        self._head = self._longest

    def run(self, early: Samples) -> Samples:
        """Feed ``(2, stems, samples)`` to the lines and return what comes out of them."""
        count = early.shape[2] * self._stems
        fed = np.ascontiguousarray(early.transpose(0, 2, 1)).reshape(2, count)
        late = np.empty_like(fed)
        block = self._network.block * self._stems
        for first in range(0, count, block):
            here = slice(first, first + block)
            late[:, here] = self._step(fed[:, here])
        return late.reshape(2, -1, self._stems).transpose(0, 2, 1)

    def _step(self, fed: Samples) -> Samples:
        network, longest, block = self._network, self._longest, fed.shape[1]
        if self._head + block > self._sound.shape[1]:
            self._sound[:, :longest] = self._sound[:, self._head - longest : self._head]
            self._head = longest
        before, after = -self._stems, self._stems
        damped = np.empty((LINES, block), np.float32)
        for line, (delay, weight) in enumerate(zip(network.delays, network.smoothing, strict=True)):
            start = self._head - delay * self._stems
            heard = self._sound[line, start + before : start + block + after]
            np.add(heard[: 2 * before], heard[2 * after :], out=damped[line])
            damped[line] *= weight
            damped[line] += heard[after:before]
        mixed = np.empty((LINES + 2, block), np.float32)
        for first in range(0, block, PIECE):  # so small that BLAS stays on one thread
            piece = slice(first, first + PIECE)
            np.matmul(network.matrix, damped[:, piece], out=mixed[:, piece])
        mixed[:LINES].reshape(2, LINES // 2, block)[...] += fed[:, None]
        self._sound[:, self._head : self._head + block] = mixed[:LINES]
        self._head += block
        return mixed[LINES:]


def _reflected(heard: Samples, lead: int, taps: list[tuple[int, np.float32]]) -> Samples:
    """Return the sparse echoes of ``(stems, samples)`` from sample ``lead`` on."""
    echoes = np.zeros((len(heard), heard.shape[1] - lead), np.float32)
    for delay, gain in taps:
        echoes += gain * heard[:, lead - delay : heard.shape[1] - delay]
    return echoes


def echo(stem: Samples, send: Signal, delay_s: float, feedback: float, sample_rate: int) -> None:
    """Add a delay to a stem ``(2, samples)`` that answers left and right in turn, ever softer."""
    delay = max(round(delay_s * sample_rate), round(SHORTEST_DELAY_S * sample_rate), 2)
    fed_back = np.float32(min(max(feedback, 0.0), 0.9))
    length = len(send)
    left, right = np.zeros(length, np.float32), np.zeros(length, np.float32)
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
