from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio
from musicgen_daw.audio.splice import crossfade, crossfade_loop, fade, join, wrap_tail

RATE = 48_000


def noise(length, seed=0, channels=2):
    samples = np.random.default_rng(seed).standard_normal((channels, length)) * 0.2
    return Audio(samples.astype(np.float32), RATE)


def sine(length, hz=100.0, first=0):
    wave = 0.5 * np.sin(2 * np.pi * hz * (np.arange(length) + first) / RATE)
    return Audio(wave[np.newaxis].astype(np.float32), RATE)


def level_db(samples):
    return 10 * np.log10(np.mean(samples.astype(float) ** 2))


def test_fades_rise_and_fall_and_leave_the_middle_alone():
    faded = fade(Audio(np.ones((2, 1000), np.float32), RATE), 100, 200).samples
    assert (np.diff(faded[0, :100]) > 0).all()
    assert (faded[:, 100:800] == 1).all()
    assert (np.diff(faded[0, 800:]) < 0).all()
    assert faded[0, 0] < 0.001
    assert faded[0, -1] < 0.001


def test_a_fade_longer_than_the_sound_is_cut_to_it():
    assert fade(noise(10), 100, 100).length_samples == 10


def test_no_fade_returns_the_very_sound():
    audio = noise(10)
    assert fade(audio) is audio


@pytest.mark.parametrize("seed", [0, 1], ids=["alike", "unlike"])
def test_a_crossfade_keeps_the_level_whether_the_material_is_alike_or_not(seed):
    one, other = noise(48_000).samples, noise(48_000, seed).samples
    blended = crossfade(one, other)
    for part in np.split(blended, 10, axis=1):
        assert level_db(part) == pytest.approx(level_db(one), abs=0.3)


def test_a_crossfade_of_a_sound_with_itself_is_the_sound():
    same = noise(1000).samples
    np.testing.assert_allclose(crossfade(same, same), same, atol=1e-6)


def test_segments_cut_from_one_sound_join_to_it_again():
    whole = noise(10_000)
    starts, ends = [0, 3000, 6500], [3400, 7000, 10_000]
    segments = [
        Audio(whole.samples[:, start:end].copy(), RATE)
        for start, end in zip(starts, ends, strict=True)
    ]
    joined = join(segments, starts, 10_000)
    np.testing.assert_allclose(joined.samples, whole.samples, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    count=st.integers(1, 5),
    segment_length=st.integers(1, 500),
    step=st.integers(0, 600),
    length=st.integers(1, 3000),
)
def test_a_row_has_exactly_the_asked_length(count, segment_length, step, length):
    row = [noise(segment_length, seed) for seed in range(count)]
    joined = join(row, [number * step for number in range(count)], length)
    assert joined.length_samples == length
    assert np.isfinite(joined.samples).all()


def test_a_gap_between_segments_is_silent():
    joined = join([noise(100), noise(100, 1)], [0, 150], 250)
    assert not joined.samples[:, 100:150].any()


def test_segments_out_of_order_are_refused():
    with pytest.raises(ValueError, match="in order"):
        join([noise(100), noise(100)], [50, 0], 200)
    with pytest.raises(ValueError, match="in order"):
        join([noise(100), noise(10)], [0, 50], 200)
    with pytest.raises(ValueError, match="channel count"):
        join([noise(100), noise(100, channels=1)], [0, 50], 200)
    with pytest.raises(ValueError, match="a start for each"):
        join([noise(100)], [0, 50], 200)


def test_a_tail_wraps_into_the_head_as_often_as_it_is_long():
    audio = Audio(np.arange(10, dtype=np.float32)[np.newaxis], RATE)
    assert wrap_tail(audio, 4).samples.tolist() == [[0 + 4 + 8, 1 + 5 + 9, 2 + 6, 3 + 7]]


def test_a_sound_shorter_than_its_loop_is_filled_with_silence():
    loop = wrap_tail(noise(3), 5)
    assert loop.length_samples == 5
    assert not loop.samples[:, 3:].any()


def test_a_loop_ends_as_its_head_begins():
    audio = sine(48_000 + 2400, hz=33.3)
    loop = crossfade_loop(audio, 48_000, 2400).samples[0]
    steps = np.abs(np.diff(np.concatenate((loop, loop))))
    assert steps[47_999] <= 1.05 * np.abs(np.diff(audio.samples[0])).max()


def test_a_loop_without_anything_after_it_is_refused():
    with pytest.raises(ValueError, match="follows"):
        crossfade_loop(noise(1000), 1000, 10)
    with pytest.raises(ValueError, match="at most its length"):
        crossfade_loop(noise(1000), 100, 101)
