"""Down to a lower sample rate and back, against the sines that were sent."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.sketch.synth.rates import BLOCK, TAPS, Resampler

STRETCH = 2**13


def sine(frequency_hz, sample_rate, length):
    clock = np.arange(length) / sample_rate
    return np.sin(2 * np.pi * frequency_hz * clock).astype(np.float32)[None]


def there_and_back(sound, sample_rate, onto=None):
    rates = Resampler(sample_rate)
    return rates.raised(rates.lowered(sound), sound.shape[1], onto)


@pytest.mark.parametrize("sample_rate", [48_000, 96_000, 192_000])
@pytest.mark.parametrize("frequency_hz", [100, 1000, 7000])
def test_what_is_low_comes_back_as_it_was_late_by_the_filter(frequency_hz, sample_rate):
    sound = sine(frequency_hz, sample_rate, 3 * STRETCH)  # more than one stretch: no seam between
    late = TAPS * Resampler(sample_rate).factor - 1
    back = there_and_back(sound, sample_rate)
    np.testing.assert_allclose(back[:, 2 * late :], sound[:, late:-late], atol=0.01)


def test_what_the_lower_rate_cannot_hold_does_not_alias():
    low = Resampler(48_000).lowered(sine(15_000, 48_000, 2 * STRETCH))
    settled = low[:, TAPS : STRETCH - TAPS]  # 15 kHz would come out as 9 kHz
    assert 20 * np.log10(np.abs(settled).max()) < -50


def test_nothing_sounds_before_it_is_due():
    sound = np.zeros((1, 2 * STRETCH), np.float32)
    sound[0, STRETCH - 1] = 1.0
    assert not there_and_back(sound, 48_000)[:, : STRETCH - 1].any()


@pytest.mark.parametrize("sample_rate", [16_000, 96_000])
def test_what_comes_back_is_added_to_what_is_there(sample_rate):
    sound, there = sine(500, sample_rate, STRETCH + 1), sine(70, sample_rate, STRETCH + 1)
    alone = there_and_back(sound, sample_rate)
    np.testing.assert_array_equal(there_and_back(sound, sample_rate, there.copy()), there + alone)


def test_the_lower_rate_is_filled_up_to_whole_blocks():
    rates = Resampler(96_000)
    assert (rates.factor, rates.low_rate) == (4, 24_000)
    assert rates.lowered(sine(500, 96_000, STRETCH + 1)).shape == (1, STRETCH // 4 + BLOCK)
    assert rates.low_length(STRETCH) == STRETCH // 4


@pytest.mark.parametrize("sample_rate", [66_150, 72_000, 88_200])
def test_the_lower_rate_is_whole_whatever_the_higher(sample_rate):
    rates = Resampler(sample_rate)
    assert rates.factor * rates.low_rate == sample_rate
    assert 22_050 <= rates.low_rate < 44_100
    assert there_and_back(sine(300, sample_rate, STRETCH), sample_rate).any()


@pytest.mark.parametrize("sample_rate", [8_000, 22_050, 44_099, 48_001])
def test_a_rate_that_has_no_lower_one_is_left_as_it_is(sample_rate):
    sound = sine(200, sample_rate, STRETCH)
    np.testing.assert_array_equal(there_and_back(sound, sample_rate), sound)
