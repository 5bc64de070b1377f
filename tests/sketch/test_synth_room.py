"""Filters, reverb and damped modes against what theory says."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.sketch.composition import Room
from musicgen_daw.sketch.synth.filters import CHUNK, highpass, lowpass
from musicgen_daw.sketch.synth.modes import ring
from musicgen_daw.sketch.synth.room import reverberate
from musicgen_daw.sketch.synth.spectra import loop_length

RATE = 48_000


def response_db(design, frequency_hz):
    impulse = np.zeros((1, RATE), np.float32)
    impulse[0, 0] = 1.0
    design.apply(impulse)
    return 20 * np.log10(np.abs(np.fft.rfft(impulse[0]))[frequency_hz])


@pytest.mark.parametrize("corner_hz", [40, 300, 2000])
def test_filters_are_butterworth(corner_hz):
    assert response_db(lowpass(corner_hz, RATE), corner_hz) == pytest.approx(-3.01, abs=0.1)
    assert response_db(highpass(corner_hz, RATE), corner_hz) == pytest.approx(-3.01, abs=0.1)
    assert response_db(highpass(corner_hz, RATE), corner_hz // 4) == pytest.approx(-24.1, abs=0.3)
    assert response_db(lowpass(corner_hz, RATE), corner_hz // 4) == pytest.approx(0.0, abs=0.1)


def test_a_filter_in_blocks_is_the_recursion_that_it_stands_for():
    design = highpass(200.0, RATE).then(lowpass(2000.0, RATE))
    sound = np.random.default_rng(1).standard_normal((2, 5000)).astype(np.float32)
    expected = np.empty_like(sound)
    for channel in (0, 1):
        state = np.zeros(len(design.a))
        for place, sample in enumerate(sound[channel]):
            expected[channel, place] = design.c @ state + design.d * sample
            state = design.a @ state + design.b * sample
    design.apply(sound)
    np.testing.assert_allclose(sound, expected, atol=2e-5)


def test_a_filter_rests_in_silence_and_wakes_as_if_new():
    design = highpass(80.0, RATE).then(lowpass(2000.0, RATE))
    burst = np.random.default_rng(1).standard_normal((2, 3000)).astype(np.float32)
    sound = np.zeros((2, 8 * CHUNK), np.float32)
    for end in (CHUNK, 7 * CHUNK):
        sound[:, end - 3000 : end] = burst
    design.apply(sound)
    assert sound[:, CHUNK : CHUNK + 1000].any()  # its own ringing is not cut
    assert not sound[:, 3 * CHUNK : 6 * CHUNK].any()
    np.testing.assert_array_equal(sound[:, : 2 * CHUNK], sound[:, 6 * CHUNK :])


@pytest.mark.parametrize("seconds", [0.6, 2.4])
def test_the_reverb_decays_in_its_time(seconds):
    stem = np.zeros((2, 3 * RATE), np.float32)
    send = np.zeros((1, 3 * RATE), np.float32)
    send[0, 0] = 1.0
    room = Room(reverb_seconds=seconds, reverb_damping=0.0)
    reverberate([stem], send, room, RATE, np.random.default_rng(3), list)
    power = np.square(stem, dtype=np.float64).sum(axis=0)
    remaining_db = 10 * np.log10(np.cumsum(power[::-1])[::-1] / power.sum() + 1e-30)
    at_5, at_25 = (int(np.argmax(remaining_db < level)) for level in (-5, -25))
    assert 3 * (at_25 - at_5) / RATE == pytest.approx(seconds, rel=0.15)


def test_the_reverb_comes_after_its_predelay_and_differs_left_and_right():
    stem = np.zeros((2, RATE), np.float32)
    send = np.zeros((1, RATE), np.float32)
    send[0, 0] = 1.0
    reverberate([stem], send, Room(predelay_ms=20), RATE, np.random.default_rng(3), list)
    assert not stem[:, : round(0.0199 * RATE)].any()
    assert abs(np.corrcoef(stem)[0, 1]) < 0.3


def test_damped_modes_are_the_sum_that_they_stand_for():
    frequencies_hz, t60_s = np.array([100.0, 441.3, 9000.0]), np.array([2.0, 0.5, 0.05])
    amplitudes = np.array([[1.0, 0.5j, -0.3], [0.2, 1.0, 0.7 + 0.1j]])
    seconds = np.arange(30_000) / RATE
    decays = np.exp(-np.log(1000) * seconds / t60_s[:, None])
    turning = np.exp(2j * np.pi * frequencies_hz[:, None] * seconds)
    sound = ring(frequencies_hz, t60_s, amplitudes, len(seconds), RATE)
    np.testing.assert_allclose(sound, (amplitudes @ (decays * turning)).real, atol=3e-5)


def test_modes_above_the_top_are_left_out():
    sound = ring(np.array([23_000.0]), np.array([1.0]), np.ones((2, 1), complex), 1000, RATE)
    assert not sound.any()


@pytest.mark.parametrize("frequency_hz", [27.5, 261.63, 2093.0, 12_543.85])
def test_loops_hold_whole_periods_in_tune(frequency_hz):
    length, periods = loop_length(frequency_hz, RATE, 2.1)
    assert abs(1200 * np.log2(periods / length * RATE / frequency_hz)) < 0.5
