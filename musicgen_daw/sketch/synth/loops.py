"""Seamless loops of many voices: sections of players, and clouds of partials.

A loop holds whole periods, so it repeats without a seam. Its layers rise in brightness and share
their phases, so that fading from one to the next opens the sound like a filter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import ticks
from musicgen_daw.sketch.synth.phases import Ways, packed, unison
from musicgen_daw.sketch.synth.spectra import (
    Curve,
    Spectrum,
    breath,
    gain_at,
    harmonics,
    loop_length,
    table_size,
    wavetables,
    whole_periods,
)
from musicgen_daw.sketch.synth.tone import TICK_S, Signal, gain_of

__all__ = ["Cloud", "Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """Players in unison, each with a place on the stage, a tuning and a vibrato of their own.

    ``layers`` are the spectra of one player from dark to bright. ``breath`` is the noise of bows
    or breath in the brightest layer, with its level relative to the tone. ``tremolo_hz`` lets
    each player repeat the note unmeasured.
    """

    layers: tuple[Spectrum, ...]
    players: int = 6
    detune_cents: float = 5.0
    vibrato_cents: float = 9.0
    vibrato_hz: float = 5.3
    breath: Spectrum | None = None
    breath_db: float = -34.0
    tremolo_hz: float = 0.0
    loop_s: float = 1.5

    def loop(self, frequency_hz: float, sample_rate: int, rng: np.random.Generator) -> Samples:
        """Return ``(layers * 2, samples)``: left and right of each layer."""
        length, periods = whole_periods(frequency_hz, sample_rate, self.loop_s)
        tables = self._tables(frequency_hz, sample_rate, rng)
        places = np.linspace(-1.0, 1.0, self.players) if self.players > 1 else np.zeros(1)
        gains = np.stack([np.cos((places + 1) * np.pi / 4), np.sin((places + 1) * np.pi / 4)])
        gains = np.asarray(gains * np.sqrt(2.0 / self.players), np.float32)
        ways = self._ways(length, periods, rng.permutation(places), sample_rate, rng)
        strokes = self._strokes(length, sample_rate, rng) if self.tremolo_hz else None
        sound = unison(packed(tables), len(tables), ways, length, gains, strokes)
        if self.breath is not None:
            air = breath(length, sample_rate, self.breath, rng)
            sound[-2:] += np.float32(gain_of(self.breath_db)) * air
        return sound

    def _tables(self, frequency_hz: float, sample_rate: int, rng: np.random.Generator) -> Samples:
        frequencies_hz = harmonics(frequency_hz, sample_rate)
        # Scattered phases keep the crest of a section low, as it is in a hall.
        phases = np.exp(1j * rng.uniform(-0.9, 0.9, len(frequencies_hz)))
        layers = [shape(frequencies_hz) * phases for shape in self.layers]
        return wavetables(layers, table_size(len(frequencies_hz)))

    def _ways(
        self,
        length: int,
        periods: int,
        tunings: Curve,
        sample_rate: int,
        rng: np.random.Generator,
    ) -> Ways:
        """Return each player's way through the table: whole turns, a slow drift, the vibrato."""
        cents_per_turn = 1200.0 / (np.log(2.0) * periods)
        step = max(1, round(TICK_S * sample_rate))
        clock = ticks(length, step) * np.float32(2.0 * np.pi / length)
        bends = np.zeros((len(tunings), len(clock)), np.float32)
        starts = np.empty(len(tunings))
        for player, bend in enumerate(bends):
            vibrato_hz = self.vibrato_hz * rng.uniform(0.88, 1.12)
            vibrato_turns = max(1, round(vibrato_hz * length / sample_rate))
            for cents, turns in (
                (self.vibrato_cents * rng.uniform(0.7, 1.3), vibrato_turns),
                (self.detune_cents * 0.6, int(rng.integers(1, 3))),
            ):
                swing = np.sin(np.float32(turns) * clock + np.float32(rng.uniform(0, 2 * np.pi)))
                bend += swing * np.float32(cents / cents_per_turn / (2.0 * np.pi * turns))
            starts[player] = rng.uniform()
        detunes = np.rint(tunings * (self.detune_cents / cents_per_turn))
        return Ways((periods + detunes) / length, starts, bends, step)

    def _strokes(self, length: int, sample_rate: int, rng: np.random.Generator) -> Signal:
        """Return the bow strokes of all players at the ticks, ``(players, points)``."""
        rates = self.tremolo_hz * rng.uniform(0.9, 1.1, (self.players, 1)) * length / sample_rate
        step = max(1, round(TICK_S * sample_rate))
        course = ticks(length, step) * np.float32(np.pi / length)
        begun = rng.uniform(0, np.pi, (self.players, 1))
        bow = np.abs(np.sin(np.rint(rates).astype(np.float32) * course + begun.astype(np.float32)))
        return np.asarray(0.25 + 0.95 * np.sqrt(bow), np.float32)


