from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio
from musicgen_daw.audio.levels import gain_to_db
from musicgen_daw.audio.quantise import quantise, to_audio
from musicgen_daw.audio.truepeak import (
    BLOCK_SAMPLES,
    PeakPlaces,
    block_peaks,
    sample_peak,
    true_peak,
)

RATE = 48_000


def oversampled(samples, factor=8):
    """Interpolate by a long FFT: another way than the meter's."""
    margin = 2048
    padded = np.pad(samples.astype(float), ((0, 0), (margin, margin)))
    length = padded.shape[1]
    spectrum = np.fft.rfft(padded)
    wide = np.zeros((len(samples), length * factor // 2 + 1), complex)
    wide[:, : spectrum.shape[1]] = spectrum
    return np.fft.irfft(wide, length * factor) * factor


def faded_sine(divisor, amplitude, degrees):
    """EBU Tech 3341's true-peak signals: a sine of rate/divisor, with soft ends."""
    phase = 2 * np.pi * np.arange(RATE) / divisor + np.deg2rad(degrees)
    edge = 0.5 - 0.5 * np.cos(np.pi * np.arange(480) / 480)
    wave = amplitude * np.sin(phase)
    wave[:480] *= edge
    wave[-480:] *= edge[::-1]
    return Audio(np.tile(wave, (2, 1)).astype(np.float32), RATE)


def band_limited_noise(length, seed, highest_hz=18_000):
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((2, length)))
    spectrum[:, np.fft.rfftfreq(length, 1 / RATE) > highest_hz] = 0
    edge = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / 200)
    samples = np.fft.irfft(spectrum, length) * np.sin(edge * np.pi / 2) ** 2
    return (samples / np.abs(samples).max()).astype(np.float32)


def test_a_peak_between_samples_is_found_that_the_samples_hide():
    audio = faded_sine(4, 0.5, 45)
    assert gain_to_db(sample_peak(audio)) == pytest.approx(-9.03, abs=0.01)
    assert gain_to_db(true_peak(audio)) == pytest.approx(-6.02, abs=0.02)


@pytest.mark.parametrize("hz", [997, 5000, 10_000, 15_000, 18_000, 20_000])
def test_the_band_is_read_within_a_fiftieth_of_a_decibel(hz):
    wave = 0.5 * np.hanning(RATE) * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE + 0.3)
    measured = true_peak(Audio(wave[np.newaxis].astype(np.float32), RATE))
    assert gain_to_db(measured) == pytest.approx(-6.02, abs=0.02)


@settings(max_examples=20, deadline=None)
@given(length=st.integers(1000, 20_000), seed=st.integers(0, 10_000))
def test_skipping_blocks_never_misses_the_peak(length, seed):
    samples = band_limited_noise(length, seed)
    reference = np.abs(oversampled(samples)).max()
    assert gain_to_db(true_peak(Audio(samples, RATE))) == pytest.approx(
        gain_to_db(float(reference)), abs=0.1
    )


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), swells=st.floats(0.5, 30), depth=st.floats(0.0, 1.0))
def test_soft_stretches_hide_no_peak_beside_them(seed, swells, depth):
    samples = band_limited_noise(16_000, seed)
    samples *= 1 - depth * np.sin(np.linspace(0, swells * np.pi, 16_000, dtype=np.float32)) ** 2
    reference = float(np.abs(oversampled(samples)).max())
    measured = true_peak(Audio(samples.astype(np.float32), RATE))
    assert gain_to_db(measured) == pytest.approx(gain_to_db(reference), abs=0.1)


@pytest.mark.parametrize("place", [0, 15, 490, 511, 512, 1023, 5000, 7167, 7168, 7900, 7990])
def test_a_lone_peak_is_found_wherever_it_stands(place):
    samples = 0.3 * np.sin(np.arange(8000, dtype=np.float32) / 40)[np.newaxis]
    samples[:, place : place + 2] = 0.5  # between two alike, the waveform is higher than both
    reference = float(np.abs(oversampled(samples)).max())
    assert reference > 0.55
    assert true_peak(Audio(samples, RATE)) == pytest.approx(reference, rel=0.01)
    peaks = block_peaks(Audio(samples, RATE), floor=0.4)
    assert int(peaks.argmax()) == place // BLOCK_SAMPLES
    assert float(peaks.max()) == pytest.approx(reference, rel=0.01)


def test_a_peak_that_rises_without_the_top_of_the_band_is_read_as_a_converter_plays_it():
    at = np.arange(RATE)
    wave = 0.5 * np.cos(2 * np.pi * at / 10)
    hidden = (wave - 0.05 * np.cos(np.pi * at)) * np.hanning(RATE)
    played = soxr.resample(hidden, RATE, 8 * RATE, quality="VHQ")
    assert gain_to_db(float(np.abs(played).max())) == pytest.approx(-6.02, abs=0.01)
    measured = true_peak(Audio(hidden[np.newaxis].astype(np.float32), RATE))
    assert gain_to_db(measured) == pytest.approx(-6.02, abs=0.07)


def test_a_floor_above_the_peak_is_returned_as_it_is():
    audio = faded_sine(4, 0.5, 45)
    assert true_peak(audio, at_least=0.9) == 0.9
    assert true_peak(audio, at_least=0.45) == true_peak(audio)


@pytest.mark.parametrize("length", [0, 1, 2, BLOCK_SAMPLES - 1, BLOCK_SAMPLES, BLOCK_SAMPLES + 1])
def test_sounds_shorter_than_the_interpolator_have_a_peak(length):
    audio = Audio(np.full((2, length), 0.25, np.float32), RATE)
    assert true_peak(audio) >= (0.25 if length else 0.0)
    assert len(block_peaks(audio, 0.1)) == -(-length // BLOCK_SAMPLES)


def test_block_peaks_cover_the_waveform_of_every_block():
    samples = band_limited_noise(8000, seed=4)
    wave = np.abs(oversampled(samples))[:, 2048 * 8 : -2048 * 8].max(axis=0)
    expected = wave.reshape(-1, BLOCK_SAMPLES * 8).max(axis=1)
    peaks = block_peaks(Audio(samples, RATE), floor=0.3)
    loud = expected > 0.3
    assert loud.sum() > 50
    np.testing.assert_allclose(peaks[loud], expected[loud], rtol=0.02)
    assert (peaks[~loud] < 0.31).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), bits=st.sampled_from(["16", "24", "32f"]))
def test_the_peak_of_a_rounded_sound_is_where_it_was_before(seed, bits):
    audio = Audio(0.9 * band_limited_noise(9000, seed), RATE)
    places = PeakPlaces.of(audio)
    assert places.peak == pytest.approx(true_peak(audio), rel=1e-6)
    assert sum(map(len, places.blocks)) < 100
    gain, step = np.float32(0.7), 2.0 ** -{"16": 15, "24": 23, "32f": 24}[bits]
    pcm = quantise(Audio(audio.samples * gain, RATE), bits, seed)
    assert places.are_kept(float(gain), 1.5 * step)
    audio = to_audio(pcm)
    found = places.true_peak(pcm.samples, pcm.full_scale, sample_peak(audio))
    assert found == pytest.approx(true_peak(audio), rel=1e-6)


def test_places_are_not_relied_on_where_rounding_may_move_the_peak():
    quiet = PeakPlaces.of(Audio(0.01 * band_limited_noise(9000, 1), RATE))
    assert not quiet.are_kept(1.0, 1.5 * 2.0**-15)
    assert not PeakPlaces.of(Audio.silence(1000, RATE)).are_kept(1.0, 0.0)
