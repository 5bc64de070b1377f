"""Spectra of steady sounds, and the wavetables made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.envelopes import ramp
from musicgen_daw.sketch.synth.tone import Signal

__all__ = [
    "TABLE",
    "Curve",
    "Spectrum",
    "along_bins",
    "body",
    "breath",
    "bump",
    "burst",
    "gain_at",
    "harmonics",
    "loop_length",
    "lowpassed",
    "noise",
    "normalised",
    "table_size",
    "wavetables",
    "whole_periods",
]

TABLE = 2**15
"""Samples in a wavetable: so many that the nearest one is within -84 dB of a sine."""

SHORTEST_TABLE = 2**13
SEAM_S = 0.03

SHAPE_POINTS = 1024

TOP_HZ = 17_500.0
"""Partials end here: beyond it lies nothing to hear and much to alias."""

Curve = NDArray[np.floating[Any]]
"""Values along a spectrum: frequencies in Hz, or linear gains."""

Spectrum = Callable[[Curve], Curve]
"""Linear gain as a function of frequency in Hz."""


def harmonics(frequency_hz: float, sample_rate: int) -> Curve:
    """Return the frequencies of the partials that may sound, at least the first."""
    top_hz = min(TOP_HZ, 0.44 * sample_rate)
    return frequency_hz * np.arange(1, max(1, int(top_hz / frequency_hz)) + 1)


def lowpassed(frequencies_hz: Curve, corner_hz: float, order: float) -> Curve:
    """Return the gain of a Butterworth roll-off of ``6 * order`` dB an octave."""
    gain: Curve = 1.0 / np.sqrt(1.0 + (frequencies_hz / corner_hz) ** (2.0 * order))
    return gain


def body(frequencies_hz: Curve, *resonances: tuple[float, float, float]) -> Curve:
    """Return the gain of a resonating body: bumps of ``(centre_hz, width_octaves, gain_db)``."""
    octaves = np.log2(np.maximum(frequencies_hz, 1.0))
    level_db = np.zeros_like(octaves)
    for centre_hz, width_octaves, gain_db in resonances:
        level_db += gain_db * np.exp(-(((octaves - np.log2(centre_hz)) / width_octaves) ** 2))
    gain: Curve = 10.0 ** (level_db / 20.0)
    return gain


@lru_cache(maxsize=64)
def bump(centre_hz: float, width_octaves: float, gain_db: float) -> Spectrum:
    """Return the gain of a body with one resonance: for the same one the same function."""
    return lambda frequencies_hz: body(frequencies_hz, (centre_hz, width_octaves, gain_db))


def normalised(sound: Signal) -> Signal:
    """Return ``(..., samples)`` scaled to an RMS of 1 over everything (silence stays)."""
    rms = float(np.sqrt(np.mean(np.square(sound))))
    return np.asarray(sound / np.float32(rms or 1.0), np.float32)


def wavetables(
    amplitudes: Sequence[Curve] | Sequence[NDArray[np.complex128]], size: int = TABLE
) -> Samples:
    """Return one period of the partials of each layer, ``(layers, size)``, at an RMS of 1.

    A real amplitude starts its partial as a sine.
    """
    # All in one transform: the most of a single one is its preparation.
    spectra = np.zeros((len(amplitudes), size // 2 + 1), np.complex64)
    for spectrum, layer in zip(spectra, amplitudes, strict=True):
        spectrum[1 : len(layer) + 1] = -1j * layer
        spectrum *= np.float32(size / np.sqrt(2.0 * np.vdot(spectrum, spectrum).real + 1e-30))
    return np.asarray(np.fft.irfft(spectra), np.float32)


def table_size(partials: int) -> int:
    """Return how many samples a wavetable of so many partials has to have, for many voices at once.

    The nearest one errs by what the wave climbs between two: up to 256 partials of a saw, which
    climbs more than any instrument, that stays at -63 dB.
    """
    size = SHORTEST_TABLE
    while size < TABLE and size**2 < 2**22 * partials:
        size *= 2
    return size


def noise(
    rows: int, length: int, sample_rate: int, shape: Spectrum, rng: np.random.Generator
) -> Samples:
    """Return noises of a spectral shape, ``(rows, length)``, seamless as loops, at an RMS of 1."""
    size = _smooth_at_least(length)
    gain = along_bins(shape, size, sample_rate)
    # A sum of so many bins is Gaussian whatever each is drawn from: a byte does.
    bins = np.frombuffer(rng.bytes(2 * rows * len(gain)), np.int8).astype(np.float32)
    bins += np.float32(0.5)
    spectra = bins.view(np.complex64).reshape(rows, -1)
    spectra *= gain
    return normalised(np.fft.irfft(spectra, size)[:, :length].astype(np.float32))


def burst(length: int, sample_rate: int, shape: Spectrum, rng: np.random.Generator) -> Signal:
    """Return a piece of noise of a spectral shape, ``(length,)``: not to be changed.

    Bursts of one shape are pieces of one noise that is made once, and has an RMS of 1.
    """
    store = _store(2 ** (2 * length).bit_length(), sample_rate, shape)
    start = int(rng.integers(len(store) - length))
    return store[start : start + length]


def breath(length: int, sample_rate: int, shape: Spectrum, rng: np.random.Generator) -> Samples:
    """Return stereo noise of a spectral shape, ``(2, length)``, a seamless loop at an RMS of 1.

    All of one shape are cut from one noise: each side where chance tells, far from the other, its
    head faded into what follows its end.
    """
    seam = min(length, round(SEAM_S * sample_rate))
    store = _store(2 ** (length + seam).bit_length(), sample_rate, shape)
    start = int(rng.integers(len(store)))
    sides = np.empty((2, length + seam), np.float32)
    for side, first in zip(sides, (start, (start + len(store) // 2) % len(store)), strict=True):
        until_end = min(len(side), len(store) - first)
        side[:until_end] = store[first : first + until_end]
        side[until_end:] = store[: len(side) - until_end]
    rise = np.sqrt(ramp(seam))
    sides[:, :seam] *= rise
    sides[:, :seam] += sides[:, length:] * rise[::-1]
    return sides[:, :length]


@lru_cache(maxsize=96)
def _store(length: int, sample_rate: int, shape: Spectrum) -> Signal:
    rng = np.random.Generator(np.random.PCG64(length))
    made = noise(1, length, sample_rate, shape, rng)
    made.setflags(write=False)
    return np.ravel(made)


@lru_cache(maxsize=16)
def along_bins(shape: Spectrum, size: int, sample_rate: int) -> Signal:
    """Return the gain at every bin of a transform of ``size`` samples, 0 at its first.

    It is not to be changed: left and right, and one stroke after the other, share it. Shapes are
    smooth, so long transforms read them between points a few Hz apart.
    """
    along = gain_at(np.arange(size // 2 + 1), shape, size, sample_rate)
    along[0] = 0.0
    along.setflags(write=False)
    return along


def gain_at(places: NDArray[np.intp], shape: Spectrum, size: int, sample_rate: int) -> Signal:
    """Return the gain at some bins of a transform of ``size`` samples."""
    bins = size // 2 + 1
    if len(places) <= 2 * SHAPE_POINTS:
        return np.asarray(shape(places * (sample_rate / size)), np.float32)
    coarse = np.linspace(0.0, np.sqrt(bins - 1), SHAPE_POINTS) ** 2
    return np.asarray(np.interp(places, coarse, shape(coarse * (sample_rate / size))), np.float32)


def loop_length(frequency_hz: float, sample_rate: int, about_s: float) -> tuple[int, int]:
    """Return the samples and periods of a loop that holds whole periods, in tune, near a length.

    Only lengths that a Fourier transform does quickly are tried; the best is within a part of a
    cent.
    """
    about = about_s * sample_rate
    lengths = _SMOOTH[
        np.searchsorted(_SMOOTH, 0.75 * about) : np.searchsorted(_SMOOTH, 1.1 * about)
    ]
    exact = lengths * (frequency_hz / sample_rate)
    periods = np.maximum(1, np.rint(exact))
    best = int(np.argmin(np.abs(exact / periods - 1.0)))
    return int(lengths[best]), int(periods[best])


def whole_periods(frequency_hz: float, sample_rate: int, about_s: float) -> tuple[int, int]:
    """Return the samples and periods of the best tuned loop of at most about a length."""
    most = max(1, round(about_s * frequency_hz))
    periods = np.arange(max(1, round(0.85 * most)), most + 1)
    lengths = np.rint(periods * (sample_rate / frequency_hz))
    best = int(np.argmin(np.abs(lengths * (frequency_hz / sample_rate) / periods - 1.0)))
    return int(lengths[best]), int(periods[best])


def _smooth_numbers(limit: int) -> NDArray[np.int64]:
    """Return the even numbers without prime factors above 5: a transform is slow at 7."""
    found = [2**power for power in range(1, limit.bit_length())]
    for prime in (3, 5):
        powers = [prime**power for power in range(16)]
        found = [number * power for number in found for power in powers if number * power <= limit]
    return np.array(sorted(found), np.int64)


_SMOOTH = _smooth_numbers(2**25)


def _smooth_at_least(length: int) -> int:
    place = int(np.searchsorted(_SMOOTH, length))
    return int(_SMOOTH[place]) if place < len(_SMOOTH) else length + length % 2
