"""Loops of many voices: in tune, without a seam, and the sum of what they are made of."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.sketch.synth.phases import Ways, packed, unison
from musicgen_daw.sketch.synth.spectra import breath, table_size, wavetables, whole_periods
from musicgen_daw.sketch.synth.sustained import STRETCH, through

RATE = 48_000


@pytest.mark.parametrize("frequency_hz", [27.5, 261.63, 2093.0, 12_543.85])
def test_loops_of_sections_hold_whole_periods_in_tune(frequency_hz):
    length, periods = whole_periods(frequency_hz, RATE, 1.0)
    assert abs(1200 * np.log2(periods / length * RATE / frequency_hz)) < 0.5
    assert 0.8 * RATE < length <= 1.05 * RATE


def test_breath_is_a_loop_of_even_level_that_differs_left_and_right():
    air = breath(RATE, RATE, lambda f: 1.0 / (1.0 + f / 2000.0), np.random.default_rng(3))
    assert air.shape == (2, RATE)
    np.testing.assert_allclose(np.sqrt(np.mean(air**2)), 1.0, atol=0.05)
    seam = np.concatenate([air[:, -200:], air[:, :200]], axis=1)
    assert np.abs(np.diff(seam)).max() <= np.abs(np.diff(air)).max() * 1.05
    assert 0.8 < np.sqrt(np.mean(air[:, : RATE // 30] ** 2)) < 1.2
    assert abs(np.corrcoef(air)[0, 1]) < 0.1


def test_voices_in_unison_are_the_sum_of_their_bent_ways():
    partials = np.array([1.0, 0.5, 0.25])
    tables = wavetables([partials, partials[:1]], table_size(3))
    step, length = 10, 4000
    points = np.arange(length // step + 1, dtype=np.float32)
    bends = np.stack([0.3 * np.sin(points / 30), 0.1 * np.cos(points / 50)]).astype(np.float32)
    ways = Ways(np.array([0.011, 0.0113]), np.array([0.2, 0.7]), bends, step)
    gains = np.array([[0.9, 0.4], [0.3, 1.1]], np.float32)
    strokes = (1 + 0.5 * np.sin(np.stack([points / 9, points / 7]))).astype(np.float32)
    sound = unison(packed(tables), 2, ways, length, gains, strokes)
    clock = np.arange(length)
    expected = np.zeros((2, 2, length))
    for voice in range(2):
        turns = ways.start_turns[voice] + ways.turns_a_sample[voice] * clock
        turns += np.interp(clock, points * step, bends[voice])
        loud = np.interp(clock, points * step, strokes[voice])
        for layer, levels in enumerate((partials, partials[:1])):
            wave = sum(a * np.sin(2 * np.pi * (n + 1) * turns) for n, a in enumerate(levels))
            wave /= np.sqrt(np.sum(levels**2) / 2)
            expected[layer] += gains[:, voice, None] * wave * loud
    assert np.abs(sound.reshape(2, 2, -1) - expected).max() < 0.01


@pytest.mark.parametrize("partials", [1, 5, 16, 40, 64, 200])
def test_the_nearest_sample_of_a_table_is_63_db_from_a_saw(partials):
    levels = 1.0 / np.arange(1, partials + 1)
    size = table_size(partials)
    (table,) = wavetables([levels], size)
    turns = (np.arange(20_000) * 0.618_033_99) % 1.0
    # Places are cut, not rounded: all voices are late by half a sample of the table.
    late = 2 * np.pi * (turns - 0.5 / size)
    wave = sum(level * np.sin((n + 1) * late) for n, level in enumerate(levels))
    error = table[(turns * size).astype(int)] - wave / np.sqrt(np.sum(levels**2) / 2)
    assert 20 * np.log10(np.std(error)) < -62.9


def test_a_loop_is_silent_for_as_long_as_none_of_its_layers_is_heard():
    step, length = 16, 5 * STRETCH
    layers = np.random.default_rng(1).standard_normal((2, 2, 3001)).astype(np.float32)
    lanes = np.zeros((2, length // step + 1), np.float32)
    lanes[0, : STRETCH // step] = 0.5
    lanes[1, 4 * STRETCH // step + 1 :] = 0.5
    sound = through(layers, 7, lanes, step, length)
    turned = np.arange(7, 7 + length) % 3001
    np.testing.assert_array_equal(sound[:, :100], 0.5 * layers[0][:, turned[:100]])
    assert not sound[:, STRETCH : 4 * STRETCH].any()
    np.testing.assert_array_equal(sound[:, -100:], 0.5 * layers[1][:, turned[-100:]])
