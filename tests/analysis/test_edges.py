"""Head silence and loop seams."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.analysis.seams import measure_seam
from musicgen_daw.analysis.silence import head_silence_samples
from musicgen_daw.audio import Audio
from musicgen_daw.audio.splice import crossfade_loop

RATE = 48_000


def tone(length, hz=220.0):
    wave = 0.4 * np.sin(2 * np.pi * hz * np.arange(length) / RATE)
    return Audio(wave[np.newaxis].astype(np.float32), RATE)


@pytest.mark.parametrize("silence_s", [0.0, 0.1, 3.0])
def test_silence_at_the_head_is_found_up_to_the_attack(silence_s):
    silent = round(silence_s * RATE)
    sound = np.pad(tone(RATE).samples, ((0, 0), (silent, 0)))
    found = head_silence_samples(Audio(sound, RATE))
    assert max(0, silent - 96) <= found <= silent


def test_the_noise_before_the_music_counts_as_silence_below_the_threshold():
    rng = np.random.default_rng(1)
    noise = 0.4e-3 * rng.uniform(-1, 1, (1, RATE))  # 60 dB below the peak
    sound = Audio(np.concatenate([noise, tone(RATE).samples], axis=1).astype(np.float32), RATE)
    assert head_silence_samples(sound, -50) == pytest.approx(RATE - 90, abs=20)
    assert head_silence_samples(sound, -70) < 100


def test_of_silence_nothing_may_go():
    assert head_silence_samples(Audio.silence(RATE, RATE)) == 0
    assert head_silence_samples(Audio.silence(0, RATE)) == 0


def test_a_tone_of_whole_periods_has_no_seam():
    seam = measure_seam(tone(RATE))
    assert seam.step <= 1.01
    assert not seam.is_heard


def test_a_tone_that_is_cut_anywhere_has_one():
    seam = measure_seam(tone(RATE + 60))
    assert seam.step > 10
    assert seam.flux > 1.25
    assert seam.is_heard


def test_a_crossfade_takes_the_seam_away(played):
    music = played("cinematic-tension", 97.3)
    first = int(np.argmax(music.samples[0, :RATE]))
    last = 8 * RATE + int(np.argmin(music.samples[0, 8 * RATE : 9 * RATE]))
    cut = Audio(music.samples[:, first : last + 1], RATE)
    assert measure_seam(cut).step > 1.25
    blended = crossfade_loop(Audio(music.samples[:, first:], RATE), cut.length_samples, 2400)
    assert not measure_seam(blended).is_heard


def test_a_beat_on_the_first_sample_is_no_fault(clicks):
    loop = clicks(120, seconds=8)
    seam = measure_seam(loop)
    assert seam.flux > 0.5
    assert not seam.is_heard


@pytest.mark.parametrize("length", [0, 1, 2, 500])
def test_loops_of_a_few_samples_and_silence_measure_something(length):
    for loop in (Audio.silence(length, RATE), tone(length)):
        seam = measure_seam(loop)
        assert np.isfinite([seam.step, seam.flux]).all()
