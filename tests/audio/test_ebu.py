"""The meter on the test signals of EBU Tech 3341 (November 2023) and Tech 3342.

Cases 7 and 8 of Tech 3341 and 5 and 6 of Tech 3342 are recordings, which are not ours to ship; all
others are defined by their text, and made here. Sound reaches the meter in pieces, as it would.
"""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.audio.meter import Meter

RATE = 48_000
PIECE_SAMPLES = 12_345

SEGMENTS = range(20)


def tone(stretches, channels=2):
    """A phase-continuous sine at 1 kHz of ``(seconds, dBFS)`` stretches; ``None`` is silence."""
    lengths = [round(seconds * RATE) for seconds, _ in stretches]
    gains = [0.0 if level is None else 10 ** (level / 20) for _, level in stretches]
    wave = np.repeat(gains, lengths) * np.sin(2 * np.pi * 1000 * np.arange(sum(lengths)) / RATE)
    return np.tile(wave, (channels, 1))


def metered(samples):
    samples = np.asarray(samples, np.float32)
    meter = Meter(RATE, len(samples))
    for first in range(0, samples.shape[1], PIECE_SAMPLES):
        meter.add(samples[:, first : first + PIECE_SAMPLES])
    return meter


def while_it_plays(samples):
    """What the meter shows every 100 ms."""
    meter = Meter(RATE, len(samples))
    shown = []
    for first in range(0, samples.shape[1], RATE // 10):
        meter.add(samples[:, first : first + RATE // 10].astype(np.float32))
        shown.append(meter.loudness())
    return shown


def levels(samples):
    return metered(samples).reading().levels


INTEGRATED = {
    1: ([(20, -23)], -23),
    2: ([(20, -33)], -33),
    3: ([(10, -36), (60, -23), (10, -36)], -23),
    4: ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23),
    5: ([(20, -26), (20.1, -20), (20, -26)], -23),
}


@pytest.mark.parametrize("case", INTEGRATED)
def test_integrated_loudness_meets_cases_1_to_5(case):
    stretches, expected = INTEGRATED[case]
    assert levels(tone(stretches)).integrated_lufs == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("case", [1, 2])
def test_a_steady_tone_reads_the_same_on_all_three_scales(case):
    stretches, expected = INTEGRATED[case]
    measured = levels(tone(stretches))
    assert measured.max_momentary_lufs == pytest.approx(expected, abs=0.1)
    assert measured.max_short_term_lufs == pytest.approx(expected, abs=0.1)


def test_surround_channels_weigh_more_in_case_6():
    five = [tone([(20, level)], 1) for level in (-28, -28, -24, -30, -30)]
    assert levels(np.concatenate(five)).integrated_lufs == pytest.approx(-23, abs=0.1)


def test_the_low_frequency_channel_of_5_1_does_not_count_in_case_6():
    six = [tone([(20, level)], 1) for level in (-28, -28, -24, -3, -30, -30)]
    assert levels(np.concatenate(six)).integrated_lufs == pytest.approx(-23, abs=0.1)


def test_short_term_loudness_stays_constant_in_case_9():
    readings = while_it_plays(tone([(1.34, -20), (1.66, -30)] * 5))
    settled = [loudness.short_term_lufs() for loudness in readings[30:]]
    assert settled == pytest.approx(np.full(len(settled), -23.0), abs=0.1)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_short_term_maximum_of_a_file_meets_case_10(segment):
    samples = tone([(segment * 0.15, None), (3, -23), (1, None)])
    assert levels(samples).max_short_term_lufs == pytest.approx(-23, abs=0.1)


def test_the_short_term_maximum_of_a_running_meter_meets_case_11():
    meter = Meter(RATE, 2)
    for segment in SEGMENTS:
        silence_s = segment * 0.15
        samples = tone([(silence_s, None), (3, segment - 38), (3 - silence_s, None)])
        meter.add(samples.astype(np.float32))
        assert meter.reading().levels.max_short_term_lufs == pytest.approx(segment - 38, abs=0.1)


def test_momentary_loudness_stays_constant_in_case_12():
    readings = while_it_plays(tone([(0.18, -20), (0.22, -30)] * 25))
    settled = [loudness.momentary_lufs() for loudness in readings[10:]]
    assert settled == pytest.approx(np.full(len(settled), -23.0), abs=0.1)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_momentary_maximum_of_a_file_meets_case_13(segment):
    samples = tone([(segment * 0.02, None), (0.4, -23), (1, None)])
    assert levels(samples).max_momentary_lufs == pytest.approx(-23, abs=0.1)


def test_the_momentary_maximum_of_a_running_meter_meets_case_14():
    meter = Meter(RATE, 2)
    for segment in SEGMENTS:
        silence_s = segment * 0.02
        samples = tone([(silence_s, None), (0.4, segment - 38), (0.4 - silence_s, None)])
        meter.add(samples.astype(np.float32))
        assert meter.reading().levels.max_momentary_lufs == pytest.approx(segment - 38, abs=0.1)


def soft_ends(wave, fade_samples=480):
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(fade_samples) / fade_samples)
    wave = wave.copy()
    wave[:fade_samples] *= rise
    wave[-fade_samples:] *= rise[::-1]
    return wave


SINES = {15: (4, 0.5, 0, -6), 16: (4, 0.5, 45, -6), 17: (6, 0.5, 60, -6), 18: (8, 0.5, 67.5, -6)}
SINES[19] = (4, 1.41, 45, 3)


@pytest.mark.parametrize("case", SINES)
def test_the_true_peak_of_a_sine_meets_cases_15_to_19(case):
    divisor, amplitude, degrees, expected = SINES[case]
    phase = 2 * np.pi * np.arange(RATE) / divisor + np.deg2rad(degrees)
    samples = np.tile(soft_ends(amplitude * np.sin(phase)), (2, 1))
    assert -0.4 <= levels(samples).true_peak_dbtp - expected <= 0.2


@pytest.mark.parametrize("case", [20, 21, 22, 23])
def test_a_peak_that_falls_between_samples_meets_cases_20_to_23(case):
    # One period of fs/4 at full scale inside a sine of fs/6 at half of it, made at four times the
    # rate, low-passed, and decimated from the first, second, third or fourth sample on.
    soft = 0.5 * np.sin(2 * np.pi * np.arange(24 * 4000) / 24)
    loud = np.sin(2 * np.pi * np.arange(16) / 16)
    wave = soft_ends(np.concatenate((soft, loud, soft)), 1920)
    spectrum = np.fft.rfft(wave)
    spectrum[len(spectrum) // 4 :] = 0
    samples = np.fft.irfft(spectrum, len(wave))[case - 20 :: 4]
    assert -0.4 <= levels(np.tile(samples, (2, 1))).true_peak_dbtp <= 0.2


RANGE = {
    1: ([(20, -20), (20, -30)], 10),
    2: ([(20, -20), (20, -15)], 5),
    3: ([(20, -40), (20, -20)], 20),
    4: ([(20, -50), (20, -35), (20, -20), (20, -35), (20, -50)], 15),
}


@pytest.mark.parametrize("case", RANGE)
def test_loudness_range_meets_tech_3342(case):
    stretches, expected = RANGE[case]
    assert levels(tone(stretches)).loudness_range_lu == pytest.approx(expected, abs=1)
