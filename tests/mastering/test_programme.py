"""A programme that streams against the same sound in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio, measure
from musicgen_daw.audio.truepeak import true_peak
from musicgen_daw.errors import AudioError
from musicgen_daw.mastering.downmix import downmix
from musicgen_daw.mastering.levelling import find_levelling
from musicgen_daw.mastering.programme import Programme, Streamed, levelled
from musicgen_daw.mastering.targets import Target
from musicgen_daw.presets import Effect

RATE = 48_000


def music(seconds=6.0, channels=2, seed=0, sample_rate=RATE):
    length = round(seconds * sample_rate)
    noise = np.random.default_rng(seed).standard_normal((channels, length))
    smooth = np.cumsum(noise - noise.mean(axis=1, keepdims=True), axis=1)
    time = np.arange(length) / sample_rate
    samples = (noise + 0.02 * smooth) * (0.05 + np.exp(-6 * (time % 0.5)))
    return Audio((0.3 * samples / np.abs(samples).max()).astype(np.float32), sample_rate)


def streaming(audio, pieces=7):
    """The same sound as a programme that is too long for memory."""
    parts = np.array_split(audio.samples, pieces, axis=1)
    return Programme(audio.sample_rate, audio.channels, audio.length_samples, lambda: iter(parts))


def played(programme):
    return np.concatenate(list(programme.pieces()), axis=1)


@settings(max_examples=25, deadline=None)
@given(
    seconds=st.floats(0.001, 2),
    pieces=st.integers(1, 9),
    fade_in=st.integers(0, 120_000),
    fade_out=st.integers(0, 120_000),
    rate=st.sampled_from([32_000, 44_100, 48_000]),
)
def test_a_streamed_programme_is_shaped_as_one_in_memory(seconds, pieces, fade_in, fade_out, rate):
    audio = music(seconds, sample_rate=44_100)

    def shaped(programme):
        stereo = programme.mixed_to(downmix(2, 1))
        return stereo.resampled(rate).faded(fade_in, fade_out)

    stream, whole = shaped(streaming(audio, pieces)), shaped(Programme.of(audio))
    assert whole.held is not None
    assert stream.length_samples == whole.held.length_samples
    np.testing.assert_allclose(played(stream), whole.held.samples, atol=1e-7)


@pytest.mark.parametrize("lufs", [-40.0, -14.0])
def test_a_streamed_programme_is_levelled_as_one_in_memory(lufs):
    audio = music()
    target = Target(lufs, -1.0)
    ways = []
    for programme in (streaming(audio), Programme.of(audio)):
        levelling = find_levelling(Streamed(programme), target)
        ways.append((levelling, np.concatenate(list(levelled(programme, levelling)), axis=1)))
    (streamed, stream), (held, whole) = ways
    assert (streamed.limit_dbtp is None) == (lufs == -40.0)
    assert streamed.gain_db == pytest.approx(held.gain_db, abs=1e-6)
    assert streamed.reduction_db == pytest.approx(held.reduction_db, abs=1e-5)
    np.testing.assert_allclose(stream, whole, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    seconds=st.floats(0.0005, 3),
    seed=st.integers(0, 99),
    lufs=st.floats(-40, -6),
    ceiling=st.floats(-12, 0),
    channels=st.sampled_from([1, 2, 6]),
)
def test_any_sound_comes_out_finite_exact_in_length_and_below_the_ceiling(
    seconds, seed, lufs, ceiling, channels
):
    audio = music(seconds, channels, seed)
    programme = streaming(audio)
    levelling = find_levelling(Streamed(programme), Target(lufs, ceiling))
    out = np.concatenate(list(levelled(programme, levelling)), axis=1)
    assert out.shape == audio.samples.shape
    assert np.isfinite(out).all()
    assert 20 * np.log10(true_peak(Audio(out, RATE)) + 1e-12) <= ceiling
    assert measure(Audio(out, RATE)).integrated_lufs <= lufs + 0.02


def test_a_short_programme_is_held_and_a_long_one_is_not():
    audio = music(1)
    assert streaming(audio).in_memory(2 * RATE).held is not None
    assert streaming(audio).in_memory(2 * RATE - 1).held is None
    assert (played(streaming(audio).in_memory()) == audio.samples).all()


def test_nan_is_refused_also_where_it_comes_late():
    audio = music(2)
    audio.samples[1, 90_000] = np.nan
    with pytest.raises(AudioError, match="the file contains NaN"):
        Programme.of(audio).checked("the file")
    late = streaming(audio).checked("the file")
    with pytest.raises(AudioError, match="the file contains NaN"):
        played(late)


CHAINS = {
    "a filter": [Effect("HighpassFilter", {"cutoff_frequency_hz": 200.0})],
    "a limiter that looks ahead": [Effect("BrickwallLimiter", {"ceiling_db": -20.0})],
    "an echo": [Effect("Delay", {"delay_seconds": 0.3, "feedback": 0.4, "mix": 0.5})],
}


@pytest.mark.parametrize("chain", CHAINS)
def test_a_streamed_chain_sounds_as_one_in_memory_and_rings_out(chain):
    audio = music(3)
    whole = Programme.of(audio).through(CHAINS[chain]).held
    stream = streaming(audio).through(CHAINS[chain])
    samples = played(stream)
    assert samples.shape[1] == stream.length_samples >= audio.length_samples
    assert whole is not None
    length = min(whole.length_samples, samples.shape[1])
    np.testing.assert_allclose(samples[:, :length], whole.samples[:, :length], atol=2e-4)
    assert np.abs(samples[:, length:]).max(initial=0) < 1e-3
    assert np.abs(whole.samples[:, length:]).max(initial=0) < 1e-3


def test_mono_is_the_mean_of_both_sides_and_surrounds_go_to_theirs():
    audio = Audio(np.array([[0.5, 0.2], [0.1, -0.2]], np.float32), RATE)
    mono = Programme.of(audio).mixed_to(downmix(2, 1)).held
    assert mono is not None
    np.testing.assert_allclose(mono.samples, [[0.3, 0.0]], atol=1e-7)
    left, right = downmix(6, 2)
    assert left.tolist() == pytest.approx([1, 0, 0.7071, 0, 0.7071, 0], abs=1e-4)
    assert right.tolist() == pytest.approx([0, 1, 0.7071, 0, 0, 0.7071], abs=1e-4)


@pytest.mark.parametrize(("channels", "wanted"), [(2, 6), (1, 2), (7, 2), (6, 3)])
def test_channels_that_nobody_defines_are_refused(channels, wanted):
    with pytest.raises(AudioError, match=f"{channels} channels can't be made {wanted}"):
        downmix(channels, wanted)
