"""The count-in before a clip: clicks where the beats are, tones of the key."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from musicgen_daw.analysis.onsets import find_onsets
from musicgen_daw.analysis.rhythm import find_tempo
from musicgen_daw.audio import Audio
from musicgen_daw.backends.guide_track import guide_track
from musicgen_daw.timeline import MeterChange, TempoChange, TempoMap

RATE = 32_000


def begins(sound: Audio) -> list[float]:
    """Return how many seconds before the clip each click begins."""
    loud = np.abs(sound.samples[0]) > 0.02
    quiet_before = np.concatenate(([0], np.cumsum(loud)))
    starts = [n for n in np.flatnonzero(loud) if quiet_before[n] == quiet_before[max(0, n - 1500)]]
    return [round((sound.length_samples - n) / RATE, 3) for n in starts]


def pitches(sound: Audio, start_s: float, length_s: float) -> list[float]:
    part = sound.samples[0, int(start_s * RATE) : int((start_s + length_s) * RATE)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 17))
    peaks = (spectrum[1:-1] > spectrum[:-2]) & (spectrum[1:-1] > spectrum[2:])
    found = np.flatnonzero(peaks & (spectrum[1:-1] > 0.4 * spectrum.max())) + 1
    return [float(n * RATE / (1 << 17)) for n in found]


def test_clicks_fill_whole_bars_up_to_the_clip() -> None:
    sound = guide_track("clicks", TempoMap.constant(120), None, RATE)
    assert sound.samples.shape == (1, 8 * RATE)
    assert begins(sound) == pytest.approx([8 - n / 2 for n in range(16)], abs=0.002)
    assert 0.4 < np.abs(sound.samples).max() <= 0.5


def test_a_downbeat_is_higher() -> None:
    sound = guide_track("clicks", TempoMap.constant(90, 3, 4), None, RATE)  # bars of 2 s
    assert pitches(sound, 2.0, 0.05) == pytest.approx([1500], abs=15)
    assert pitches(sound, 2.0 + 2 / 3, 0.05) == pytest.approx([1000], abs=15)


def test_a_clip_that_begins_inside_a_bar_is_counted_in_to_there() -> None:
    tempo_map = TempoMap.constant(120).window(Fraction(1, 2), 20)  # three beats to the bar line
    sound = guide_track("clicks", tempo_map, None, RATE)
    assert begins(sound) == pytest.approx([8 - n / 2 for n in range(16)], abs=0.002)
    assert pitches(sound, 8 - 0.5, 0.05) == pytest.approx([1500], abs=15)


def test_a_bar_of_six_eighths_has_two_pulses() -> None:
    sound = guide_track("clicks", TempoMap.constant(60, 6, 8), None, RATE)  # bars of 3 s
    assert begins(sound) == pytest.approx([6.0, 4.5, 3.0, 1.5], abs=0.002)


def test_groups_of_eighths_are_clicked_on_their_heads() -> None:
    tempo_map = TempoMap.constant(105, 7, 8, (2, 2, 3))  # bars of 2 s
    sound = guide_track("clicks", tempo_map, None, RATE)
    bar = [2.0, 2.0 - 4 / 7, 2.0 - 8 / 7]
    assert begins(sound)[-3:] == pytest.approx(bar, abs=0.002)
    heads = [pitches(sound, sound.length_samples / RATE - at_s, 0.05) for at_s in bar]
    assert heads == [pytest.approx([hz], abs=15) for hz in (1500, 1250, 1250)]


def test_groups_of_quarters_are_clicked_beat_by_beat_with_their_heads_stressed() -> None:
    sound = guide_track("clicks", TempoMap.constant(150, 5, 4, (3, 2)), None, RATE)  # bars of 2 s
    heard = [pitches(sound, 6 + beat * 0.4, 0.05) for beat in range(5)]
    wanted = (1500, 1000, 1000, 1250, 1000)
    assert heard == [pytest.approx([hz], abs=15) for hz in wanted]


@pytest.mark.parametrize(
    ("key", "triad"),
    [
        ("C major", (261.63, 329.63, 392.0)),
        ("D minor", (293.66, 349.23, 440.0)),
        ("B locrian", (246.94, 293.66, 349.23)),
        ("F# mixolydian", (369.99, 466.16, 554.37)),
    ],
)
def test_chords_are_the_tonic_triad_with_a_bass_on_the_downbeat(key, triad) -> None:
    sound = guide_track("chords", TempoMap.constant(60), key, RATE)
    assert pitches(sound, 1.0, 0.5) == pytest.approx(triad, rel=0.01)
    assert pitches(sound, 4.0, 0.5) == pytest.approx((triad[0] / 4, *triad), rel=0.02)


@pytest.mark.parametrize("bpm", [72, 101, 140])
def test_its_tempo_is_heard(bpm) -> None:
    found = find_tempo(find_onsets(guide_track("clicks", TempoMap.constant(bpm), None, RATE)), bpm)
    assert found.bpm == pytest.approx(bpm, rel=0.01)
    assert found.confidence > 0.5


def test_any_tempo_and_meter_gives_a_short_sound_that_is_the_same_each_time() -> None:
    for us_per_beat in (1, 1000, 500_000, 0xFFFFFF):
        for meter in ((1, 64), (255, 1), (255, 64), (7, 8)):
            tempo_map = TempoMap(
                (TempoChange(Fraction(0), us_per_beat),), (MeterChange(Fraction(0), *meter),)
            )
            one, two = (guide_track("chords", tempo_map, "A minor", 8_000) for _ in range(2))
            assert one.length_samples <= 70 * 8_000
            assert np.isfinite(one.samples).all()
            assert np.array_equal(one.samples, two.samples)


@pytest.mark.parametrize(("kind", "key"), [("chords", None), ("drums", "C")])
def test_what_can_not_be_played_is_refused(kind, key) -> None:
    with pytest.raises(ValueError, match=f"no guide '{kind}'"):
        guide_track(kind, TempoMap(), key, RATE)
