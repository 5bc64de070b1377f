from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio
from musicgen_daw.errors import AudioError, PresetError
from musicgen_daw.mastering import check_chain, run_chain
from musicgen_daw.presets import Effect

RATE = 48_000


def click(at=1000, length=RATE, channels=2):
    audio = Audio(np.zeros((channels, length), np.float32), RATE)
    audio.samples[:, at] = 0.5
    return audio


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        (
            Effect("HighpasFilter"),
            "unknown effect 'HighpasFilter' (did you mean 'HighpassFilter'?)",
        ),
        (Effect("Reverb", {"rom_size": 0.5}), "'rom_size' (did you mean 'room_size'?)"),
        (Effect("Reverb", {"qqq": 0.5}), "no parameter 'qqq' (it has: damping"),
        (Effect("Invert", {"gain": 1}), "(it has: none)"),
        (Effect("Reverb", {"room_size": 3.0}), "between 0.0 and 1.0"),
        (Effect("Reverb", {"room_size": "big"}), "room_size must be a number, not 'big'"),
        (Effect("Gain", {"gain_db": True}), "gain_db must be a number, not True"),
        (Effect("LadderFilter", {"mode": "LPF"}), "mode must be one of LPF12, HPF12"),
        (Effect("HighpassFilter", {"cutoff_frequency_hz": -30}), "must be positive"),
        (Effect("HighpassFilter", {"cutoff_frequency_hz": 30_000}), "no finite sound"),
        (Effect("VST3Plugin"), "unknown effect 'VST3Plugin'"),
        (Effect("Pedalboard"), "unknown effect 'Pedalboard'"),
        (Effect("Plugin"), "unknown effect 'Plugin'"),
    ],
)
def test_a_wrong_step_is_refused_by_place_and_reason(effect, message):
    with pytest.raises(PresetError) as refused:
        check_chain([Effect("Gain"), effect], "presets/house.toml")
    assert str(refused.value).startswith("presets/house.toml [[master.chain]] 2: ")
    assert message in str(refused.value)


def test_right_chains_pass():
    check_chain([], "presets/house.toml")
    check_chain(
        [
            Effect("HighpassFilter", {"cutoff_frequency_hz": 30}),
            Effect("Compressor", {"threshold_db": -18, "ratio": 2.5}),
            Effect("LadderFilter", {"mode": "HPF12", "cutoff_hz": 40}),
        ],
        "presets/house.toml",
    )


def test_a_wrong_chain_does_not_run():
    with pytest.raises(PresetError, match="did you mean 'Reverb'"):
        run_chain(click(), [Effect("Reverbs")])


def test_no_effects_return_the_very_sound():
    audio = click()
    assert run_chain(audio, []) is audio


@pytest.mark.parametrize("channels", [1, 2])
def test_channels_stay_as_they_are(channels):
    out = run_chain(click(channels=channels), [Effect("Gain", {"gain_db": -6})])
    assert out.samples.shape == (channels, RATE)


def test_a_reverb_s_ring_is_returned_until_it_has_died_away():
    long_room = Effect("Reverb", {"room_size": 0.9, "wet_level": 0.8})
    out = run_chain(click(at=RATE - 100), [long_room])
    assert out.length_samples > 2 * RATE
    assert np.abs(out.samples[:, -100:]).max() == pytest.approx(1e-3, rel=0.5)


def test_an_effect_that_never_falls_silent_is_cut():
    frozen = Effect("Reverb", {"freeze_mode": 1.0, "wet_level": 1.0})
    out = run_chain(click(at=100, length=4800), [Effect("Delay", {"feedback": 1.0}), frozen])
    assert out.length_samples <= 4800 + 20 * RATE


@pytest.mark.parametrize("effect", ["PitchShift", "BrickwallLimiter", "MP3Compressor"])
def test_effects_that_look_ahead_stay_in_time(effect):
    audio = Audio(np.zeros((2, RATE), np.float32), RATE)
    burst = np.hanning(400) * np.sin(np.arange(400) * 0.3) * 0.5
    audio.samples[:, 10_000:10_400] = burst
    out = run_chain(audio, [Effect(effect)]).samples[0]
    lag = np.argmax(np.correlate(out, burst.astype(np.float32), "valid"))
    assert abs(int(lag) - 10_000) <= 1


def test_effects_do_not_remember_the_sound_before():
    echo = [Effect("Delay", {"delay_seconds": 0.3, "mix": 0.5, "feedback": 0.5})]
    first = run_chain(click(), echo)
    run_chain(Audio(np.ones((2, RATE), np.float32), RATE), echo)
    assert run_chain(click(), echo).samples.tobytes() == first.samples.tobytes()


@settings(max_examples=15, deadline=None)
@given(gain=st.floats(0.05, 1.0), seed=st.integers(0, 999))
def test_a_chain_of_linear_effects_is_linear(gain, seed):
    linear = [
        Effect("HighpassFilter", {"cutoff_frequency_hz": 30}),
        Effect("PeakFilter", {"cutoff_frequency_hz": 900, "gain_db": 3, "q": 0.8}),
        Effect("Delay", {"delay_seconds": 0.01, "mix": 0.3}),
    ]
    generator = np.random.default_rng(seed)
    one, other = (generator.uniform(-0.3, 0.3, (2, 4000)).astype(np.float32) for _ in range(2))
    separate = sum(
        run_chain(Audio(x, RATE), linear).samples[:, :4000] for x in (one, other * np.float32(gain))
    )
    together = run_chain(Audio(one + other * np.float32(gain), RATE), linear).samples[:, :4000]
    np.testing.assert_allclose(together, separate, atol=2e-6)


def test_an_unstable_effect_is_told_from_a_sound():
    # Right above half of this rate, though fine at the rate at which chains are checked.
    audio = Audio(click().samples, 16_000)
    with pytest.raises(AudioError, match="output of the effects chain"):
        run_chain(audio, [Effect("HighpassFilter", {"cutoff_frequency_hz": 10_000})])