@dataclass(frozen=True, slots=True)
class Cloud:
    """Partials spread into narrow bands of noise: the endless, slowly moving sound of a pad.

    ``partials`` are ratios to the fundamental with their linear levels; without any, all harmonics
    sound at equal level. The bands widen with frequency, ``spread_cents`` each; ``steady`` is
    the share of a partial's power that stays on its exact frequency and keeps the band from
    fading out. ``shared`` from 0 to 1 is how much left and right have in common.
    """

    layers: tuple[Spectrum, ...]
    partials: tuple[tuple[float, float], ...] = ()
    spread_cents: float = 9.0
    steady: float = 0.55
    shared: float = 0.3
    breath: Spectrum | None = None
    breath_db: float = -30.0
    loop_s: float = 3.2

    def loop(self, frequency_hz: float, sample_rate: int, rng: np.random.Generator) -> Samples:
        """Return ``(layers * 2, samples)``: left and right of each layer."""
        length, periods = loop_length(frequency_hz, sample_rate, self.loop_s)
        bands = self._bands(frequency_hz, length, periods, sample_rate)
        heard = np.flatnonzero(bands)
        bands = bands[heard]
        middle, *sides = _scattered(3, len(heard), rng)
        middle *= np.float32(np.sqrt(self.shared))
        for side in sides:
            side *= np.float32(np.sqrt(1.0 - self.shared))
            side += middle
        spectra = np.zeros((len(self.layers), 2, length // 2 + 1), np.complex64)
        gains = [gain_at(heard, shape, length, sample_rate) for shape in self.layers]
        for spectrum, gain in zip(spectra, gains, strict=True):
            levels = bands * gain
            levels *= np.float32(length / np.sqrt(2.0 * np.dot(levels, levels) + 1e-20))
            for side, phases in zip(spectrum, sides, strict=True):
                side[heard] = levels * phases
        sound = np.asarray(np.fft.irfft(spectra, length), np.float32).reshape(-1, length)
        if self.breath is not None:
            air = breath(length, sample_rate, self.breath, rng)
            sound[-2:] += np.float32(gain_of(self.breath_db)) * air
        return sound

    def _bands(self, frequency_hz: float, length: int, periods: int, sample_rate: int) -> Signal:
        """Return the level of every bin of the loop's transform."""
        all_harmonics = harmonics(frequency_hz, sample_rate) / frequency_hz
        top = all_harmonics[-1]
        partials = self.partials or tuple((ratio, 1.0) for ratio in all_harmonics)
        bins = np.zeros(length // 2 + 1, np.float32)
        for ratio, level in partials:
            if ratio > max(1.0, top):
                continue
            centre = ratio * periods
            width = max(0.35, centre * self.spread_cents * np.log(2.0) / 1200.0)
            reach = int(4.0 * width) + 1
            first, last = max(1, int(centre) - reach), min(len(bins), int(centre) + reach + 1)
            shape = np.exp(-0.5 * ((np.arange(first, last) - centre) / width) ** 2)
            shape *= np.sqrt((1.0 - self.steady) / np.dot(shape, shape))
            shape[round(centre) - first] += np.sqrt(self.steady)
            shape *= level
            bins[first:last] += shape
        return bins


def _scattered(rows: int, count: int, rng: np.random.Generator) -> NDArray[np.complex64]:
    """Return numbers of an absolute value of 1 at angles of chance, ``(rows, count)``."""
    which = np.frombuffer(rng.bytes(rows * count), np.uint8).astype(np.intp)
    return np.take(_ANGLES, which, mode="clip").reshape(rows, count)


_ANGLES = np.exp(2j * np.pi / 256 * (np.arange(256) + 0.5)).astype(np.complex64)
"""So many that a sum of bins doesn't tell them from all."""
