"""The sound of single notes: tuning, aliasing, edges."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.sketch.synth import INSTRUMENTS
from musicgen_daw.sketch.synth.loops import Section
from musicgen_daw.sketch.synth.tone import Bench, Tone, frequency_of

RATE = 48_000
UNPITCHED = ("kit", "riser", "whoosh", "impact", "texture")
PITCHED = [name for name in INSTRUMENTS if not name.startswith(UNPITCHED)]
SECTIONS = {
    name for name in PITCHED if isinstance(getattr(INSTRUMENTS[name], "source", None), Section)
}
HARMONIC = ["chip-pulse-12", "chip-pulse-25", "chip-pulse-50", "chip-triangle", "electric-piano"]
HELD = [name for name in PITCHED if name not in {"bell", "music-box", "mallet"}]


def played(name, pitch=60, velocity=96, length_s=1.0, sample_rate=RATE, seed=5):
    tone = Tone(pitch, velocity, round(length_s * sample_rate), 0, seed)
    return INSTRUMENTS[name].play(tone, Bench(sample_rate, 1))


def cents_off(name, pitch, sample_rate=24_000):
    """How far the centre of the first partial's power lies from its pitch."""
    frequency_hz = frequency_of(pitch)
    sound = played(name, pitch, length_s=3.0, sample_rate=sample_rate)
    sound = sound[:, : 3 * sample_rate]
    size = sound.shape[1]
    windowed = sound * np.hanning(size)
    power = np.square(np.abs(np.fft.rfft(windowed, axis=1))).sum(axis=0)
    frequencies_hz = np.fft.rfftfreq(size, 1 / sample_rate)
    near = np.abs(1200 * np.log2(np.maximum(frequencies_hz, 1) / frequency_hz)) < 70
    centre_hz = np.sum(frequencies_hz[near] * power[near]) / np.sum(power[near])
    return 1200 * np.log2(centre_hz / frequency_hz)


@pytest.mark.parametrize("name", PITCHED)
def test_every_pitched_instrument_is_in_tune(name):
    # A section's players are each a few cents off; single notes lean one way or the other.
    pitches = (36, 43) if name.startswith("bass") else (48, 60, 71)
    off = [cents_off(name, pitch) for pitch in pitches]
    assert abs(np.mean(off)) < (2.0 if name in SECTIONS else 1.0)
    assert np.abs(off).max() < (4.0 if name in SECTIONS else 1.0)


@pytest.mark.parametrize("name", HARMONIC)
@pytest.mark.parametrize("pitch", [69, 85, 96])
def test_nothing_aliases_below_16_khz(name, pitch):
    sound = played(name, pitch, 120, 0.29)[0, round(0.02 * RATE) : round(0.28 * RATE)]
    spectrum = np.abs(np.fft.rfft(sound * np.kaiser(len(sound), 14), 2**16))
    frequencies_hz = np.fft.rfftfreq(2**16, 1 / RATE)
    ratio = frequencies_hz / frequency_of(pitch)
    between = np.abs(ratio - np.rint(ratio)) * frequency_of(pitch) > 60
    between &= frequencies_hz < 16_000
    assert 20 * np.log10(spectrum[between].max() / spectrum.max()) < -60


@pytest.mark.parametrize(
    "name", ["bass-synth", "lead-saw", "lead-soft", "string-ensemble", "supersaw", "synth-pluck"]
)
def test_the_highest_partials_stay_below_the_top(name):
    sound = played(name, 96, 127, 0.5)[0]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    above = np.fft.rfftfreq(len(sound), 1 / RATE) > 21_000
    assert 20 * np.log10(spectrum[above].max() / spectrum.max()) < -60


@pytest.mark.parametrize("name", HELD)
def test_a_note_ends_without_a_click(name):
    pitch = 36 if name.startswith("bass") else 60
    sound = played(name, pitch, length_s=0.4)
    edge = np.abs(np.diff(sound, n=2, axis=1))
    body = edge[:, round(0.1 * RATE) : round(0.3 * RATE)].max()
    assert edge[:, round(0.395 * RATE) :].max() < 1.5 * body
    assert np.abs(sound[:, -2:]).max() < 1e-3 * np.abs(sound).max()


