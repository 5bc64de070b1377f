"""The streaming meter: against libebur128, against itself in one piece, and at its edges."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio, measure
from musicgen_daw.audio.meter import Meter, read
from musicgen_daw.errors import AudioError

RATE = 48_000


def music_like(sample_rate, seed, channels=2, seconds=20):
    """Noise with a falling spectrum below 18 kHz, beats and swells."""
    length = seconds * sample_rate
    noise = np.random.default_rng(seed).standard_normal((channels, length))
    time = np.arange(length) / sample_rate
    swell = (0.2 + np.exp(-5 * (time % 0.5))) * (1.1 + np.sin(time))
    spectrum = np.fft.rfft(noise * swell)
    hz = np.fft.rfftfreq(length, 1 / sample_rate)
    spectrum /= np.sqrt(1 + hz / 100)
    spectrum[:, hz > min(0.42 * sample_rate, 18_000)] = 0
    samples = np.fft.irfft(spectrum, length)
    return Audio((0.5 * samples / np.abs(samples).max()).astype(np.float32), sample_rate)


# -- against libebur128 ----------------------------------------------------------------------------


def libebur128(samples, sample_rate):
    """The integrated loudness that libebur128 measures."""
    ebur128 = pytest.importorskip("pyebur128")
    state = ebur128.R128State(len(samples), sample_rate, ebur128.MeasurementMode.MODE_I)
    interleaved = np.ascontiguousarray(samples.T, np.float32)
    state.add_frames(interleaved.reshape(-1), len(interleaved))
    return ebur128.get_loudness_global(state)


@pytest.mark.parametrize("channels", [1, 2, 4, 5])
@pytest.mark.parametrize("seed", [0, 1])
def test_music_is_as_loud_as_libebur128_says(seed, channels):
    audio = music_like(RATE, seed, channels)
    theirs = libebur128(audio.samples, RATE)
    assert read(audio).levels.integrated_lufs == pytest.approx(theirs, abs=0.001)


@pytest.mark.parametrize(
    ("sample_rate", "tolerance_lu"),
    [
        (8000, 0.02),
        (12_000, 0.02),
        (16_000, 0.02),
        (32_000, 0.02),
        (44_100, 0.01),
        (96_000, 0.01),
        (192_000, 0.01),
    ],
)
def test_the_same_music_is_as_loud_at_any_rate_as_libebur128_says_at_48_khz(
    sample_rate, tolerance_lu
):
    # Only at 48 kHz libebur128's filter is the standard's: elsewhere its high-pass has another
    # gain (+0.022 dB at 32 kHz, -0.022 dB at 96 kHz).
    audio = music_like(sample_rate, seed=1)
    at_48_khz = soxr.resample(audio.samples.T, sample_rate, RATE, quality="VHQ").T
    theirs = libebur128(at_48_khz, RATE)
    assert read(audio).levels.integrated_lufs == pytest.approx(theirs, abs=tolerance_lu)


@pytest.mark.parametrize("sample_rate", [32_000, 44_100, 96_000, 192_000])
def test_what_differs_from_libebur128_is_the_gain_of_its_high_pass(sample_rate):
    def gain_db(rate):
        tan = math.tan(math.pi * 38.13547087602444 / rate)
        return 20 * math.log10(1 + tan / 0.5003270373238773 + tan * tan)

    audio = music_like(sample_rate, seed=3, seconds=5)
    theirs = libebur128(audio.samples, sample_rate) - gain_db(sample_rate) + gain_db(RATE)
    assert read(audio).levels.integrated_lufs == pytest.approx(theirs, abs=0.001)


# -- in pieces and in one --------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 400_000), min_size=1, max_size=5),
    channels=st.sampled_from([1, 2, 6]),
    sample_rate=st.sampled_from([8000, 22_050, 44_100, 48_000]),
    seed=st.integers(0, 99),
)
def test_pieces_read_as_the_whole_to_the_last_bit(lengths, channels, sample_rate, seed):
    samples = np.random.default_rng(seed).uniform(-1.2, 1.2, (channels, sum(lengths)))
    samples = np.clip(samples, -1, 1).astype(np.float32)
    meter = Meter(sample_rate, channels)
    for end, length in zip(np.cumsum(lengths), lengths, strict=True):
        meter.add(samples[:, end - length : end])
    assert meter.reading() == read(Audio(samples, sample_rate))


@settings(max_examples=25, deadline=None)
@given(length=st.integers(0, 500_000), seed=st.integers(0, 99))
def test_the_meter_reads_what_is_measured_of_a_sound_in_memory(length, seed):
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, (2, length)).astype(np.float32)
    audio = Audio(samples, RATE)
    ours, theirs = read(audio).levels, measure(audio)
    assert ours.true_peak_dbtp == pytest.approx(theirs.true_peak_dbtp, abs=1e-4)
    assert ours.integrated_lufs == theirs.integrated_lufs
    assert ours.max_momentary_lufs == theirs.max_momentary_lufs
    assert ours.sample_peak_dbfs == theirs.sample_peak_dbfs


def test_a_reading_in_between_changes_nothing():
    audio = music_like(RATE, seed=5, seconds=8)
    meter = Meter(RATE, 2)
    for first in range(0, audio.length_samples, 70_001):
        meter.add(audio.samples[:, first : first + 70_001])
        meter.reading()
    assert meter.reading() == read(audio)


@pytest.mark.parametrize("at", [0, 1, 15, 16, 31, 32, 196_607, 196_608, 196_609])
def test_a_peak_between_two_chunks_is_found(at):
    # Two full samples side by side have a peak between them, wherever a chunk ends.
    chunk = Meter(RATE, 1)._loudness.chunk_samples
    samples = np.zeros((1, 2 * chunk + 64), np.float32)
    start = chunk - 16 + at if at < 100 else at
    samples[0, start : start + 2] = 0.5
    here = read(Audio(samples, RATE)).levels.true_peak_dbtp
    samples = np.zeros((1, 4000), np.float32)
    samples[0, 2000:2002] = 0.5
    assert here == pytest.approx(measure(Audio(samples, RATE)).true_peak_dbtp, abs=1e-4)
    assert here > -4.5


# -- what else is read -----------------------------------------------------------------------------


def stereo(left, right):
    return Audio(np.stack((left, right)).astype(np.float32), RATE)


def test_mono_loses_nothing_of_equal_sides_and_everything_of_opposite_ones():
    noise = 0.2 * np.random.default_rng(1).standard_normal((2, 5 * RATE))
    assert read(stereo(noise[0], noise[0])).mono_loss_db == pytest.approx(0, abs=1e-3)
    assert read(stereo(noise[0], noise[1])).mono_loss_db == pytest.approx(3.01, abs=0.05)
    assert read(stereo(noise[0], -noise[0])).mono_loss_db == math.inf
    assert read(Audio.silence(100, RATE, 2)).mono_loss_db == 0
    assert read(Audio.silence(100, RATE, 1)).mono_loss_db is None


@settings(max_examples=25, deadline=None)
@given(offset=st.floats(-0.5, 0.5), length=st.integers(1, 300_000))
def test_an_offset_is_read(offset, length):
    sides = np.stack((np.zeros(length), np.full(length, offset)))
    assert read(Audio(sides.astype(np.float32), RATE)).dc_offset == pytest.approx(offset, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(runs=st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 9)), max_size=8))
def test_runs_at_full_scale_are_counted_also_where_chunks_meet(runs):
    parts, long_runs = [], []
    for gap, length in runs:
        parts += [np.full(gap + 1, 0.2), np.full(length, -1.0)]
        long_runs += [length] if length >= 3 else []
    chunk = Meter(RATE, 1)._loudness.chunk_samples
    # Shifted so that a chunk ends inside of a run.
    parts.insert(0, np.zeros(chunk - (runs[0][0] + 2 if runs else 0)))
    reading = read(Audio(np.concatenate([*parts, np.zeros(9)])[np.newaxis].astype("f4"), RATE))
    assert reading.clipped_runs == len(long_runs)
    assert reading.clipped_samples == sum(long_runs)


@settings(max_examples=25, deadline=None)
@given(head=st.integers(0, 300_000), body=st.integers(1, 300_000), tail=st.integers(0, 300_000))
def test_silence_at_both_ends_is_read(head, body, tail):
    sound = np.concatenate((np.full(head, 5e-5), np.full(body, 0.1), np.full(tail, -5e-5)))
    reading = read(Audio(np.stack((sound, 0 * sound)).astype(np.float32), RATE))
    assert (reading.head_silence_samples, reading.tail_silence_samples) == (head, tail)


def test_peak_to_loudness_is_the_difference_of_both():
    reading = read(music_like(RATE, seed=2, seconds=4))
    levels = reading.levels
    assert reading.peak_to_loudness_db == levels.true_peak_dbtp - levels.integrated_lufs


# -- edges -----------------------------------------------------------------------------------------


def test_silence_and_nothing_have_a_reading():
    for length in (0, 1, RATE):
        reading = read(Audio.silence(length, RATE))
        assert reading.is_silent
        assert reading.peak_to_loudness_db is None
        assert reading.levels == measure(Audio.silence(length, RATE))
        assert (reading.head_silence_samples, reading.tail_silence_samples) == (length, 0)


@pytest.mark.parametrize(("length", "ungated"), [(1, True), (19_199, True), (19_200, False)])
def test_below_400_ms_a_sound_is_read_without_a_gate(length, ungated):
    wave = 0.1 * np.sin(2 * np.pi * 997 * np.arange(length) / RATE + 1)
    reading = read(Audio(wave[np.newaxis].astype(np.float32), RATE))
    assert reading.is_ungated is ungated
    assert math.isfinite(reading.levels.integrated_lufs)


@pytest.mark.parametrize("fault", [math.nan, math.inf, -math.inf, 3e38])
def test_numbers_that_are_no_sound_are_counted_and_heard_as_silence(fault):
    audio = music_like(RATE, seed=1, seconds=6)
    faulty, silent = audio.samples.copy(), audio.samples.copy()
    for channel, sample in ((0, 5), (1, 5), (1, 250_000)):
        faulty[channel, sample] = fault
        silent[channel, sample] = 0
    reading = read(Audio(faulty, RATE))
    assert reading.non_finite_samples == 3
    assert reading.levels == read(Audio(silent, RATE)).levels


def test_nothing_but_nan_is_silence():
    reading = read(Audio(np.full((2, 1000), np.nan, np.float32), RATE))
    assert (reading.is_silent, reading.non_finite_samples) == (True, 2000)


@pytest.mark.parametrize("sample_rate", [8000, 11_025, 25_700, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6])
def test_every_rate_and_layout_has_a_reading(sample_rate, channels):
    wave = 0.1 * np.sin(2 * np.pi * 997 * np.arange(sample_rate) / sample_rate)
    samples = np.zeros((channels, sample_rate), np.float32)
    samples[0] = wave
    levels = read(Audio(samples, sample_rate)).levels
    # The shelf's corner is so near to the end of the band at 8 kHz that its shape changes.
    assert levels.integrated_lufs == pytest.approx(-23.0, abs=0.25 if sample_rate < 16_000 else 0.1)
    # There the tone's sudden start stands out by 0.13 dB, as soxr plays it, too.
    assert levels.true_peak_dbtp == pytest.approx(-20.0, abs=0.15 if sample_rate < 16_000 else 0.1)


@pytest.mark.parametrize("sample_rate", [7999, 192_001, 352_800])
def test_a_rate_too_low_or_too_high_is_refused(sample_rate):
    with pytest.raises(AudioError, match=f"{sample_rate} Hz"):
        Meter(sample_rate, 2)


@pytest.mark.parametrize("samples", [np.zeros(5, "f4"), np.zeros((1, 5), "f4"), np.zeros((2, 5))])
def test_another_shape_or_type_is_refused(samples):
    with pytest.raises(ValueError, match="float32 samples of shape"):
        Meter(RATE, 2).add(samples)


@pytest.mark.slow
def test_the_meter_holds_no_more_of_an_hour_than_of_ten_minutes():
    minute = (0.1 * np.random.default_rng(1).standard_normal((1, 60 * 8000))).astype(np.float32)
    held_bytes = []
    for minutes in (10, 60):
        tracemalloc.start()
        meter = Meter(8000, 1)
        for _ in range(minutes):
            meter.add(minute)
        assert np.isfinite(meter.reading().levels.integrated_lufs)
        held_bytes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert held_bytes[1] < held_bytes[0] + 3 * 2**20
