from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import Audio, limiter
from musicgen_daw.audio.levels import gain_to_db
from musicgen_daw.audio.limiter import gain_curve, limited_pieces
from musicgen_daw.audio.truepeak import true_peak

RATE = 48_000


def hits(length=RATE, amplitude=0.9, spacing=9600, hz=200.0, first=4800):
    time = np.arange(length)
    decay = np.where(time >= first, np.exp(-((time - first) % spacing) / 800), 0.0)
    wave = amplitude * decay * np.cos(2 * np.pi * hz * (time - first) / RATE)
    return Audio(np.tile(wave, (2, 1)).astype(np.float32), RATE)


def limited(audio, curve):
    return Audio(audio.samples * curve, audio.sample_rate)


def test_sound_below_the_ceiling_is_left_alone():
    assert (gain_curve([hits(amplitude=0.5)], -1.0) == 1).all()


@settings(max_examples=25, deadline=None)
@given(
    ceiling=st.floats(-20, -0.1),
    length=st.integers(1, 20_000),
    hz=st.floats(20, 15_000),
    first=st.integers(0, 6000),
)
def test_the_ceiling_holds_between_samples_too(ceiling, length, hz, first):
    audio = hits(length, 1.0, 2000, hz, first)
    curve = gain_curve([audio], ceiling)
    assert curve.shape == (length,)
    assert curve.dtype == np.float32
    assert (curve <= 1).all()
    assert (curve > 0).all()
    assert gain_to_db(true_peak(limited(audio, curve))) <= ceiling + 0.02


def test_the_curve_falls_before_a_peak_without_steps_and_recovers():
    audio = Audio(np.zeros((1, RATE), np.float32), RATE)
    audio.samples[0, 20_000] = 1.0
    curve = gain_curve([audio], -6.0)
    assert (curve[: 20_000 - 300] == 1).all()
    assert curve[20_000] <= 0.502
    assert curve[-1] > 0.98
    assert np.abs(np.diff(curve)).max() < 0.01


def test_one_curve_serves_all_signals_by_the_loudest_of_them():
    early, late = hits(first=2000, spacing=RATE), hits(first=30_000, spacing=RATE)
    both = gain_curve([early, late], -6.0)
    assert gain_to_db(true_peak(limited(early, both))) <= -5.99
    assert gain_to_db(true_peak(limited(late, both))) <= -5.99
    assert both[2000] < 0.6
    assert both[30_000] < 0.6


def test_a_loop_s_curve_has_no_seam():
    audio = hits(length=16 * 3000, first=16 * 2999)
    open_ended, circular = gain_curve([audio], -6.0), gain_curve([audio], -6.0, circular=True)
    assert open_ended[0] == 1
    assert open_ended[-1] < 0.6
    assert circular[0] == pytest.approx(circular[-1], abs=0.01)
    turn_and_turn = Audio(np.tile(audio.samples, 3), RATE)
    middle = gain_curve([turn_and_turn], -6.0)[len(circular) : 2 * len(circular)]
    np.testing.assert_allclose(circular, middle, atol=0.002)


def test_signals_of_unlike_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        gain_curve([hits(100), hits(200)], -1.0)
    with pytest.raises(ValueError, match="one length"):
        gain_curve([], -1.0)


def test_a_long_sound_in_pieces_gets_the_curve_of_the_whole(monkeypatch):
    # Windows of two seconds: as with longer ones, but more of them in a test.
    monkeypatch.setattr(limiter, "_WINDOW_SAMPLES", 6000 * 16)
    audio = hits(10 * RATE, 1.0, 7001)
    swell = np.linspace(0.1, 1.0, audio.length_samples, dtype=np.float32)
    audio = Audio(audio.samples * swell, RATE)
    pieces = np.array_split(audio.samples, 7, axis=1)
    done = list(limited_pieces(pieces, RATE, -9.0))
    assert len(done) > 4
    assert (np.concatenate([samples for samples, _ in done], axis=1) == audio.samples).all()
    whole = gain_curve([audio], -9.0)
    np.testing.assert_allclose(np.concatenate([curve for _, curve in done]), whole, atol=3e-7)


@pytest.mark.parametrize("lengths", [[], [0], [1], [0, 5, 0, 40]])
def test_pieces_shorter_than_a_window_come_out_whole(lengths):
    pieces = [np.full((2, length), 0.9, np.float32) for length in lengths]
    done = list(limited_pieces(pieces, RATE, -6.0))
    assert sum(samples.shape[1] for samples, _ in done) == sum(lengths)
    assert all(samples.shape[1] == len(curve) for samples, curve in done)
