from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio
from musicgen_daw.audio.resample import resample


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


@pytest.mark.parametrize("hz", [100, 1000, 10_000, 14_000])
def test_the_band_passes_unchanged(hz):
    out = resample(sine(hz, 32_000), 48_000).samples[0, 4800:-4800]
    assert np.sqrt(2 * np.mean(out**2)) == pytest.approx(0.5, rel=0.002)


def test_images_stay_below_minus_110_db():
    out = resample(sine(13_000, 32_000), 48_000).samples[0]
    db = spectrum_db(out[4800:-4800])
    image = round(19_000 * (len(out) - 9600) / 48_000)
    assert db[image - 50 :].max() < -110


def test_mono_stays_mono_and_channels_stay_apart():
    assert resample(sine(440, 32_000), 48_000).channels == 1
    audio = sine(440, 32_000, channels=2)
    audio.samples[1] = 0
    assert not resample(audio, 48_000).samples[1].any()
