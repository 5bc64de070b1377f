"""What an instrument is given: one note in samples, and the bench that all notes share."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples

__all__ = ["TICK_S", "Bench", "Instrument", "Signal", "Tone", "frequency_of", "gain_of"]

Signal = NDArray[np.float32]
"""float32, one channel ``(samples,)``."""

CACHE_BYTES = 160 * 2**20
LEVEL_EXPONENT = 1.7
TICK_S, LONGEST_TICK_S = 0.0005, 0.002
SHORT_S = 0.6
LENGTH_GRID_S = 0.005
VELOCITY_GRID = 16
TURNS = 2
BRIGHTNESS_STEP = 32


def frequency_of(pitch: float) -> float:
    """Return the frequency in Hz of a MIDI key number in equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def gain_of(level_db: float) -> float:
    """Return the linear gain of a level in dB."""
    return float(10.0 ** (level_db / 20.0))


@dataclass(frozen=True, slots=True)
class Tone:
    """One note: ``length_samples`` runs from its start to its release.

    ``variation`` is the round robin's turn, ``seed`` is the note's own. ``slide_from`` is the
    pitch that the note slides away from, on instruments that can.
    """

    pitch: int
    velocity: int
    length_samples: int
    variation: int = 0
    seed: int = 0
    slide_from: int | None = None

    @property
    def frequency_hz(self) -> float:
        """The fundamental."""
        return frequency_of(self.pitch)

    @property
    def gain(self) -> float:
        """The linear gain of the velocity: full scale at 127, about -11 dB at 60."""
        return float((self.velocity / 127.0) ** LEVEL_EXPONENT)

    @property
    def force(self) -> float:
        """The velocity from 0 to 1, in the coarse steps in which struck sounds are made."""
        step = self.velocity // BRIGHTNESS_STEP
        return min(1.0, (step + 0.5) * BRIGHTNESS_STEP / 128.0)

    @property
    def chance(self) -> float:
        """The note's own chance from 0 to 1, for what needs a single one: no generator is made."""
        return (self.seed * 0x9E3779B97F4A7C15 % 2**64) / 2**64

    def rng(self) -> np.random.Generator:
        """Return the note's own source of chance."""
        return np.random.Generator(np.random.PCG64(self.seed))


class Bench:
    """What instruments share while one composition is performed: the rate, the seed, and the
    sounds made so far.

    A sound depends on its key and the seed alone, never on what was made before it; so the cache
    may forget without changing a byte.
    """

    def __init__(self, sample_rate: int, seed: int = 0) -> None:
        self.sample_rate = sample_rate
        self.seed = seed % 2**64
        self._made: OrderedDict[tuple[object, ...], Samples] = OrderedDict()
        self._made_bytes = 0

    def tick_samples(self, quickest_s: float) -> int:
        """Return how many samples of a held note are drawn as one straight line.

        ``quickest_s`` is the shortest rise or fall of the note: ten lines at least draw it.
        """
        return self.samples(min(max(quickest_s / 10, TICK_S), LONGEST_TICK_S))

    def samples(self, seconds: float) -> int:
        """Return a length that need not be exact, such as a release, in samples (at least 1)."""
        return max(1, round(seconds * self.sample_rate))

    def once(
        self,
        key: tuple[object, ...],
        make: Callable[[np.random.Generator], Samples],
        length: int = 0,
    ) -> Samples:
        """Return the sound of ``key``, made on first use with chance that belongs to the key.

        It is made anew where the one that was made is shorter than ``length`` samples: the
        beginning of a longer one must be the same.
        """
        made = self._made.get(key)
        if made is not None and made.shape[-1] >= length:
            self._made.move_to_end(key)
            return made
        rng = np.random.Generator(np.random.PCG64([self.seed, zlib.crc32(repr(key).encode())]))
        sound = self._made[key] = make(rng)
        self._made_bytes += sound.nbytes - (0 if made is None else made.nbytes)
        while self._made_bytes > CACHE_BYTES and len(self._made) > 1:
            self._made_bytes -= self._made.popitem(last=False)[1].nbytes
        return sound

    def round_robin(
        self, name: str, tone: Tone, make: Callable[[Tone, Bench, np.random.Generator], Samples]
    ) -> Samples:
        """Return a held note; short ones, of which a piece has many alike, take turns.

        A short note is made for a coarse velocity and length (at most a few ms too short, which
        no gap betrays), and played at the level of its own velocity.
        """
        if tone.length_samples > SHORT_S * self.sample_rate:
            return make(tone, self, tone.rng())
        grid = self.samples(LENGTH_GRID_S)
        velocity = min(127, tone.velocity // VELOCITY_GRID * VELOCITY_GRID + VELOCITY_GRID // 2)
        length = max(1, tone.length_samples // grid) * grid
        alike = Tone(tone.pitch, velocity, length, tone.variation % TURNS)
        key = (name, alike.pitch, velocity, length, alike.variation)
        sound = self.once(key, lambda rng: make(alike, self, rng))
        return sound * np.float32(tone.gain / alike.gain)


class Instrument(Protocol):
    """Plays one note at a time."""

    @property
    def airy(self) -> bool:
        """Whether it has anything to lose above 10 kHz; what has not is made at a lower rate."""
        ...

    def play(self, tone: Tone, bench: Bench) -> Samples:
        """Return the note from its start until it has faded, ``(2, samples)``."""
        ...
