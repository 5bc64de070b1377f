"""The block-wise filter against one that goes sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from musicgen_daw.audio.kcurve import k_coefficients
from musicgen_daw.audio.kweighting import hop_energies

RATE = 48_000
HOP = 480


def reference(channel):
    """The two filters as tabulated in BS.1770 for 48 kHz, in double precision."""
    shelved = lfilter(
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1, -1.69065929318241, 0.73248077421585],
        channel.astype(float),
    )
    weighted = lfilter([1, -2, 1], [1, -1.99004745483398, 0.99007225036621], shelved)
    padded = np.pad(weighted, (0, -len(weighted) % HOP))
    return (padded.reshape(-1, HOP) ** 2).sum(axis=1)


@settings(max_examples=20, deadline=None)
@given(length=st.integers(1, 450_000), offset=st.floats(-0.9, 0.9), seed=st.integers(0, 99))
def test_energies_are_those_of_the_tabulated_filter(length, offset, seed):
    noise = np.random.default_rng(seed).uniform(-0.1, 0.1, length)
    channel = (noise + offset).astype(np.float32)
    # What rings on after the last sample belongs to no hop of the reference.
    whole = length // HOP
    expected = reference(channel)[:whole]
    np.testing.assert_allclose(hop_energies(channel, RATE)[:whole], expected, rtol=1e-4)


def test_a_ring_fades_on_undisturbed_through_groups_and_chunks():
    click = np.zeros(10 * RATE, np.float32)
    click[0] = 1.0
    energies = hop_energies(click, RATE)
    np.testing.assert_allclose(energies[:10], reference(click)[:10], rtol=1e-4)
    assert (energies[100:] < 1e-20).all()


@pytest.mark.parametrize("length", [0, 1, HOP - 1, HOP, HOP + 1])
def test_a_last_incomplete_hop_counts(length):
    assert len(hop_energies(np.ones(length, np.float32), RATE)) == -(-length // HOP)


def k_curve_db(sample_rate, hz):
    numerator, denominator = k_coefficients(sample_rate)
    delay = np.exp(-2j * np.pi * hz / sample_rate)
    response = np.polyval(numerator[::-1], delay) / np.polyval(denominator[::-1], delay)
    return 20 * np.log10(np.abs(response))


@pytest.mark.parametrize("sample_rate", [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 96_000])
def test_the_curve_is_that_of_48_khz_within_a_fiftieth_of_a_decibel_at_any_rate(sample_rate):
    hz = np.linspace(20, min(0.48 * sample_rate, 20_000), 400)
    difference = k_curve_db(sample_rate, hz) - k_curve_db(RATE, hz)
    assert np.abs(difference).max() < 0.02


@pytest.mark.parametrize("sample_rate", [8000, 8001, 12_000, 24_000, 31_999])
def test_a_fitted_filter_is_stable(sample_rate):
    _, denominator = k_coefficients(sample_rate)
    assert np.abs(np.roots(denominator)).max() < 1


@pytest.mark.parametrize("sample_rate", [8000, 88_200, 96_000, 100_000, 128_000, 176_400, 192_000])
def test_energies_are_exact_at_any_rate(sample_rate):
    """Also where the poles at 38 Hz lie so near to one that their states look alike."""
    channel = np.random.default_rng(0).uniform(-0.1, 0.9, sample_rate).astype(np.float32)
    numerator, denominator = k_coefficients(sample_rate)
    weighted = lfilter(numerator, denominator, channel.astype(float))
    expected = (weighted.reshape(100, -1) ** 2).sum(axis=1)
    np.testing.assert_allclose(hop_energies(channel, sample_rate), expected, rtol=1e-4)
