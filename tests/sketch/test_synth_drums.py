"""The drum kits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.sketch.composition import Composition, Voice
from musicgen_daw.sketch.synth import INSTRUMENTS, perform
from musicgen_daw.sketch.synth.drums.general_midi import DRUM_KEYS, drum_of
from musicgen_daw.sketch.synth.drums.sounds import Burst, Gated, Hit
from musicgen_daw.sketch.synth.stage import Ducking
from musicgen_daw.sketch.synth.tone import Bench, Tone
from musicgen_daw.timeline import Note, Part, Score, TempoMap

RATE = 16_000
KITS = [name for name in INSTRUMENTS if name.startswith("kit-")]


def struck(kit, key, velocity=110):
    return INSTRUMENTS[kit].play(Tone(key, velocity, RATE, 0, 5), Bench(RATE, 1))


@pytest.mark.parametrize("kit", KITS)
def test_each_key_of_the_general_midi_map_sounds_at_once_and_ends_in_silence(kit):
    for key in DRUM_KEYS:
        level = np.abs(struck(kit, key)).max(axis=0)
        assert 0.05 < level.max() < 1.3, key
        assert level[-2:].max() < 2e-4, key
        kind, _ = INSTRUMENTS[kit].keys.get(key) or drum_of(key)
        if kind not in {"shaker", "tambourine", "swirl"}:  # these are shaken or rubbed, not struck
            assert np.argmax(level > 0.1 * level.max()) < 0.001 * RATE, key


@pytest.mark.parametrize("kit", KITS)
def test_the_spike_of_a_loud_stroke_is_rounded_off(kit):
    for key in (35, 36, 38, 41, 45, 50):
        sound = struck(kit, key, 127)
        body = np.sqrt(np.mean(np.square(sound[:, : RATE // 20])))
        assert np.abs(sound).max() < max(3.3 * body, 0.9), key


def test_a_key_outside_the_map_sounds_as_the_nearest_inside():
    assert drum_of(0) == drum_of(27)
    assert drum_of(127) == drum_of(87)


def test_kicks_are_low_and_hats_are_high():
    for kit in KITS:
        assert centroid_hz(struck(kit, 36)) < 300
        assert centroid_hz(struck(kit, 42)) > 4000


def centroid_hz(sound):
    power = np.square(np.abs(np.fft.rfft(sound.mean(axis=0))))
    return np.sum(power * np.fft.rfftfreq(sound.shape[1], 1 / RATE)) / np.sum(power)


def test_toms_rise_with_their_keys():
    pitches = [centroid_hz(struck("kit-hybrid", key)) for key in (41, 45, 48, 50)]
    assert pitches == sorted(pitches)


def test_a_closed_hat_chokes_an_open_one():
    open_hat = Note(Fraction(0), Fraction(1, 4), 46, 110)
    closed_hat = Note(Fraction(1, 2), Fraction(1, 4), 42, 30)
    ringing, choked = (tail_of(notes) for notes in ((open_hat,), (open_hat, closed_hat)))
    assert choked < 0.1 * ringing


def tail_of(notes):
    part = Part("hats", "drums", 0, notes, drums=True)
    voice = Voice("kit-acoustic", reverb_send_db=None)
    score = Score(TempoMap.constant(120), (part,))
    piece = Composition(
        score, {"hats": voice}, Fraction(1), Fraction(0), seed=1, style="", key="", bpm=120.0
    )
    return np.std(perform(piece, RATE)["drums"].samples[:, RATE // 2 : RATE * 6 // 10])


def test_a_gate_shuts_a_long_ring_off():
    hit = Hit(0.8, 1.0, RATE, RATE, np.random.Generator(np.random.PCG64(1)))
    sound = Gated(Burst(400, 6000, 2.0), hold_s=0.2, close_s=0.03).strike(hit)
    assert np.std(sound[:, round(0.15 * RATE) : round(0.2 * RATE)]) > 0.1
    assert not sound[:, round(0.231 * RATE) :].any()


def test_a_voice_makes_room_for_each_stroke_of_the_bass_drum():
    steady = np.ones((2, RATE), np.float32)
    ducking = Ducking([RATE // 2, 0], 6.0, RATE)
    for begin in range(0, RATE, 6000):
        ducking.duck(steady[:, begin : begin + 6000], begin)
    floor = 10 ** (-6.0 / 20)
    np.testing.assert_allclose(steady[:, [0, RATE // 2]], floor, atol=1e-3)
    np.testing.assert_allclose(steady[:, [RATE * 2 // 5, RATE * 9 // 10]], 1.0, atol=1e-3)
    assert np.abs(np.diff(steady, axis=1)).max() < 0.02
