"""Parameters that move, and sends."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.errors import PresetError
from musicgen_daw.mastering import check_chain, check_effects, master_cue, run_chain
from musicgen_daw.mastering.automation import Curve
from musicgen_daw.mastering.chain import play_through, run_sends
from musicgen_daw.mastering.programme import Programme
from musicgen_daw.mastering.shaping import Shape
from musicgen_daw.presets import Automation, Effect, Master, Send, StemMix
from musicgen_daw.timeline import BarBeat, MeterChange, TempoMap

RATE = 48_000
HALL = Effect("Reverb", {"room_size": 0.7, "wet_level": 1.0, "dry_level": 0.0})


def steady(seconds=4.0, channels=1, hz=1000.0):
    wave = 0.25 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    return Audio(np.repeat(wave[np.newaxis], channels, axis=0).astype(np.float32), RATE)


def noise(seconds, seed=0, channels=2):
    samples = 0.1 * np.random.default_rng(seed).standard_normal((channels, round(seconds * RATE)))
    return Audio(samples.astype(np.float32), RATE)


def moving(effect, name, *points, **others):
    return [Effect(effect, {name: Automation(points), **others})]


def level_db(audio, at_s):
    part = audio.samples[:, round((at_s - 0.02) * RATE) : round((at_s + 0.02) * RATE)]
    return 10 * np.log10(np.mean(part.astype(float) ** 2) / (0.25**2 / 2))


def test_a_gain_moves_in_straight_lines_and_holds_at_both_ends():
    out = run_chain(steady(), moving("Gain", "gain_db", (1.0, 0.0), (3.0, -20.0)))
    for at_s, expected_db in [(0.1, 0), (0.9, 0), (1.5, -5), (2, -10), (2.9, -19), (3.5, -20)]:
        assert level_db(out, at_s) == pytest.approx(expected_db, abs=0.1)
    assert out.length_samples == 4 * RATE


def test_the_steps_of_a_moving_gain_are_not_heard():
    out = run_chain(steady(hz=997), moving("Gain", "gain_db", (0.0, 0.0), (4.0, -24.0)))
    middle = out.samples[0, RATE : RATE + 32_768] * np.hanning(32_768)
    spectrum = 20 * np.log10(np.abs(np.fft.rfft(middle)) + 1e-9)
    pitches = np.fft.rfftfreq(32_768, 1 / RATE)
    beside = np.abs(pitches - 997) > 300
    assert spectrum[beside].max() - spectrum.max() < -65


def test_a_frequency_moves_by_equal_ratios():
    curve = Curve.of(Automation(((0.0, 100.0), (2.0, 10_000.0))), "cutoff_frequency_hz", None)
    assert curve.at(1.0) == pytest.approx(1000)
    linear = Curve.of(Automation(((0.0, 100.0), (2.0, 10_000.0))), "threshold_db", None)
    assert linear.at(1.0) == pytest.approx(5050)


def test_places_in_bars_follow_the_tempo_and_the_meter():
    waltz = TempoMap.constant(120, 3, 4)
    points = ((BarBeat(2), 0.0), (BarBeat(3, Fraction(5, 2)), -12.0))
    curve = Curve.of(Automation(points), "gain_db", waltz)
    assert curve.times_s == (1.5, 3.75)
    out = run_chain(steady(), moving("Gain", "gain_db", *points), waltz)
    assert level_db(out, 1.4) == pytest.approx(0, abs=0.1)
    assert level_db(out, 3.9) == pytest.approx(-12, abs=0.1)


def test_a_cue_is_mastered_with_its_own_tempo():
    master = Master(
        lufs=-30, chain=tuple(moving("Gain", "gain_db", (BarBeat(2), 0.0), (BarBeat(3), -12.0)))
    )
    tempo_map = TempoMap.constant(120)
    cue = master_cue(
        {"mix": steady(6)},
        master,
        Shape(RATE, 6 * RATE, tempo_map=tempo_map),
        bit_depth="32f",
    )
    mix = Audio(cue.mix.samples.astype(np.float32), RATE)
    assert level_db(mix, 1.5) - level_db(mix, 5) == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        (moving("Gain", "gian_db", (0.0, 1.0)), "did you mean 'gain_db'"),
        (moving("Reverb", "room_size", (0.0, 0.5), (1.0, 2.0)), "between 0.0 and 1.0"),
        (moving("LadderFilter", "mode", (0.0, 1.0)), "mode must be one of"),
        (moving("HighpassFilter", "cutoff_frequency_hz", (0.0, 30.0), (1.0, -1.0)), "positive"),
    ],
)
def test_automation_of_what_there_is_not_or_can_not_be_is_refused(chain, message):
    with pytest.raises(PresetError, match=r"house \[\[master.chain\]\] 1: ") as refused:
        check_chain(chain, "house")
    assert message in str(refused.value)


def test_bars_without_a_tempo_are_refused():
    chain = moving("Gain", "gain_db", (BarBeat(5), 1.0))
    check_chain(chain, "house")
    for use in (
        lambda: check_chain(chain, "house", has_tempo=False),
        lambda: run_chain(steady(), chain),
    ):
        with pytest.raises(PresetError, match=r"gain_db moves at bar 5\|1, and no tempo is told"):
            use()


def test_a_beat_that_its_bar_has_not_is_refused_when_the_meter_is_known():
    chain = moving("Gain", "gain_db", (BarBeat(2, Fraction(5)), 1.0))
    check_chain(chain, "house")
    with pytest.raises(PresetError, match="bar 2 of 4/4 has no such beat"):
        run_chain(steady(), chain, TempoMap.constant(120))
    five = TempoMap(meters=(MeterChange(Fraction(0), 5, 4),))
    assert run_chain(steady(), chain, five).length_samples == 4 * RATE


MOVING_CHAIN = [
    *moving("LowpassFilter", "cutoff_frequency_hz", (0.7, 300.0), (2.1, 9000.0)),
    Effect("Delay", {"delay_seconds": 0.21, "mix": 0.4, "feedback": 0.3}),
]


@pytest.mark.parametrize(
    "chain", [MOVING_CHAIN, MOVING_CHAIN[1:], [HALL]], ids=["moving", "echo", "hall"]
)
@pytest.mark.parametrize("cuts", [[100, 9000, 9001, 40_000], [1, 64, 65, 20_000, 60_000]])
def test_in_pieces_of_any_length_a_chain_sounds_as_in_one(chain, cuts):
    audio = noise(3)
    whole = run_chain(audio, chain).samples
    pieces = np.split(audio.samples, cuts, axis=1)
    played = np.concatenate(
        list(play_through(iter(pieces), RATE, chain, audio.length_samples)), axis=1
    )
    length = min(whole.shape[1], played.shape[1])
    assert length >= audio.length_samples
    np.testing.assert_allclose(played[:, :length], whole[:, :length], atol=1e-6)


def test_effects_that_delay_stay_in_time_while_others_move():
    chain = [Effect("PitchShift"), *moving("Gain", "gain_db", (0.0, 0.0), (1.0, -3.0))]
    burst = np.hanning(400) * np.sin(np.arange(400) * 0.3) * 0.5
    audio = Audio(np.zeros((1, 2 * RATE), np.float32), RATE)
    audio.samples[0, 60_000:60_400] = burst
    out = run_chain(audio, chain).samples[0]
    lag = np.argmax(np.correlate(out, burst.astype(np.float32), "valid"))
    assert abs(int(lag) - 60_000) <= 1


# -- sends --------------------------------------------------------------------------------------


def test_a_send_adds_its_return_and_rings_on():
    audio = noise(1)
    hall = Send("hall", (HALL,), level_db=-12)
    out = run_sends(audio, [hall], {})
    wet = run_chain(Audio(audio.samples * np.float32(10 ** (-12 / 20)), RATE), [HALL])
    assert out.length_samples == wet.length_samples > RATE
    np.testing.assert_allclose(
        out.samples[:, :RATE], audio.samples + wet.samples[:, :RATE], atol=1e-6
    )
    np.testing.assert_allclose(out.samples[:, RATE:], wet.samples[:, RATE:], atol=1e-6)


def test_a_stem_s_own_level_of_a_send_rules():
    audio = noise(1)
    hall = Send("hall", (HALL,), level_db=-30)
    loud, soft = run_sends(audio, [hall], {"hall": 0.0}), run_sends(audio, [hall], {})
    assert np.abs(loud.samples[:, RATE:]).max() > 20 * np.abs(soft.samples[:, RATE:]).max()


def test_stems_with_sends_sum_to_the_mix_and_ring_into_the_tail():
    master = Master(lufs=-25, sends=(Send("hall", (HALL,), -6),))
    cue = master_cue(
        {"drums": noise(1, 1), "bass": noise(1, 2)},
        master,
        Shape(RATE, RATE, RATE),
        bit_depth="24",
        stem_mix={"bass": StemMix(sends={"hall": -96.0})},
    )
    total = sum(stem.samples.astype(np.int64) for stem in cue.stems.values())
    assert np.array_equal(total, cue.mix.samples)
    tail = {name: np.abs(stem.samples[:, RATE + 2000 :]).max() for name, stem in cue.stems.items()}
    assert tail["drums"] > 1000 * max(1, tail["bass"])


def test_a_long_sound_with_sends_streams_as_in_one():
    audio = noise(3)
    sends = [Send("hall", (HALL,), -9), Send("echo", (MOVING_CHAIN[1],), -3)]
    pieces = np.split(audio.samples, [5000, 70_000], axis=1)
    streamed = Programme(RATE, 2, audio.length_samples, lambda: iter(pieces)).through([], sends)
    whole = run_sends(audio, sends, {})
    played = np.concatenate(list(streamed.pieces()), axis=1)
    assert played.shape[1] == streamed.length_samples >= whole.length_samples
    np.testing.assert_allclose(played[:, : whole.length_samples], whole.samples, atol=2e-3)


def test_the_level_of_a_send_moves_in_decibels_and_streams_alike():
    audio = steady(4.0)
    gain = Effect("Gain", {"gain_db": 0.0})
    swell = Send("swell", (gain,), Automation(((1.0, -60.0), (3.0, 0.0))))
    out = run_sends(audio, [swell], {})
    ratio = out.samples[0, 12::RATE] / audio.samples[0, 12::RATE]
    assert ratio == pytest.approx([1.001, 1.001, 1 + 10 ** (-30 / 20), 2.0], rel=2e-3)
    pieces = np.array_split(audio.samples, 7, axis=1)
    streamed = Programme(RATE, 1, audio.length_samples, lambda: iter(pieces)).through([], [swell])
    joined = np.concatenate(list(streamed.pieces()), axis=1)
    np.testing.assert_allclose(joined, out.samples, atol=1e-6)


def test_a_send_that_moves_in_bars_follows_the_tempo_and_needs_one():
    places = ((BarBeat.parse("1|1"), -60.0), (BarBeat.parse("2|1"), 0.0))
    swell = Send("swell", (Effect("Gain", {"gain_db": 0.0}),), Automation(places))
    audio = steady(4.0)
    out = run_sends(audio, [swell], {}, TempoMap.constant(120))
    assert out.samples[0, 3 * RATE + 12] == pytest.approx(2 * audio.samples[0, 3 * RATE + 12])
    check_effects(Master(sends=(swell,)), {}, "house")
    with pytest.raises(PresetError, match=r"house \[\[master.sends\]\] 1: level_db moves at bar"):
        check_effects(Master(sends=(swell,)), {}, "house", has_tempo=False)


def test_a_stem_that_goes_to_no_send_is_refused():
    master = Master(sends=(Send("hall", (HALL,)),))
    check_effects(master, {"drums": StemMix(sends={"hall": -3})}, "house")
    with pytest.raises(
        PresetError, match=r"house \[stems.drums\]: there is no send 'hal' .*'hall'"
    ):
        check_effects(master, {"drums": StemMix(sends={"hal": -3})}, "house")


def test_an_effect_that_can_not_play_in_pieces_is_refused_rather_than_silent():
    pieces = play_through(iter([noise(1).samples]), RATE, [Effect("PitchShift")], RATE)
    with pytest.raises(PresetError, match="PitchShift can't play a sound too long for memory"):
        list(pieces)
    with pytest.raises(PresetError, match="PitchShift can't move"):
        check_chain(moving("PitchShift", "semitones", (0.0, 0.0), (1.0, 2.0)), "house")


def test_a_wrong_effect_of_a_send_is_told_with_its_place():
    master = Master(sends=(Send("hall", (Effect("Reverbs"),)),))
    with pytest.raises(PresetError, match=r"\[\[master.sends.chain\]\] 1: unknown effect"):
        check_effects(master, {}, "house")
