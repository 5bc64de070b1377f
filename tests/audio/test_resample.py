from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio
from musicgen_daw.audio.resample import resample, resample_pieces


def sine(hz, sample_rate, seconds=1.0, channels=1):
    wave = 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * sample_rate)) / sample_rate)
    return Audio(np.tile(wave, (channels, 1)).astype(np.float32), sample_rate)


def spectrum_db(samples):
    window = np.blackman(len(samples))
    return 20 * np.log10(np.abs(np.fft.rfft(samples * window)) / window.sum() * 2 + 1e-12)


@settings(max_examples=40, deadline=None)
@given(
    length=st.integers(0, 5000),
    source=st.sampled_from([16_000, 22_050, 32_000, 44_100, 48_000]),
    target=st.sampled_from([32_000, 44_100, 48_000, 96_000]),
)
def test_the_length_is_the_rounded_one(length, source, target):
    out = resample(Audio(np.ones((1, length), np.float32), source), target)
    assert out.length_samples == int(length * target / source + 0.5)
    assert out.sample_rate == target


def test_the_same_rate_returns_the_very_sound():
    audio = sine(440, 48_000)
    assert resample(audio, 48_000) is audio


def test_nothing_moves_in_time():
    click = Audio(np.zeros((1, 32_000), np.float32), 32_000)
    click.samples[0, 16_000] = 1.0
    assert np.argmax(np.abs(resample(click, 48_000).samples[0])) == 24_000


@pytest.mark.parametrize("hz", [20, 100, 1000, 5000, 10_000, 12_000, 13_000, 14_000])
def test_the_band_passes_within_a_tenth_of_a_decibel(hz):
    out = resample(sine(hz, 32_000), 48_000).samples[0, 4800:-4800]
    level_db = 20 * np.log10(np.sqrt(2 * np.mean(out.astype(float) ** 2)) / 0.5)
    assert abs(level_db) < 0.1


@pytest.mark.parametrize("hz", [1000, 5000, 9000, 12_000, 13_000, 14_000])
def test_images_stay_120_db_below(hz):
    out = resample(sine(hz, 32_000, seconds=3), 48_000).samples[0]
    db = spectrum_db(out[4800:-4800])
    tone = db.max()
    above_16_khz = db[len(db) * 2 // 3 :]
    assert above_16_khz.max() - tone < -120


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 60_000), min_size=1, max_size=5),
    source=st.sampled_from([8000, 22_050, 32_000, 44_100, 96_000]),
    channels=st.sampled_from([1, 2, 6]),
)
def test_pieces_become_the_same_samples_as_the_whole(lengths, source, channels):
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, (channels, sum(lengths)))
    samples = samples.astype(np.float32)
    pieces = np.split(samples, np.cumsum(lengths)[:-1], axis=1)
    out = np.concatenate(list(resample_pieces(pieces, source, 48_000, sum(lengths))), axis=1)
    assert (out == resample(Audio(samples, source), 48_000).samples).all()


def test_mono_stays_mono_and_channels_stay_apart():
    assert resample(sine(440, 32_000), 48_000).channels == 1
    audio = sine(440, 32_000, channels=2)
    audio.samples[1] = 0
    assert not resample(audio, 48_000).samples[1].any()
