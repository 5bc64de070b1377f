"""Instruments that hold a note for as long as it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from musicgen_daw.audio import Samples, tape
from musicgen_daw.sketch.synth.envelopes import SHORTEST_FADE_S, decayed, drawn, gate, ticks
from musicgen_daw.sketch.synth.tone import Bench, Signal, Tone, frequency_of, gain_of

__all__ = ["OPENING", "Brightness", "LoopSource", "Sustained", "layer_weights", "through"]

STRETCH = 2**14


class LoopSource(Protocol):
    """Makes a seamless loop whose layers rise in brightness."""

    def loop(self, frequency_hz: float, sample_rate: int, rng: np.random.Generator) -> Samples:
        """Return ``(layers * 2, samples)``: left and right of each layer."""
        ...


@dataclass(frozen=True, slots=True)
class Brightness:
    """How far a note opens, from 0 (the dark layer) to 1 (the bright one).

    ``soft`` and ``loud`` are the brightness at the lowest and the highest velocity. ``follow`` is
    how much it follows the loudness of the note. ``flash`` is added at the attack and is gone
    after ``flash_s``. ``wave`` is a slow coming and going.
    """

    soft: float = 0.1
    loud: float = 0.9
    follow: float = 0.3
    flash: float = 0.0
    flash_s: float = 0.3
    wave: float = 0.0
    wave_s: float = 9.0

    def over(
        self, clock: Signal, envelope: Signal, tone: Tone, bench: Bench, rng: np.random.Generator
    ) -> Signal:
        """Return the brightness of a note at the ticks of a clock."""
        base = self.soft + (self.loud - self.soft) * (tone.velocity / 127.0) ** 1.5
        lane = np.float32(base * self.follow) * envelope
        lane += np.float32(base * (1.0 - self.follow))
        if self.flash:
            reach = bench.samples(self.flash_s)
            course = clock[: int(np.searchsorted(clock, reach))]
            flash = decayed(course, 2.0 * reach) * (1 - course / np.float32(reach))
            lane[: len(course)] += np.float32(self.flash) * flash
        if self.wave:
            hz = 1.0 / (self.wave_s * rng.uniform(0.8, 1.25))
            turns = clock * np.float32(2 * np.pi * hz / bench.sample_rate)
            lane += np.float32(self.wave) * np.sin(turns + np.float32(rng.uniform(0, 6.28)))
        return np.clip(lane, 0.0, 1.0, out=lane)


OPENING = Brightness()
"""The brightness of most things that are held: more of it with more force."""


@dataclass(frozen=True, slots=True)
class Sustained:
    """Plays a loop through an envelope: sections, choirs, pads, textures.

    The attack gets shorter in short notes and at high velocity. ``swell_db`` lets long notes
    breathe. ``decay_s`` makes short strokes of it (the time to lose 60 dB); 0 holds the level.
    ``airy`` tells that it has something to lose above 10 kHz.
    """

    name: str
    source: LoopSource
    level_db: float = 0.0
    attack_s: float = 0.2
    release_s: float = 0.3
    brightness: Brightness = OPENING
    swell_db: float = 1.0
    decay_s: float = 0.0
    pitched: bool = True
    airy: bool = True

    def play(self, tone: Tone, bench: Bench) -> Samples:
        """Return the note with its release, ``(2, samples)``."""
        return bench.round_robin(self.name, tone, self._sound)

    def _sound(self, tone: Tone, bench: Bench, rng: np.random.Generator) -> Samples:
        pitch = tone.pitch if self.pitched else 60
        loop = bench.once(
            (self.name, pitch),
            lambda chance: self.source.loop(frequency_of(pitch), bench.sample_rate, chance),
        )
        step, clock, length, envelope = self._envelope(tone, bench)
        brightness = self.brightness.over(clock, envelope, tone, bench, rng)
        envelope *= np.float32(tone.gain * gain_of(self.level_db + rng.uniform(-0.6, 0.6)))
        weights = layer_weights(len(loop) // 2, brightness)
        lanes = np.stack([weight * envelope for _, weight in weights])
        layers = loop.reshape(-1, 2, loop.shape[1])[weights[0][0] :]
        start = int(rng.integers(loop.shape[1]))
        return through(layers, start, lanes, step, length)

    def _envelope(self, tone: Tone, bench: Bench) -> tuple[int, Signal, int, Signal]:
        """Return the samples of a tick, the note's clock, its length with the release in samples,
        and its loudness.
        """
        length_s = tone.length_samples / bench.sample_rate
        quick = 1.0 - 0.6 * tone.velocity / 127.0
        attack_s = min(self.attack_s * quick, 0.45 * length_s + 0.01)
        release_s = min(self.release_s, 0.08 + 0.8 * length_s)
        release = bench.samples(max(SHORTEST_FADE_S, release_s))
        length = tone.length_samples + release
        step = bench.tick_samples(min(attack_s, release_s))
        clock = ticks(length, step)
        envelope = gate(clock, tone.length_samples, bench.samples(attack_s), release)
        if self.decay_s:
            envelope *= decayed(clock, self.decay_s * bench.sample_rate)
        elif self.swell_db and length_s > 1.0:
            course = np.minimum(clock / np.float32(tone.length_samples), 1)
            depth = np.float32(gain_of(-self.swell_db))
            envelope *= depth + (1 - depth) * np.sin(np.float32(np.pi) * course)
        return step, clock, length, envelope


def layer_weights(layers: int, brightness: Signal) -> list[tuple[int, Signal]]:
    """Return the layers that a note passes through, each with its weight."""
    if layers == 1:
        return [(0, np.ones(1, np.float32))]
    depth = brightness * np.float32(layers - 1)
    lowest, highest = int(depth.min()), min(layers - 1, int(np.ceil(depth.max())))
    return [
        (layer, np.maximum(1.0 - np.abs(depth - np.float32(layer)), 0.0))
        for layer in range(lowest, highest + 1)
    ]


def through(layers: Samples, start: int, lanes: Signal, step: int, length: int) -> Samples:
    """Return a loop ``(layers, 2, samples)`` from ``start`` on, each layer under its lane.

    It is done in stretches that fit a cache.
    """
    sound: Samples = tape.blank((2, length))  # a texture may lie under the whole cue
    ticks_a_stretch = STRETCH // step
    weighted = np.empty((2, ticks_a_stretch * step), np.float32)
    for first_tick in range(0, -(-length // step), ticks_a_stretch):
        first = first_tick * step
        last = min(length, first + ticks_a_stretch * step)
        course = lanes[:, first_tick : first_tick + ticks_a_stretch + 1]
        audible = np.flatnonzero(course.any(axis=1))
        weights = drawn(course[audible], step)
        for begin, end, offset in _turns(start + first, last - first, layers.shape[2]):
            here = sound[:, first + begin : first + end]
            if not len(audible):
                here[...] = 0.0
            product = here  # the first layer writes, the others add
            for layer, weight in zip(audible, weights, strict=True):
                heard = layers[layer, :, offset : offset + end - begin]
                np.multiply(heard, weight[begin:end], out=product)
                if product is not here:
                    here += product
                product = weighted[:, : end - begin]
    return sound


def _turns(start: int, length: int, loop_length: int) -> list[tuple[int, int, int]]:
    """Return ``(first, last, offset in the loop)`` of each time around."""
    turns = []
    first, offset = 0, start % loop_length
    while first < length:
        last = min(length, first + loop_length - offset)
        turns.append((first, last, offset))
        first, offset = last, 0
    return turns
