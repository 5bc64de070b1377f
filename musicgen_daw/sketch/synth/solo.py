"""Single voices with a vibrato that comes late: leads, winds, chip channels, synthetic basses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import SHORTEST_FADE_S, decayed, drawn, gate, ticks
from musicgen_daw.sketch.synth.phases import phase
from musicgen_daw.sketch.synth.spectra import Spectrum, breath, harmonics, wavetables
from musicgen_daw.sketch.synth.sustained import OPENING, Brightness, layer_weights, through
from musicgen_daw.sketch.synth.tone import Bench, Signal, Tone, gain_of

__all__ = ["Solo"]

BREATH_S = 1.5


@dataclass(frozen=True, slots=True)
class Solo:
    """Plays wavetables, from dark to bright, with vibrato, breath and a decay to ``sustain``.

    ``voices`` are ``(cents, place)`` of voices in unison, their places from -1 to 1; the cents
    should sum to 0. Where ``by_number`` is set, the layers are functions of a partial's number
    instead of its frequency. ``airy`` tells that it has something to lose above 10 kHz.
    """

    name: str
    layers: tuple[Spectrum, ...]
    level_db: float = 0.0
    voices: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    attack_s: float = 0.01
    release_s: float = 0.08
    brightness: Brightness = OPENING
    decay_s: float = 0.0
    sustain: float = 1.0
    vibrato_cents: float = 0.0
    vibrato_hz: float = 5.4
    vibrato_delay_s: float = 0.35
    breath: Spectrum | None = None
    breath_db: float = -30.0
    by_number: bool = False
    airy: bool = True

    def play(self, tone: Tone, bench: Bench) -> Samples:
        """Return the note with its release, ``(2, samples)``."""
        return bench.round_robin(self.name, tone, self._sound)

    def _sound(self, tone: Tone, bench: Bench, rng: np.random.Generator) -> Samples:
        step = bench.tick_samples(min(self.attack_s, self.release_s))
        length = tone.length_samples + bench.samples(max(SHORTEST_FADE_S, self.release_s))
        clock = ticks(length, step)
        envelope = self._envelope(clock, tone, bench)
        brightness = self.brightness.over(clock, envelope, tone, bench, rng)
        tables = bench.once((self.name, tone.pitch), lambda _: self._tables(tone, bench))
        bend = self._vibrato(clock, step, length, tone, bench, rng)
        offsets = rng.uniform(size=len(self.voices)) if len(self.voices) > 1 else np.zeros(1)
        envelope *= np.float32(tone.gain * gain_of(self.level_db + rng.uniform(-0.5, 0.5)))
        lanes = [
            (tables[layer], drawn(weight * envelope, step)[:length])
            for layer, weight in layer_weights(len(tables), brightness)
        ]
        sound = np.zeros((2, length), np.float32)
        voice, more = np.empty((2, length), np.float32)
        scale = np.sqrt(2.0 / len(self.voices))
        for (cents, place), offset in zip(self.voices, offsets, strict=True):
            frequency_hz = tone.frequency_hz * 2.0 ** (cents / 1200.0)
            index = phase(frequency_hz / bench.sample_rate, float(offset), bend)
            for number, (table, lane) in enumerate(lanes):
                heard = more if number else voice  # the first layer writes, the others add
                np.take(table, index, out=heard, mode="clip")
                heard *= lane
                if number:
                    voice += heard
            angle = (place + 1) * np.pi / 4
            for side, gain in zip(sound, (np.cos(angle), np.sin(angle)), strict=True):
                side += np.multiply(voice, np.float32(scale * gain), out=more)
        if self.breath is not None:
            envelope *= np.float32(gain_of(self.breath_db))
            wind = self._breath(self.breath, bench)
            start = int(rng.integers(wind.shape[1]))
            sound += through(wind[None], start, envelope[None], step, length)
        return sound

    def _tables(self, tone: Tone, bench: Bench) -> Samples:
        frequencies_hz = harmonics(tone.frequency_hz, bench.sample_rate)
        argument = frequencies_hz / tone.frequency_hz if self.by_number else frequencies_hz
        return wavetables([shape(argument) for shape in self.layers])

    def _envelope(self, clock: Signal, tone: Tone, bench: Bench) -> Signal:
        release = bench.samples(max(SHORTEST_FADE_S, self.release_s))
        envelope = gate(clock, tone.length_samples, bench.samples(self.attack_s), release)
        if self.decay_s:
            decay = decayed(clock, self.decay_s * bench.sample_rate)
            envelope *= np.float32(self.sustain) + np.float32(1.0 - self.sustain) * decay
        return envelope

    def _vibrato(
        self,
        clock: Signal,
        step: int,
        length: int,
        tone: Tone,
        bench: Bench,
        rng: np.random.Generator,
    ) -> Signal | int:
        """Return the vibrato in turns, or the length of a note that ends before it begins."""
        delay = bench.samples(self.vibrato_delay_s)
        if not self.vibrato_cents or length <= delay:
            return length
        rate_hz = self.vibrato_hz * rng.uniform(0.94, 1.06)
        swing = (
            tone.frequency_hz * self.vibrato_cents * np.log(2.0) / 1200.0 / (2 * np.pi * rate_hz)
        )
        late = np.maximum(clock - np.float32(delay), 0)
        wave = np.sin(late * np.float32(2 * np.pi * rate_hz / bench.sample_rate))
        wave *= np.float32(swing) * np.minimum(late / np.float32(delay), 1)
        return drawn(wave, step)[:length]

    def _breath(self, shape: Spectrum, bench: Bench) -> Samples:
        return bench.once(
            (self.name, "breath"),
            lambda chance: breath(bench.samples(BREATH_S), bench.sample_rate, shape, chance),
        )