@pytest.mark.parametrize("name", list(INSTRUMENTS))
def test_every_instrument_plays_every_key_at_every_rate(name):
    for sample_rate, pitch in ((8000, 0), (8000, 98), (44_100, 127)):
        sound = played(name, pitch, 127, 0.3, sample_rate)
        assert sound.dtype == np.float32
        assert sound.shape[0] == 2
        assert np.isfinite(sound).all()
        assert 0.01 < np.abs(sound).max() < 3.0


@pytest.mark.parametrize("name", [name for name in INSTRUMENTS if not INSTRUMENTS[name].airy])
def test_what_has_no_air_has_next_to_nothing_above_10_khz(name):
    for pitch in (48, 72):
        sound = played(name, pitch, 112, 0.5, sample_rate=48_000)
        power = np.square(np.abs(np.fft.rfft(sound.mean(axis=0))))
        frequencies_hz = np.fft.rfftfreq(sound.shape[1], 1 / 48_000)
        assert power[frequencies_hz > 10_000].sum() < 1e-3 * power.sum()


@pytest.mark.parametrize("name", list(INSTRUMENTS))
def test_levels_of_instruments_lie_close_together(name):
    sound = played(name, 38 if name.startswith(("kit", "bass", "impact")) else 60, 110)
    assert 0.1 < np.abs(sound).max() < 1.25


@pytest.mark.parametrize("name", ["piano", "string-ensemble", "pad-warm", "kit-acoustic", "choir"])
def test_instruments_of_some_size_are_wide(name):
    left, right = played(name, 60 if name != "kit-acoustic" else 49)
    assert np.std(left - right) > 0.1 * np.std(left + right)


def test_a_round_robin_turns_and_comes_back():
    bench = Bench(RATE, 1)
    snare = [Tone(38, 100, 10, turn, 5) for turn in range(4)]
    hits = [INSTRUMENTS["kit-acoustic"].play(tone, bench) for tone in snare]
    shortest = min(hit.shape[1] for hit in hits)
    assert np.any(hits[0][:, :shortest] != hits[1][:, :shortest])
    assert np.any(hits[1][:, :shortest] != hits[2][:, :shortest])
    np.testing.assert_array_equal(hits[0], hits[3])


def test_what_was_played_before_does_not_change_a_note():
    alone = played("piano", 60)
    bench = Bench(RATE, 1)
    for pitch in (40, 61, 72):
        INSTRUMENTS["piano"].play(Tone(pitch, 90, RATE, 0, 3), bench)
    after = INSTRUMENTS["piano"].play(Tone(60, 96, RATE, 0, 5), bench)
    np.testing.assert_array_equal(alone, after)


@pytest.mark.parametrize("name", ["piano", "bass-808", "electric-piano", "bell", "impact"])
def test_a_short_stroke_is_the_same_after_a_long_one(name):
    bench = Bench(RATE, 1)
    long = INSTRUMENTS[name].play(Tone(48, 96, 2 * RATE, 0, 5), bench)
    short = INSTRUMENTS[name].play(Tone(48, 96, RATE // 5, 0, 5), bench)
    np.testing.assert_allclose(short, played(name, 48, length_s=0.2), atol=1e-6)
    same = RATE // 5 - 1
    np.testing.assert_allclose(short[:, :same], long[:, :same], atol=1e-6)


def test_a_piano_is_stretched_and_loses_its_upper_partials_first():
    sound = played("piano", 48, 100, 3.0)[:, : 3 * RATE].mean(axis=0)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    frequencies_hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    exact_hz = 12 * frequency_of(48)
    near = np.abs(frequencies_hz - 1.01 * exact_hz) < 0.025 * exact_hz
    partial_hz = frequencies_hz[near][np.argmax(spectrum[near])]
    assert 5 < 1200 * np.log2(partial_hz / exact_hz) < 60
    early, late = sound[: RATE // 4], sound[2 * RATE : 2 * RATE + RATE // 4]
    assert brightness(late) < 0.6 * brightness(early)


def brightness(sound):
    power = np.square(np.abs(np.fft.rfft(sound)))
    return np.sum(power * np.fft.rfftfreq(len(sound), 1 / RATE)) / np.sum(power)
