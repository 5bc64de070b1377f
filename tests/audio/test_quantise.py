from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio, Pcm
from musicgen_daw.audio.noise_shaping import SEGMENT_SAMPLES
from musicgen_daw.audio.quantise import Quantiser, mix_of, quantise, to_audio
from musicgen_daw.errors import AudioError

RATE = 48_000


def noise(seed=0, length=5000, amplitude=0.2):
    samples = np.random.default_rng(seed).uniform(-amplitude, amplitude, (2, length))
    return Audio(samples.astype(np.float32), RATE)


def error_in_steps(audio, bit_depth, seed=1):
    pcm = quantise(audio, bit_depth, seed)
    return pcm.samples - audio.samples.astype(float) * pcm.full_scale


@pytest.mark.parametrize("bit_depth", ["16", "24"])
def test_dither_is_triangular(bit_depth):
    error = error_in_steps(noise(length=200_000), bit_depth)
    assert error.mean() == pytest.approx(0, abs=0.005)
    # Triangular dither of two steps plus rounding: a quarter of a squared step in all.
    assert error.var() == pytest.approx(0.25, rel=0.02)
    assert np.abs(error).max() <= 1.51


def test_the_error_does_not_depend_on_the_signal():
    # Undithered, a constant of a third of a step would always be lost.
    steady = Audio(np.full((1, 200_000), 1 / 3 * 2**-15, np.float32), RATE)
    pcm = quantise(steady, "16", 0)
    assert pcm.samples.mean() == pytest.approx(1 / 3, abs=0.01)
    quarter, half = (
        error_in_steps(Audio(np.full((1, 200_000), x * 2**-15, np.float32), RATE), "16").var()
        for x in (0.25, 0.5)
    )
    assert quarter == pytest.approx(half, rel=0.03)


def test_channels_and_seeds_get_noise_of_their_own():
    one = quantise(noise(), "16", 1).samples
    assert (one != quantise(noise(), "16", 2).samples).any()
    same = Audio(np.tile(noise().samples[:1], (2, 1)), RATE)
    left, right = error_in_steps(same, "16")
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.1


@pytest.mark.parametrize("bit_depth", ["16", "24", "32f"])
def test_the_same_seed_gives_the_same_samples(bit_depth):
    first, second = (quantise(noise(), bit_depth, 7).samples for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("bit_depth", ["16", "24", "32f"])
def test_digital_silence_stays_digital_silence(bit_depth):
    assert not quantise(Audio.silence(1000, RATE), bit_depth, 0).samples.any()


def test_silence_before_the_first_sound_stays_silent():
    samples = noise(length=2000).samples
    samples[0, :700] = 0
    pcm = quantise(Audio(samples, RATE), "16", 0)
    assert not pcm.samples[0, :700].any()
    assert pcm.samples[0, 700:].any()


@settings(max_examples=30, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 50_000), min_size=1, max_size=5),
    silence=st.integers(0, 60_000),
    bit_depth=st.sampled_from(["16", "24", "32f"]),
)
def test_pieces_are_rounded_as_the_whole(lengths, silence, bit_depth):
    audio = noise(length=sum(lengths))
    audio.samples[1, :silence] = 0
    quantiser = Quantiser(RATE, 2, bit_depth, 9)
    pieces = np.split(audio.samples, np.cumsum(lengths)[:-1], axis=1)
    rounded = [quantiser.rounded(piece).samples for piece in pieces]
    assert (np.concatenate(rounded, axis=1) == quantise(audio, bit_depth, 9).samples).all()


@pytest.mark.parametrize(("bit_depth", "highest"), [("16", 2**15 - 1), ("24", 2**23 - 1)])
def test_samples_beyond_full_scale_are_held_there(bit_depth, highest):
    loud = Audio(np.array([[1.5, -1.5, 1.0, -1.0]], np.float32), RATE)
    samples = quantise(loud, bit_depth, 0).samples[0]
    assert samples[0] == highest
    assert samples[1] == -highest - 1


