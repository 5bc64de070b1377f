"""Clips of generators that follow no tempo, fitted to the sheet's."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.audio.stretching import stretch
from musicgen_daw.mastering.fitting import fit_clip
from musicgen_daw.presets import Master
from musicgen_daw.timeline import MeterChange, TempoChange, TempoMap

RATE = 48_000
SHEET = TempoMap.constant(100)
BAR_S = 2.4
KICK_RISE_S = 0.003  # at 60 Hz a kick needs a while to be loud
FITTED = Master(conform="stretch", align="downbeat")


def fit(audio, master=FITTED, tempo_map=SHEET, length_s=20, name="mix"):
    stems = audio if isinstance(audio, dict) else {name: audio}
    fitted = fit_clip(stems, master, tempo_map, Fraction(length_s))
    return fitted, next(iter(fitted.stems.values()))


def kicks_s(audio):
    """Return the times of the kicks, by the level below 120 Hz."""
    around = np.pad(audio.samples[0], RATE)
    spectrum = np.fft.rfft(around)
    spectrum[round(120 * len(around) / RATE) :] = 0
    low = np.abs(np.fft.irfft(spectrum, len(around)))[RATE:-RATE]
    loud = np.flatnonzero(low > 0.4 * low.max())
    return loud[np.diff(loud, prepend=-RATE) > RATE // 2] / RATE - KICK_RISE_S


def percent_of(fitted):
    words = fitted.done[0].split()
    assert words[:2] == ["stretched", "by"]
    return float(words[2])


def off_the_bar_s(audio, bar_s=BAR_S, line_s=0.0):
    return (kicks_s(audio) - line_s + bar_s / 2) % bar_s - bar_s / 2


@pytest.mark.parametrize(
    ("bpm", "first_s"), [(97.3, 0.0), (97.3, 1.7), (98.8, 0.52), (101.9, 0.0), (101.9, 1.7)]
)
def test_every_bar_of_a_clip_lands_on_a_bar_of_the_sheet(clicks, bpm, first_s):
    fitted, sound = fit(clicks(bpm, first_s=first_s, seconds=24))
    assert not fitted.warnings
    assert np.abs(off_the_bar_s(sound)).max() < 0.008
    assert len(kicks_s(sound)) >= 8


def test_music_is_fitted_as_well(played):
    music = played("cinematic-tension", 98.6)
    late = Audio(music.samples[:, round(0.9 * RATE) :], RATE)
    fitted, sound = fit(late, length_s=15)
    assert not fitted.warnings
    assert percent_of(fitted) == pytest.approx(-1.4, abs=0.05)
    # Where its own bar 2 is now: what was cut is gone, the rest is shorter.
    moved_s = float(fitted.done[1].split()[2])
    bar_2_s = (240 / 98.6 - 0.9) * 0.986 + moved_s
    assert abs((bar_2_s + BAR_S / 2) % BAR_S - BAR_S / 2) < 0.015
    assert float(sound.seconds) == pytest.approx(float(late.seconds) * 0.986 + moved_s, abs=0.01)


def test_a_bar_line_after_a_pickup_is_where_the_downbeat_goes(clicks):
    pickup = TempoMap(SHEET.tempos, SHEET.meters, Fraction(3, 2))
    fitted, sound = fit(clicks(100, seconds=24), tempo_map=pickup)
    assert np.abs(off_the_bar_s(sound, line_s=0.9)).max() < 0.008
    assert fitted.done[0].startswith("in tempo at 100.0")


def test_the_head_goes_where_there_is_sound_enough_and_silence_comes_where_there_is_not(clicks):
    late = clicks(100, first_s=1.0, seconds=24)
    assert fit(late, length_s=20)[1].length_samples == pytest.approx(23 * RATE, abs=300)
    early = clicks(100, first_s=1.9, seconds=24)  # half a second before a bar line
    padded = fit(early, length_s=24)[1]
    assert padded.length_samples == pytest.approx(24.5 * RATE, abs=600)
    assert not padded.samples[:, : round(0.49 * RATE)].any()


def test_all_stems_of_a_clip_stay_together(clicks):
    both = clicks(98, first_s=0.4, seconds=24)
    other = Audio(np.repeat(-both.samples, 2, axis=0), RATE)
    fitted, _ = fit({"drums": both, "bass": Audio(other.samples * np.float32(0.5), RATE)})
    drums, bass = fitted.stems["drums"], fitted.stems["bass"]
    assert drums.length_samples == bass.length_samples
    level = np.abs(drums.samples).max()
    np.testing.assert_allclose(drums.samples[0] * -0.5, bass.samples[0], atol=1e-3 * level)


@pytest.mark.parametrize("bpm", [95.0, 120.0])
def test_a_tempo_too_far_away_is_told_and_left(clicks, bpm):
    audio = clicks(bpm)
    fitted, sound = fit(audio, Master(conform="stretch"))
    assert sound is audio
    (warning,) = fitted.warnings
    assert float(warning.split()[3]) == pytest.approx(bpm, abs=0.02)
    assert warning.endswith("and 100 is more than 3 % away: it is not stretched")
    assert fitted.done == ()


def test_more_may_be_stretched_where_a_preset_says_so(clicks):
    fitted, _ = fit(clicks(95), Master(conform="stretch", conform_max_percent=6))
    assert percent_of(fitted) == pytest.approx(-5, abs=0.02)


def test_what_is_not_sure_is_left_and_told():
    rng = np.random.default_rng(2)
    noise = Audio((0.1 * rng.standard_normal((1, 20 * RATE))).astype(np.float32), RATE)
    fitted, sound = fit(noise)
    assert sound is noise
    assert "its tempo is not sure" in fitted.warnings[0]
    assert "where its bars begin is not sure" in fitted.warnings[1]


def test_beats_without_bars_are_stretched_but_not_moved(clicks):
    fitted, _ = fit(clicks(99, bar=1, seconds=24))
    assert percent_of(fitted) == pytest.approx(-1, abs=0.02)
    assert "where its bars begin is not sure" in fitted.warnings[0]


def test_a_sheet_without_a_tempo_or_with_several_is_told(clicks):
    audio = clicks(98)
    assert "no tempo is told" in fit(audio, tempo_map=None)[0].warnings[0]
    bends = TempoMap(
        (TempoChange(Fraction(0), 600_000), TempoChange(Fraction(8), 500_000)),
        (MeterChange(Fraction(0), 4, 4),),
    )
    fitted, sound = fit(audio, tempo_map=bends)
    assert "tempo changes while it plays" in fitted.warnings[0]
    assert sound is audio


# -- length ----------------------------------------------------------------------------------------


def test_a_short_clip_in_tempo_is_played_again_after_whole_bars(clicks):
    short = clicks(100, seconds=11)
    fitted, sound = fit(short, Master(conform="stretch", fit="loop"), length_s=30)
    assert sound.length_samples == 30 * RATE
    assert fitted.done[1] == "played again after 4 bars, until 30.00 s"
    assert np.abs(off_the_bar_s(sound)).max() < 0.008
    assert len(kicks_s(sound)) == 13
    assert not fitted.warnings


def test_a_short_clip_without_a_tempo_is_played_again_whole():
    rng = np.random.default_rng(2)
    noise = Audio((0.1 * rng.standard_normal((2, 4 * RATE))).astype(np.float32), RATE)
    fitted, sound = fit(noise, Master(fit="loop"), tempo_map=None, length_s=10)
    assert sound.samples.shape == (2, 10 * RATE)
    assert fitted.done == ("played again after 3.95 s, until 10.00 s",)
    turn = round(3.95 * RATE)
    fade = round(0.05 * RATE)
    np.testing.assert_array_equal(sound.samples[:, :turn], noise.samples[:, :turn])
    second = sound.samples[:, turn + fade : 2 * turn]
    np.testing.assert_array_equal(second, noise.samples[:, fade:turn])
    around_seam = sound.samples[:, turn : turn + fade]
    assert np.sqrt(np.mean(around_seam**2)) == pytest.approx(0.1, rel=0.06)


def test_a_clip_that_is_long_enough_is_not_played_again():
    audio = Audio.silence(5 * RATE, RATE)
    fitted, sound = fit(audio, Master(fit="loop"), tempo_map=None, length_s=4)
    assert sound is audio
    assert fitted.done == fitted.warnings == ()


def test_a_clip_too_short_to_be_played_again_is_told():
    fitted, sound = fit(Audio.silence(RATE, RATE), Master(fit="loop"), tempo_map=None, length_s=9)
    assert sound.length_samples == RATE
    assert fitted.warnings == ("1.00 s are too short to be played again until 9.00 s",)


@pytest.mark.parametrize("seconds", [19.5, 20.5])
def test_a_clip_is_stretched_to_its_length(clicks, seconds):
    fitted, sound = fit(clicks(100, seconds=seconds), Master(fit="stretch"), tempo_map=None)
    assert abs(sound.length_samples - 20 * RATE) <= 1
    assert fitted.done == (f"stretched by {(20 / seconds - 1) * 100:+.2f} % to 20.00 s",)


def test_a_length_too_far_away_is_told_and_left(clicks):
    audio = clicks(100, seconds=19)
    fitted, sound = fit(audio, Master(fit="stretch"), tempo_map=None)
    assert sound is audio
    assert "20.00 s is more than 3 % away" in fitted.warnings[0]
    fitted, sound = fit(audio, Master(fit="stretch", fit_max_percent=6), tempo_map=None)
    assert abs(sound.length_samples - 20 * RATE) <= 1


def test_a_clip_is_not_stretched_twice():
    with pytest.raises(ValueError, match="out of the tempo"):
        Master(conform="stretch", fit="stretch")


def test_bars_that_are_moved_onto_the_sheet_s_are_not_stretched_off_them_again():
    with pytest.raises(ValueError, match=r"off the sheet's again.* use fit = 'loop' or 'bars'"):
        Master(align="downbeat", fit="stretch")


def test_silence_at_the_head_is_trimmed_only_where_it_is_asked(clicks):
    late = Audio(np.pad(clicks(100).samples, ((0, 0), (RATE, 0))), RATE)
    assert fit(late, Master())[1] is late
    fitted, sound = fit(late, Master(trim_head=True), tempo_map=None)
    assert RATE - 96 <= late.length_samples - sound.length_samples <= RATE
    assert fitted.done == ("0.998 s of silence trimmed",)
    assert fitted.warnings == ()


@pytest.mark.parametrize("factor", [0.97, 0.9995, 1.0, 1.03])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_stretch_is_exact_keeps_the_pitch_and_is_the_same_each_time(factor, channels):
    wave = 0.4 * np.sin(2 * np.pi * 1000 * np.arange(10 * RATE) / RATE)
    audio = Audio(np.repeat(wave[np.newaxis], channels, axis=0).astype(np.float32), RATE)
    stretched = stretch(audio, factor)
    assert stretched.channels == channels
    assert abs(stretched.length_samples - 10 * RATE * factor) <= 1
    middle = stretched.samples[0, 2 * RATE : 6 * RATE] * np.hanning(4 * RATE)
    assert np.argmax(np.abs(np.fft.rfft(middle))) == pytest.approx(4000, abs=2)
    assert stretch(audio, factor).samples.tobytes() == stretched.samples.tobytes()


def test_a_stretch_of_nothing_or_by_nothing_is_told():
    assert stretch(Audio.silence(0, RATE), 1.01).length_samples == 0
    with pytest.raises(ValueError, match="0 times"):
        stretch(Audio.silence(9, RATE), 0)


def steady(seconds):
    return Audio(np.full((1, round(seconds * RATE)), 0.5, np.float32), RATE)


@pytest.mark.parametrize("seconds", [11.0, 25.0], ids=["too short", "too long"])
def test_what_ends_inside_a_bar_fades_out_into_the_bar_line_before(seconds):
    changing = TempoMap(
        (TempoChange(Fraction(0), 600_000), TempoChange(Fraction(8), 500_000)),
        (MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(8), 3, 4)),
    )
    fitted, sound = fit(steady(seconds), Master(fit="bars"), changing, length_s=20)
    line_s = {11.0: 10.8, 25.0: 19.8}[seconds]  # bars of 2.4 s, then of 1.5 s
    line = round(line_s * RATE)
    assert not sound.samples[:, line:].any()
    assert 0 < sound.samples[0, line - 200] < 0.01
    assert sound.samples[0, line - RATE // 2 - 1] == 0.5  # a beat before
    assert sound.length_samples == min(seconds, 20) * RATE  # no warning that it is too short
    (told,) = fitted.done
    assert told.endswith("to the bar line before its end")


def test_a_fade_that_is_asked_is_the_one_into_the_bar_line():
    master = Master(fit="bars", fade_out_ms=100)
    _, sound = fit(steady(11), master, length_s=20)
    line = round(4 * BAR_S * RATE)
    assert sound.samples[0, line - RATE // 10 - 1] == 0.5
    assert not sound.samples[:, line:].any()


@pytest.mark.parametrize(
    ("seconds", "tempo_map", "told"),
    [
        (4 * BAR_S, SHEET, "it ends on a bar line"),
        (2.0, SHEET, "it ends within its first bar: it is not trimmed to a bar"),
        (11.0, None, "no tempo is told, so it is not trimmed to a bar"),
    ],
)
def test_what_can_t_be_trimmed_to_a_bar_stays_as_it_is(seconds, tempo_map, told):
    fitted, sound = fit(steady(seconds), Master(fit="bars"), tempo_map)
    assert (*fitted.done, *fitted.warnings) == (told,)
    assert (sound.samples == 0.5).all()
