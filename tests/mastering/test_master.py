"""Mastered cues, judged by measures of their own where that is possible."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import pyloudnorm
import pytest
import soxr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio, measure
from musicgen_daw.audio.quantise import mix_of, to_audio
from musicgen_daw.errors import AudioError, PresetError
from musicgen_daw.mastering import MasteredCue, chain, hear_cue, master_cue
from musicgen_daw.mastering.shaping import Shape
from musicgen_daw.presets import Effect, Master, StemMix
from musicgen_daw.timeline import Span

RATE = 48_000


def music_like(seconds=4.0, sample_rate=RATE, seed=0, channels=2, amplitude=0.5, punch=5.0):
    """Band-limited noise with beats; more ``punch`` makes higher peaks at the same loudness."""
    generator = np.random.default_rng(seed)
    length = round(seconds * sample_rate)
    hz = np.fft.rfftfreq(length, 1 / sample_rate)
    spectrum = np.fft.rfft(generator.standard_normal((channels, length)))
    spectrum *= (hz < 12_000) / np.sqrt(1 + hz / 100)
    beats = 0.1 + np.exp(-punch * ((np.arange(length) / sample_rate) % 0.5))
    samples = np.fft.irfft(spectrum, length) * beats
    return Audio((amplitude * samples / np.abs(samples).max()).astype(np.float32), sample_rate)


def mastered(
    stems, master=None, *, seconds=4.0, tail_samples=0, rings_out=False, **settings
) -> MasteredCue:
    if isinstance(stems, Audio):
        stems = {"mix": stems}
    shape = Shape(RATE, round(seconds * RATE), tail_samples, rings_out)
    return master_cue(stems, master or Master(), shape, **({"bit_depth": "24"} | settings))


def independent_true_peak_dbtp(pcm):
    """Eight times oversampled by one long FFT."""
    samples = np.pad(
        pcm.samples / pcm.full_scale, ((0, 0), (2048, 2048 + -pcm.length_samples % 4096))
    )
    length = samples.shape[1]
    wide = np.zeros((len(samples), length * 4 + 1), complex)
    spectrum = np.fft.rfft(samples)
    wide[:, : spectrum.shape[1]] = spectrum
    peak = np.abs(np.fft.irfft(wide, length * 8) * 8).max()
    return 20 * math.log10(peak) if peak else -math.inf


def independent_lufs(pcm):
    samples = (pcm.samples / pcm.full_scale).T
    return pyloudnorm.Meter(pcm.sample_rate).integrated_loudness(samples)


def three_stems(**settings):
    return {
        name: music_like(seed=seed, **settings)
        for seed, name in enumerate(("drums", "bass", "lead"))
    }


# -- loudness and ceiling -----------------------------------------------------------------------


@pytest.mark.parametrize("lufs", [-30.0, -18.0, -14.0])
def test_the_mix_gets_the_wanted_loudness(lufs):
    cue = mastered(music_like(punch=2), Master(lufs=lufs))
    assert cue.warnings == ()
    assert cue.levels["mix"].integrated_lufs == pytest.approx(lufs, abs=0.02)
    assert independent_lufs(cue.mix) == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize("bit_depth", ["16", "24", "32f"])
def test_the_ceiling_holds_by_another_meter_while_the_loudness_is_met(bit_depth):
    cue = mastered(music_like(punch=9), Master(lufs=-15), bit_depth=bit_depth)
    assert cue.warnings == ()
    assert 0.5 < cue.reduction_db < 6
    assert cue.levels["mix"].integrated_lufs == pytest.approx(-15, abs=0.03)
    assert cue.levels["mix"].true_peak_dbtp <= -1
    assert independent_true_peak_dbtp(cue.mix) <= -1


@pytest.mark.parametrize("seed", [1, 11, 13])
def test_the_ceiling_holds_for_what_a_converter_plays_of_noise_up_to_half_the_rate(seed):
    at = np.arange(2 * RATE)
    stroke = np.exp(-(at % (RATE // 4)) / 2500)
    noise = np.random.default_rng(seed).standard_normal((2, len(at)))
    samples = 0.5 * np.sin(2 * np.pi * 82 * at / RATE) * stroke + 0.04 * noise * stroke**2
    cue = master_cue(
        {"mix": Audio(samples.astype(np.float32), RATE)},
        Master(lufs=-14.0),
        Shape(RATE, len(at)),
        bit_depth="24",
    )
    played = soxr.resample(to_audio(cue.mix).samples.T, RATE, 8 * RATE, quality="VHQ")
    assert 20 * math.log10(np.abs(played).max()) <= -1.0
    assert cue.levels["mix"].integrated_lufs == pytest.approx(-14.0, abs=0.02)


def test_no_limiter_acts_where_a_plain_gain_is_enough():
    audio = music_like()
    cue = mastered(audio, Master(lufs=-30, fade_in_ms=1, fade_out_ms=1), bit_depth="32f")
    assert cue.reduction_db == 0
    inner = slice(100, -100)
    expected = audio.samples[:, inner] * 10 ** (cue.gain_db / 20)
    np.testing.assert_allclose(cue.mix.samples[:, inner], expected, atol=1e-6)


def test_a_shortfall_is_told_rather_than_crushed():
    cue = mastered(music_like(punch=12), Master(lufs=-6))
    assert cue.reduction_db == pytest.approx(6.0, abs=0.05)
    assert cue.levels["mix"].true_peak_dbtp <= -1
    missing = -6 - cue.levels["mix"].integrated_lufs
    assert missing > 1
    assert cue.warnings == (
        f"the mix is {missing:.1f} LU quieter than the wanted -6 LUFS: its peaks would need "
        "more than 6 dB of limiting to stay below -1 dBTP",
    )


def test_a_stem_stays_below_the_ceiling_even_where_others_cancel_it():
    loud = music_like(amplitude=0.9)
    mostly_cancelling = Audio(loud.samples * np.float32(-0.9), RATE)
    cue = mastered({"one": loud, "other": mostly_cancelling}, Master(lufs=-23))
    for pcm in (*cue.stems.values(), cue.mix):
        assert independent_true_peak_dbtp(pcm) <= -1


def test_silence_gets_no_gain_and_a_warning():
    cue = mastered(Audio.silence(4 * RATE, RATE))
    assert not cue.mix.samples.any()
    assert cue.gain_db == 0
    assert cue.warnings == ("the mix is silent: no gain was applied",)
    assert cue.levels["mix"].integrated_lufs == -math.inf


def test_even_dither_does_not_lift_peaks_above_a_very_low_ceiling():
    cue = mastered(
        three_stems(seconds=1), Master(lufs=-42, ceiling_dbtp=-40), seconds=1, bit_depth="16"
    )
    assert all(levels.true_peak_dbtp <= -40 for levels in cue.levels.values())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    source_samples=st.integers(1, 20_000),
    length=st.integers(1, 20_000),
    tail=st.integers(0, 3000),
    source_rate=st.sampled_from([32_000, 44_100, 48_000]),
    level_db=st.floats(-80, 40),
    lufs=st.floats(-40, -6),
    ceiling=st.floats(-12, 0),
    bit_depth=st.sampled_from(["16", "24", "32f"]),
    end=st.sampled_from(["ring", "loop"]),
    seed=st.integers(0, 999),
)
def test_any_finite_sound_comes_out_finite_exact_in_length_and_below_the_ceiling(
    source_samples, length, tail, source_rate, level_db, lufs, ceiling, bit_depth, end, seed
):
    hz = np.random.default_rng(seed).uniform(50, 5000, 3)
    time = np.arange(source_samples) / source_rate
    wave = sum(np.sin(2 * np.pi * f * time) for f in hz) * 10 ** (level_db / 20)
    cue = master_cue(
        {"mix": Audio(wave[np.newaxis].astype(np.float32), source_rate)},
        Master(lufs=lufs, ceiling_dbtp=ceiling, end=end),
        Shape(RATE, length, tail),
        bit_depth=bit_depth,
    )
    assert cue.mix.samples.shape == (1, length if end == "loop" else length + tail)
    assert np.isfinite(cue.mix.samples).all()
    assert cue.levels["mix"].true_peak_dbtp <= ceiling
    assert cue.reduction_db <= 6.1


# -- stems --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bit_depth", ["16", "24", "32f"])
@pytest.mark.parametrize("lufs", [-24.0, -12.0], ids=["plain gain", "limited"])
def test_stems_add_up_to_the_mix_exactly(bit_depth, lufs):
    cue = mastered(three_stems(punch=9), Master(lufs=lufs), bit_depth=bit_depth)
    assert list(cue.stems) == ["drums", "bass", "lead"]
    exact = sum(pcm.samples.astype(np.float64) for pcm in cue.stems.values())
    assert (cue.mix.samples == exact).all()
    assert cue.mix.samples.tobytes() == mix_of(list(cue.stems.values())).samples.tobytes()


@pytest.mark.parametrize("bit_depth", ["16", "24", "32f"])
@pytest.mark.parametrize("lufs", [-50.0, -24.0, -12.0], ids=["soft", "plain gain", "limited"])
def test_levels_are_those_of_the_finished_samples(bit_depth, lufs):
    cue = mastered(three_stems(punch=9), Master(lufs=lufs), bit_depth=bit_depth)
    assert set(cue.levels) == {"mix", "drums", "bass", "lead"}
    assert cue.levels["bass"] == measure(to_audio(cue.stems["bass"]))
    # The mix's loudness is that before its gain, moved; dither is too soft to be heard in it.
    again = asdict(measure(to_audio(cue.mix)))
    assert asdict(cue.levels["mix"]) == pytest.approx(again, abs=0.002)


def test_a_clip_that_is_one_mix_has_no_stems():
    cue = mastered(music_like())
    assert cue.stems == {}
    assert set(cue.levels) == {"mix"}


def test_a_clip_of_a_single_part_keeps_it_beside_the_mix():
    cue = mastered({"drums": music_like()})
    assert (cue.stems["drums"].samples == cue.mix.samples).all()


def test_a_given_mix_is_no_part_of_the_sum():
    stems = three_stems()
    with_mix = mastered(stems | {"mix": music_like(seed=9)})
    assert (with_mix.mix.samples == mastered(stems).mix.samples).all()


def test_mono_stems_are_doubled_beside_stereo_ones():
    stems = {"wide": music_like(seed=1), "narrow": music_like(seed=2, channels=1)}
    cue = mastered(stems)
    assert cue.stems["narrow"].channels == 2
    left, right = to_audio(cue.stems["narrow"]).samples
    np.testing.assert_allclose(left, right, atol=2**-21)
    assert mastered(music_like(channels=1)).mix.channels == 1


def test_channels_that_can_t_be_added_are_refused():
    with pytest.raises(AudioError, match="'two' has 2 channels and another has 5"):
        mastered({"two": music_like(), "five": music_like(channels=5)})


def test_stems_are_mixed_as_set_and_muted_ones_left_out():
    stems = {name: music_like(seed=1) for name in ("loud", "soft", "off")}
    cue = mastered(stems, stem_mix={"soft": StemMix(gain_db=-12), "off": StemMix(mute=True)})
    assert set(cue.stems) == {"loud", "soft"}
    difference = cue.levels["loud"].integrated_lufs - cue.levels["soft"].integrated_lufs
    assert difference == pytest.approx(12, abs=0.01)


def test_a_cue_with_every_stem_muted_is_silent():
    cue = mastered({"only": music_like()}, stem_mix={"only": StemMix(mute=True)})
    assert cue.stems == {}
    assert cue.mix.length_samples == 4 * RATE
    assert cue.warnings == ("the mix is silent: no gain was applied",)


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_nan_and_infinity_are_refused_by_the_stem_s_name(poison):
    stems = three_stems()
    stems["bass"].samples[0, 77] = poison
    with pytest.raises(AudioError, match="stem 'bass' contains NaN or infinite"):
        mastered(stems)


def test_no_stems_are_refused():
    with pytest.raises(AudioError, match="no stems"):
        mastered({})


def test_a_wrong_chain_is_refused():
    with pytest.raises(PresetError, match="did you mean 'Reverb'"):
        mastered(music_like(), Master(chain=(Effect("Reverbb"),)))


@pytest.mark.parametrize("bit_depth", ["16", "24", "32f"])
def test_the_same_clip_gives_the_same_bytes_and_another_seed_other_dither(bit_depth):
    first, second = (mastered(three_stems(punch=9), bit_depth=bit_depth) for _ in range(2))
    assert first.mix.samples.tobytes() == second.mix.samples.tobytes()
    assert first.levels == second.levels
    other = mastered(three_stems(punch=9), bit_depth=bit_depth, dither_seed=1000)
    assert (other.mix.samples != first.mix.samples).any() == (bit_depth != "32f")


# -- rate, length, edges ------------------------------------------------------------------------


def test_rate_and_length_are_exactly_those_asked():
    cue = mastered(music_like(seconds=5, sample_rate=32_000), seconds=3.9, tail_samples=777)
    assert cue.mix.sample_rate == RATE
    assert cue.mix.length_samples == round(3.9 * RATE) + 777
    assert cue.loop is None


def test_a_clip_that_is_too_short_is_filled_up_with_a_warning():
    cue = mastered({"pad": music_like(seconds=3)})
    assert cue.mix.length_samples == 4 * RATE
    assert cue.warnings == ("stem 'pad' is 1.00 s shorter than its cue: filled up with silence",)
    assert mastered(music_like(seconds=3.96)).warnings == ()


def test_an_attack_at_the_very_start_stays_where_and_as_it_is():
    hit = Audio(np.zeros((2, 4 * RATE), np.float32), RATE)
    time = np.arange(RATE)
    hit.samples[:, :RATE] = 0.8 * np.exp(-time / 4000) * np.sin(2 * np.pi * 180 * time / RATE)
    cue = mastered(hit, Master(lufs=-30), bit_depth="32f")
    expected = hit.samples * 10 ** (cue.gain_db / 20)
    np.testing.assert_allclose(cue.mix.samples[:, :RATE], expected[:, :RATE], atol=1e-6)


def test_a_head_that_begins_with_a_step_is_rounded_within_half_a_millisecond():
    steady = Audio(np.full((1, 4 * RATE), 0.5, np.float32), RATE)
    steady.samples[0] *= np.cos(2 * np.pi * 100 * np.arange(4 * RATE) / RATE).astype(np.float32)
    out = to_audio(mastered(steady).mix).samples[0]
    assert abs(out[0]) < 0.01 * np.abs(out).max()
    assert abs(out[24]) > 0.9 * np.abs(out).max()


def test_a_cut_ring_ends_without_a_step_and_asked_fades_are_as_long_as_asked():
    cut = to_audio(mastered(music_like(seconds=6)).mix).samples
    assert np.abs(cut[:, -1]).max() < 1e-4
    steady = Audio(np.full((1, 4 * RATE), 0.5, np.float32), RATE)
    steady.samples[0, 1::2] *= -1
    master = Master(lufs=-20, fade_in_ms=100, fade_out_ms=500)
    envelope = np.abs(to_audio(mastered(steady, master, bit_depth="32f").mix).samples[0])
    level = envelope[2 * RATE]
    assert envelope[2400] == pytest.approx(level / 2, rel=0.01)
    assert envelope[4800] == pytest.approx(level, rel=0.01)
    assert envelope[-24_000 - 1] == pytest.approx(level, rel=0.01)
    assert envelope[-12_000] == pytest.approx(level / 2, rel=0.01)


def test_an_effect_s_ring_fills_the_tail():
    dry = music_like(seconds=4)
    hall = Master(chain=(Effect("Reverb", {"room_size": 0.9}),), lufs=-20)
    cue = mastered(dry, hall, tail_samples=RATE)
    assert np.abs(to_audio(cue.mix).samples[:, 4 * RATE : 4 * RATE + 4800]).max() > 1e-3


# -- by stem and by sheet -----------------------------------------------------------------------


def test_stems_too_loud_together_are_all_softer_and_it_is_told():
    stems = three_stems(punch=9)
    cue = mastered(stems, Master(lufs=-9, normalise="stem"))
    lufs = [levels.integrated_lufs for name, levels in cue.levels.items() if name != "mix"]
    assert max(lufs) - min(lufs) < 0.5  # one limiter acts on all of them alike
    assert cue.levels["mix"].true_peak_dbtp <= -1
    assert cue.reduction_db == pytest.approx(6, abs=0.1)
    assert "the stems are" in cue.warnings[0]


def test_a_silent_stem_stays_silent_beside_others():
    stems = three_stems() | {"fx": Audio.silence(4 * RATE, RATE)}
    cue = mastered(stems, Master(lufs=-30, normalise="stem"))
    assert not cue.warnings
    assert cue.levels["drums"].integrated_lufs == pytest.approx(-30, abs=0.05)
    assert cue.levels["fx"].integrated_lufs < -100


def test_with_the_gain_of_a_sheet_a_cue_keeps_its_own_loudness():
    audio = music_like()
    before = hear_cue({"mix": audio}, Master(), Shape(RATE, 4 * RATE))
    cue = mastered(audio, Master(lufs=-14, normalise="sheet"), sheet_gain_db=-3.0)
    expected = before.loudness.integrated_lufs() - 3
    assert cue.gain_db == pytest.approx(-3, abs=0.01)
    assert cue.levels["mix"].integrated_lufs == pytest.approx(expected, abs=0.02)


# -- loops --------------------------------------------------------------------------------------


def seam_step(samples):
    """The step from end to head, in units of the largest step anywhere else."""
    twice = np.concatenate((samples, samples), axis=1)
    steps = np.abs(np.diff(twice.astype(float), axis=1)).max(axis=0)
    inside = steps[: samples.shape[1] - 1].max()
    return steps[samples.shape[1] - 1] / inside


def test_the_ring_of_a_loop_is_added_to_its_head():
    time = np.arange(5 * RATE)
    late = np.where(time >= 3.9 * RATE, np.exp(-(time - 3.9 * RATE) / 20_000), 0)
    ring = (0.3 * late * np.sin(2 * np.pi * 220 * time / RATE)).astype(np.float32)
    cue = mastered(
        Audio(ring[np.newaxis], RATE),
        Master(end="loop", lufs=-30),
        rings_out=True,
        tail_samples=RATE,
        bit_depth="32f",
    )
    assert cue.loop == Span(0, 4 * RATE)
    assert cue.mix.length_samples == 4 * RATE
    gain = 10 ** (cue.gain_db / 20)
    np.testing.assert_allclose(cue.mix.samples[0, :RATE], ring[4 * RATE :] * gain, atol=1e-6)
    assert seam_step(cue.mix.samples) < 1


@pytest.mark.parametrize("lufs", [-24.0, -10.0], ids=["plain gain", "limited"])
def test_a_loop_that_does_not_ring_out_is_blended_with_what_follows_it(lufs):
    cue = mastered(music_like(seconds=5, punch=9), Master(end="loop", lufs=lufs))
    assert cue.mix.length_samples == 4 * RATE
    assert cue.warnings == () or lufs == -10
    assert seam_step(cue.mix.samples) < 1
    level = np.sqrt(np.mean(cue.mix.samples[:, :2400].astype(float) ** 2))
    following = np.sqrt(np.mean(cue.mix.samples[:, RATE // 2 : RATE // 2 + 2400] ** 2.0))
    assert 20 * math.log10(level / following) == pytest.approx(0, abs=3)


def test_a_loop_with_nothing_after_it_is_faded_at_its_seam_with_a_warning():
    cue = mastered({"pad": music_like(seconds=4)}, Master(end="loop"))
    assert seam_step(cue.mix.samples) < 1
    assert "stem 'pad' ends where its loop ends" in cue.warnings[0]


LONG = Master(
    chain=(
        Effect("HighpassFilter", {"cutoff_frequency_hz": 30}),
        Effect("Compressor", {"ratio": 2}),
    ),
    lufs=-12.0,
    fade_out_ms=400,
)


def long_stems(seconds):
    """Stems whose mix has to be limited."""
    few = [music_like(10, 8000, seed, amplitude=0.8, punch=20.0) for seed in range(4)]
    turns = [np.tile(audio.samples, seconds // 10) for audio in few]
    return {f"stem {n}": Audio(samples, 8000) for n, samples in enumerate(turns)}


def test_a_long_cue_is_mastered_as_a_short_one(small_tapes, monkeypatch):
    shape = Shape(8000, 20 * 8000, 8000)
    monkeypatch.setattr(chain, "LONGEST_WHOLE_SAMPLES", 8000)
    in_files = master_cue(long_stems(20), LONG, shape, bit_depth="24")
    monkeypatch.undo()
    in_memory = master_cue(long_stems(20), LONG, shape, bit_depth="24")
    assert in_memory.reduction_db > 1
    assert in_files.levels == in_memory.levels
    for name, pcm in {**in_memory.stems, "mix": in_memory.mix}.items():
        other = in_files.mix if name == "mix" else in_files.stems[name]
        assert pcm.samples.tobytes() == other.samples.tobytes()


def test_memory_hardly_grows_with_the_length(small_tapes, monkeypatch, allocated_bytes):
    monkeypatch.setattr(chain, "LONGEST_WHOLE_SAMPLES", 8000)
    monkeypatch.setattr(chain, "_PIECE_SAMPLES", 8000)

    def peak_bytes(seconds):
        stems, shape = long_stems(seconds), Shape(8000, seconds * 8000)
        return allocated_bytes(lambda: master_cue(stems, LONG, shape, bit_depth="24"))

    more_of_stems_bytes = 60 * 8000 * 4 * 2 * 4
    assert peak_bytes(80) - peak_bytes(20) < more_of_stems_bytes / 4