def test_the_input_is_left_as_it_was():
    audio = noise()
    before = audio.samples.copy()
    quantise(audio, "24", 0)
    assert (audio.samples == before).all()


@settings(max_examples=25, deadline=None)
@given(
    bit_depth=st.sampled_from(["16", "24", "32f"]),
    count=st.integers(1, 8),
    length=st.integers(0, 400),
)
def test_a_mix_is_the_exact_sum_of_its_stems(bit_depth, count, length):
    stems = [quantise(noise(seed, length, 0.12), bit_depth, seed) for seed in range(count)]
    mix = mix_of(stems)
    exact = sum(stem.samples.astype(np.float64) for stem in stems)
    assert (mix.samples == exact).all()
    assert mix.bit_depth == bit_depth
    if bit_depth == "32f":  # a DAW that adds float32 tracks gets the mix to the bit
        added = np.zeros_like(mix.samples)
        for stem in stems:
            added += stem.samples
        assert (added == mix.samples).all()


def spectrum_of_error(shaped, sample_rate=44_100):
    audio = Audio(noise(length=400_000, amplitude=0.05).samples, sample_rate)
    pcm = Quantiser(sample_rate, 2, "16", 3, shaped=shaped).rounded(audio.samples)
    error = pcm.samples - audio.samples.astype(float) * 2**15
    power = np.abs(np.fft.rfft(error[0].reshape(-1, 4000) * np.hanning(4000))) ** 2
    return np.fft.rfftfreq(4000, 1 / sample_rate), power.mean(axis=0)


def test_shaped_noise_is_softest_where_the_ear_is_keenest():
    hz, flat = spectrum_of_error(shaped=False)
    shaped = spectrum_of_error(shaped=True)[1]
    keen, dull = (hz > 2500) & (hz < 4500), hz > 17_000
    assert 10 * np.log10(shaped[keen].mean() / flat[keen].mean()) < -12
    assert 10 * np.log10(shaped[dull].mean() / flat[dull].mean()) > 6


def test_shaped_pieces_are_rounded_as_the_whole():
    audio = noise(length=3 * SEGMENT_SAMPLES + 77)
    audio.samples[1, :5000] = 0
    whole = Quantiser(RATE, 2, "16", 4, shaped=True).rounded(audio.samples).samples
    quantiser = Quantiser(RATE, 2, "16", 4, shaped=True)
    pieces = np.split(audio.samples, [SEGMENT_SAMPLES, 3 * SEGMENT_SAMPLES], axis=1)
    parts = [quantiser.rounded(piece).samples for piece in pieces]
    assert (np.concatenate(parts, axis=1) == whole).all()
    assert not whole[1, :5000].any()


def test_noise_is_only_shaped_at_rates_that_the_filter_is_made_for():
    with pytest.raises(AudioError, match="44100 and 48000 Hz, not 96000"):
        Quantiser(96_000, 2, "16", shaped=True)


def test_stems_may_pass_full_scale_together_and_come_back():
    high, low = (Pcm(np.array([[x]], np.int32), RATE, "16") for x in (30_000, -30_000))
    assert mix_of([high, high, low]).samples.tolist() == [[30_000]]
    with pytest.raises(ValueError, match="full scale"):
        mix_of([high, high])


def test_stems_of_unlike_kind_have_no_mix():
    with pytest.raises(ValueError, match="one shape"):
        mix_of([quantise(noise(), "16", 0), quantise(noise(), "24", 0)])
    with pytest.raises(ValueError, match="one shape"):
        mix_of([])


@pytest.mark.parametrize("bit_depth", ["16", "24", "32f"])
def test_finished_samples_become_sound_again_exactly(bit_depth):
    pcm = quantise(noise(), bit_depth, 0)
    back = to_audio(pcm).samples.astype(np.float64) * pcm.full_scale
    assert (back == pcm.samples).all()
