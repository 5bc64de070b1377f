"""What a sound in memory measures; the standards' own signals are in test_ebu."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio, measure
from musicgen_daw.audio.levels import db_to_gain, gain_to_db
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.errors import AudioError

RATE = 48_000


def tone(stretches, sample_rate=RATE, hz=1000.0, channels=2):
    """A phase-continuous sine of ``(seconds, dBFS)`` stretches; ``None`` is silence."""
    gains = np.concatenate(
        [
            np.full(round(seconds * sample_rate), 0.0 if level is None else 10 ** (level / 20))
            for seconds, level in stretches
        ]
    )
    wave = gains * np.sin(2 * np.pi * hz * np.arange(len(gains)) / sample_rate)
    return Audio(np.tile(wave, (channels, 1)).astype(np.float32), sample_rate)


def music_like(seconds=12, sample_rate=RATE, seed=0, channels=2):
    """Noise with a falling spectrum, beats and swells."""
    generator = np.random.default_rng(seed)
    length = round(seconds * sample_rate)
    spectrum = np.fft.rfft(generator.standard_normal((channels, length)))
    spectrum /= np.sqrt(1 + np.fft.rfftfreq(length, 1 / sample_rate) / 100)
    time = np.arange(length) / sample_rate
    swell = (0.2 + np.exp(-5 * (time % 0.5))) * (1.1 + np.sin(time))
    samples = np.fft.irfft(spectrum, length) * swell
    return Audio((0.5 * samples / np.abs(samples).max()).astype(np.float32), sample_rate)


def test_the_low_frequency_channel_does_not_count():
    five = [tone([(5, -23)], channels=1).samples] * 5
    loud_sub = tone([(5, -3)], channels=1).samples
    with_sub = Audio(np.concatenate([*five[:3], loud_sub, *five[3:]]), RATE)
    without = measure(Audio(np.concatenate(five), RATE))
    assert measure(with_sub).integrated_lufs == pytest.approx(without.integrated_lufs)


def test_a_full_scale_sine_in_one_channel_measures_minus_3_01():
    levels = measure(tone([(5, 0)], hz=997, channels=1))
    assert levels.integrated_lufs == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("sample_rate", [16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000])
def test_a_tone_is_equally_loud_at_every_sample_rate(sample_rate):
    levels = measure(tone([(3, -20)], sample_rate))
    assert levels.integrated_lufs == pytest.approx(-20.0, abs=0.05)


@pytest.mark.parametrize(("seed", "channels"), [(0, 1), (1, 2), (2, 2)])
def test_music_measures_as_with_pyloudnorm(seed, channels):
    audio = music_like(seed=seed, channels=channels)
    theirs = pyloudnorm.Meter(RATE).integrated_loudness(audio.samples.T.astype(float))
    assert measure(audio).integrated_lufs == pytest.approx(theirs, abs=0.06)


def test_the_filter_is_the_one_that_the_standard_tabulates():
    # Impulse through both tabulated biquads, sample by sample.
    impulse = np.zeros(4800)
    impulse[0] = 1.0
    wave = _biquad(
        impulse,
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [-1.69065929318241, 0.73248077421585],
    )
    wave = _biquad(wave, [1.0, -2.0, 1.0], [-1.99004745483398, 0.99007225036621])
    levels = measure(Audio(impulse[np.newaxis].astype(np.float32), RATE))
    expected = 10 * math.log10(np.mean(wave**2)) - 0.691
    assert levels.integrated_lufs == pytest.approx(expected, abs=1e-4)


def _biquad(samples, numerator, denominator):
    output = np.zeros_like(samples)
    for n in range(len(samples)):
        for delay, factor in enumerate(numerator):
            output[n] += factor * samples[n - delay] if n >= delay else 0.0
        for delay, factor in enumerate(denominator, 1):
            output[n] -= factor * output[n - delay] if n >= delay else 0.0
    return output


def test_silence_measures_minus_infinity():
    levels = measure(Audio.silence(RATE * 5, RATE))
    assert levels.integrated_lufs == levels.max_momentary_lufs == -math.inf
    assert levels.max_short_term_lufs == levels.true_peak_dbtp == levels.sample_peak_dbfs
    assert levels.sample_peak_dbfs == -math.inf
    assert levels.loudness_range_lu == 0


def test_no_sound_at_all_measures_like_silence():
    assert measure(Audio.silence(0, RATE)) == measure(Audio.silence(RATE, RATE))


def test_sound_below_the_absolute_gate_has_no_loudness_but_a_peak():
    levels = measure(tone([(3, -75)]))
    assert levels.integrated_lufs == -math.inf
    assert levels.sample_peak_dbfs == pytest.approx(-75, abs=0.1)


def test_a_short_sound_measures_its_ungated_mean():
    short, long = tone([(0.2, -23)]), tone([(5, -23)])
    assert measure(short).integrated_lufs == pytest.approx(measure(long).integrated_lufs, abs=0.3)


def test_one_sample_can_be_measured():
    levels = measure(Audio(np.full((1, 1), 0.5, np.float32), RATE))
    assert math.isfinite(levels.integrated_lufs)
    assert levels.sample_peak_dbfs == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("poison", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused_even_where_gates_would_hide_them(poison):
    audio = tone([(2, -20)])
    audio.samples[1, 70_000] = poison
    with pytest.raises(AudioError, match="NaN or infinite"):
        measure(audio)


def test_a_rate_too_low_for_the_filter_is_refused():
    with pytest.raises(AudioError, match="4000 Hz"):
        measure(Audio.silence(4000, 4000))


@settings(max_examples=30, deadline=None)
@given(length=st.integers(1, 60_000), gain_db=st.floats(-30, 30), seed=st.integers(0, 99))
def test_a_gain_moves_every_level_by_itself(length, gain_db, seed):
    samples = np.random.default_rng(seed).uniform(-0.1, 0.1, (1, length)).astype(np.float32)
    before = measure(Audio(samples, RATE))
    after = measure(Audio(samples * np.float32(db_to_gain(gain_db)), RATE))
    for name in ("integrated_lufs", "max_momentary_lufs", "true_peak_dbtp", "sample_peak_dbfs"):
        assert getattr(after, name) == pytest.approx(getattr(before, name) + gain_db, abs=1e-3)


def test_loudness_that_is_known_is_not_measured_again():
    audio = music_like()
    louder = Audio(audio.samples * np.float32(db_to_gain(4.0)), RATE)
    moved = measure(louder, Loudness.of(audio).amplified(4.0))
    assert asdict(moved) == pytest.approx(asdict(measure(louder)), abs=1e-4)


def test_decibels_and_gains_are_inverse():
    assert gain_to_db(db_to_gain(-7.25)) == pytest.approx(-7.25)
    assert db_to_gain(-math.inf) == 0
    assert gain_to_db(0.0) == -math.inf
