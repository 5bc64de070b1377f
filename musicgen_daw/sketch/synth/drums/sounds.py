"""How drums are made: skins, wires, plates and shakes.

Every recipe is a frozen dataclass with one method, ``strike``; a kit is a table of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import falling, ramp, steady_angle
from musicgen_daw.sketch.synth.modes import ring
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, burst, lowpassed
from musicgen_daw.sketch.synth.tone import gain_of

__all__ = ["Burst", "Drum", "Gated", "Hit", "Layers", "Plate", "Skin", "Sweep"]

RELAX_S = 0.06
SETTLED = 12.0
"""After so many times the relaxation a skin's pitch has come to rest."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke: ``force`` from 0 to 1, ``transpose`` the ratio of its pitch to the drum's own."""

    force: float
    transpose: float
    length: int
    sample_rate: int
    rng: np.random.Generator

    def samples(self, seconds: float) -> int:
        """Return a length in samples, at least 1."""
        return max(1, round(seconds * self.sample_rate))


class Drum(Protocol):
    """A recipe."""

    def strike(self, hit: Hit) -> Samples:
        """Return the stroke until it is silent, ``(2, hit.length)`` or less."""
        ...


@dataclass(frozen=True, slots=True)
class Sweep:
    """A tone that falls from ``start_hz`` to ``end_hz``: the bare body of a kick or a boom.

    ``drive`` bends the sine, which gives a body to small loudspeakers.
    """

    start_hz: float
    end_hz: float
    fall_s: float
    t60_s: float
    level_db: float = 0.0
    drive: float = 0.0

    def strike(self, hit: Hit) -> Samples:
        """Return the stroke, ``(2, hit.length)``."""
        depth_hz = (self.start_hz - self.end_hz) * (0.6 + 0.6 * hit.force)
        # What the fall adds in turns is spent soon; a quarter turn ahead, the first millisecond
        # has weight.
        wave = steady_angle(hit.transpose * self.end_hz, hit.length, hit.sample_rate)
        added = falling(hit.length, np.log(1000.0) * self.fall_s * hit.sample_rate)
        np.subtract(1, added, out=added)
        added *= np.float32(2 * np.pi * hit.transpose * depth_hz * self.fall_s)
        wave += added
        wave += np.float32(0.9)
        np.sin(wave, out=wave)
        wave *= falling(hit.length, self.t60_s * hit.sample_rate)
        if self.drive:
            wave *= np.float32(1 + self.drive)
            np.tanh(wave, out=wave)
        wave *= np.float32(gain_of(self.level_db))
        return np.stack([wave, wave])


@dataclass(frozen=True, slots=True)
class Skin:
    """A tuned membrane: its modes fall in pitch as the stroke's stretch relaxes.

    Source: modes of an ideal membrane, N. Fletcher and T. Rossing, The Physics of Musical
    Instruments, 3.2; an air-loaded head lies close enough.
    """

    frequency_hz: float
    t60_s: float
    level_db: float = 0.0
    overtones_db: float = -6.0
    bend: float = 0.06
    spread: float = 0.3

    def strike(self, hit: Hit) -> Samples:
        """Return the stroke, ``(2, hit.length)``."""
        ratios = np.array([1.0, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156, 3.501, 3.6, 4.06])
        tilt_db = self.overtones_db * np.log2(ratios) * (1.6 - hit.force)
        levels = 10.0 ** (tilt_db / 20.0) * hit.rng.uniform(0.6, 1.2, len(ratios))
        levels[0] = 1.0
        detuned = ratios * hit.rng.uniform(0.99, 1.01, len(ratios))
        decays_s = self.t60_s / ratios**1.1
        angles = -0.7 + self.spread * hit.rng.uniform(-1.0, 1.0, (2, len(ratios)))
        frequencies_hz = self.frequency_hz * hit.transpose * detuned
        levels *= gain_of(self.level_db)
        relax = RELAX_S * hit.sample_rate
        ahead = round(self.bend * hit.force * relax)
        length = hit.length + ahead + 1
        steady = ring(
            frequencies_hz, decays_s, levels * np.exp(1j * angles), length, hit.sample_rate
        )
        return _bent(steady, ahead, relax) if ahead else steady[:, :-1]


@dataclass(frozen=True, slots=True)
class Burst:
    """A burst of noise between two frequencies, in stereo; ``repeats_s`` are later starts.

    ``rise_s`` is 0 for a stroke; a shake swells.
    """

    low_hz: float
    high_hz: float
    t60_s: float
    level_db: float = 0.0
    rise_s: float = 0.0
    repeats_s: Sequence[float] = ()
    spread: float = 0.6
    slope: float = 2.0

    def strike(self, hit: Hit) -> Samples:
        """Return the stroke, ``(2, hit.length)``."""
        semitones = round(12.0 * math.log2(hit.transpose))
        low_hz = self.low_hz * 2.0 ** (semitones / 12.0)
        gain = np.float32(gain_of(self.level_db))
        shape = _band(low_hz, self.high_hz * (0.55 + 0.6 * hit.force), self.slope)
        whole = hit.samples(1.3 * self.t60_s + self.rise_s + 1.1 * max((0.0, *self.repeats_s)))
        sound = np.zeros((2, min(whole, hit.length)), np.float32)
        for start_s in (0.0, *self.repeats_s):
            start = round(start_s * hit.rng.uniform(0.9, 1.1) * hit.sample_rate)
            last = start_s == max((0.0, *self.repeats_s))
            t60_s = self.t60_s if last else min(self.t60_s, 0.03)
            full = hit.samples(1.3 * t60_s + self.rise_s)
            length = min(sound.shape[1] - start, full)
            if length <= 0:
                continue
            level = falling(length, t60_s * hit.sample_rate)
            level *= gain
            if self.rise_s:
                rise = min(length, hit.samples(self.rise_s))
                level[rise:] = level[: length - rise].copy()
                level[:rise] = gain * ramp(rise)
            middle, side = (burst(full, hit.sample_rate, shape, hit.rng)[:length] for _ in "ms")
            middle, side = middle * level, side * (np.float32(self.spread) * level)
            sound[0, start : start + length] += middle + side
            sound[1, start : start + length] += middle - side
        return sound


@lru_cache(maxsize=256)
def _band(low_hz: float, high_hz: float, slope: float) -> Spectrum:
    """Return the gain of a band: for the same one the same function."""

    def shape(frequencies_hz: Curve) -> Curve:
        rise = lowpassed(low_hz / np.maximum(frequencies_hz, 1.0), 1.0, slope)
        return rise * lowpassed(frequencies_hz, high_hz, slope)

    return shape


@dataclass(frozen=True, slots=True)
class Plate:
    """A cymbal, gong, anvil or bell: many modes, dense towards the top.

    ``modes`` of them lie between ``low_hz`` and ``high_hz``. The upper ones build up a moment
    later and die first, ``t60_s`` being the time of the lowest.
    """

    low_hz: float
    high_hz: float
    modes: int
    t60_s: float
    level_db: float = 0.0
    tilt_db: float = -2.0
    build_s: float = 0.0
    density: float = 1.0

    def strike(self, hit: Hit) -> Samples:
        """Return the stroke, ``(2, hit.length)``."""
        # The plate is the same at every stroke; where it is hit is not.
        plate = np.random.Generator(np.random.PCG64(int(self.low_hz * 31 + self.modes)))
        share = np.sort(plate.uniform(0.0, 1.0, self.modes)) ** self.density
        share[0] = 0.0
        frequencies_hz = self.low_hz * (self.high_hz / self.low_hz) ** share * hit.transpose
        octaves = np.log2(frequencies_hz / frequencies_hz[0])
        tilt_db = (self.tilt_db - 3.0 * (0.8 - hit.force)) * octaves
        levels = 10.0 ** (tilt_db / 20.0) * hit.rng.uniform(0.3, 1.0, (2, self.modes))
        levels *= gain_of(self.level_db) / np.sqrt(np.sum(levels**2) / 4.0)
        angles = hit.rng.uniform(-np.pi, np.pi, (2, self.modes))
        decays_s = self.t60_s * plate.uniform(0.6, 1.2, self.modes) / (1.0 + 0.25 * octaves)
        sound = ring(
            frequencies_hz, decays_s, levels * np.exp(1j * angles), hit.length, hit.sample_rate
        )
        if self.build_s:
            build = min(hit.length, hit.samples(self.build_s))
            sound[:, :build] *= 0.25 + 0.75 * ramp(build)
        return sound


@dataclass(frozen=True, slots=True)
class Gated:
    """A recipe whose ring is shut off after ``hold_s``, within ``close_s``: a noise gate."""

    part: Drum
    hold_s: float
    close_s: float

    def strike(self, hit: Hit) -> Samples:
        """Return the stroke, ``(2, hit.length)``."""
        sound = self.part.strike(hit)
        hold = min(sound.shape[1], hit.samples(self.hold_s))
        close = min(sound.shape[1] - hold, hit.samples(self.close_s))
        sound[:, hold : hold + close] *= ramp(close)[::-1]
        sound[:, hold + close :] = 0.0
        return sound


@dataclass(frozen=True, slots=True)
class Layers:
    """Recipes sounding together, panned as one from -1 to 1."""

    parts: tuple[Drum, ...]
    place: float = 0.0

    def strike(self, hit: Hit) -> Samples:
        """Return the stroke, as long as its longest part."""
        struck = sorted((part.strike(hit) for part in self.parts), key=lambda each: -each.shape[1])
        sound = struck[0]
        for shorter in struck[1:]:
            sound[:, : shorter.shape[1]] += shorter
        angle = (self.place + 1) * np.pi / 4
        sound[0] *= np.float32(np.sqrt(2.0) * np.cos(angle))
        sound[1] *= np.float32(np.sqrt(2.0) * np.sin(angle))
        return sound


def _bent(steady: Samples, ahead: int, relax: float) -> Samples:
    """Return a sound with its pitch raised at first and relaxing, ``ahead + 1`` samples shorter.

    In the end it is read so many samples ahead of the steady one.
    """
    length = steady.shape[1] - ahead - 1
    moving = min(length, round(SETTLED * relax))
    read = ahead * (1.0 - np.exp(np.arange(moving) / -relax)) + np.arange(moving)
    place = read.astype(np.intp)
    share = (read - place).astype(np.float32)
    bent = steady[:, ahead : ahead + length].copy()
    for sound, channel in zip(bent, steady, strict=True):
        here, after = channel[place], channel[place + 1]
        sound[:moving] = here + share * (after - here)
    return bent
