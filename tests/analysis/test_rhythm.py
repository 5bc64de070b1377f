from __future__ import annotations

import numpy as np
import pytest

from musicgen_daw.analysis.onsets import find_onsets
from musicgen_daw.analysis.rhythm import find_rhythm, find_tempo
from musicgen_daw.audio import Audio

RATE = 48_000
BEATEN = ("cinematic-tension", "action-hybrid", "emotional-piano", "lofi", "chiptune")


def without_head(audio, seconds):
    return Audio(audio.samples[:, round(seconds * audio.sample_rate) :], audio.sample_rate)


def noises(seed, seconds=20):
    """Return bursts at random times: music without a beat."""
    rng = np.random.default_rng(seed)
    samples = np.zeros(seconds * RATE)
    for at in rng.integers(0, len(samples) - 9600, 50):
        samples[at : at + 9600] += rng.standard_normal(9600) * np.exp(-np.arange(9600) / 1500)
    return Audio(0.1 * samples[np.newaxis].astype(np.float32), RATE)


@pytest.mark.parametrize("bpm", [61.7, 88.0, 119.3, 173.1])
@pytest.mark.parametrize("rate", [32_000, 44_100])
def test_the_tempo_of_clicks_is_found_to_a_part_in_a_thousand(clicks, bpm, rate):
    tempo = find_tempo(find_onsets(clicks(bpm, rate=rate)), bpm * 1.02)
    assert tempo.bpm == pytest.approx(bpm, rel=1e-3)
    assert tempo.confidence > 0.95


@pytest.mark.parametrize("style", BEATEN)
def test_the_tempo_of_music_is_found_near_the_one_that_was_asked(played, style):
    tempo, _ = find_rhythm(played(style, 97.3), 95.0)
    assert tempo.bpm == pytest.approx(97.3, rel=1e-3)
    assert tempo.confidence > 0.9


@pytest.mark.parametrize("style", BEATEN)
def test_the_tempo_of_music_is_found_unasked_but_for_its_octave(played, style):
    tempo, _ = find_rhythm(played(style, 97.3))
    octaves = np.log2(tempo.bpm / 97.3)
    assert octaves == pytest.approx(round(octaves), abs=2e-3)


def test_another_tempo_is_told_as_it_is(clicks):
    tempo = find_tempo(find_onsets(clicks(140)), 100.0)
    assert tempo.bpm == pytest.approx(140, rel=1e-3)


def test_half_and_double_are_the_same_beat(clicks):
    onsets = find_onsets(clicks(150))
    assert find_tempo(onsets, 76.0).bpm == pytest.approx(75, rel=1e-3)
    assert find_tempo(onsets, 148.0).bpm == pytest.approx(150, rel=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_music_without_a_beat_gets_no_confidence(seed):
    assert find_rhythm(noises(seed), 100.0)[0].confidence < 0.2


def test_a_drone_gets_no_confidence():
    seconds = np.arange(20 * RATE) / RATE
    rng = np.random.default_rng(3)
    tones = sum(np.sin(2 * np.pi * hz * seconds + hz) for hz in rng.uniform(50, 900, 9))
    drone = 0.03 * tones + 0.003 * rng.standard_normal(len(seconds))
    tempo, downbeat = find_rhythm(Audio(drone[np.newaxis].astype(np.float32), RATE))
    assert tempo.confidence < 0.5
    assert downbeat.confidence < 0.5


def test_a_tempo_that_changes_gets_no_confidence(clicks):
    halves = np.concatenate([clicks(100, seconds=12).samples, clicks(108, seconds=12).samples], 1)
    assert find_rhythm(Audio(halves, RATE), 104.0)[0].confidence < 0.5


@pytest.mark.parametrize("audio", [Audio.silence(20 * RATE, RATE), Audio.silence(10, RATE)])
def test_silence_and_crumbs_have_neither_tempo_nor_downbeat(audio):
    tempo, downbeat = find_rhythm(audio, 100.0)
    assert (tempo.bpm, tempo.confidence, downbeat.confidence) == (100.0, 0.0, 0.0)


@pytest.mark.parametrize(("bar", "first_s"), [(4, 0.0), (4, 0.83), (3, 1.31), (4, 1.9)])
def test_the_downbeat_of_clicks_is_found_to_five_milliseconds(clicks, bar, first_s):
    audio = clicks(100, bar=bar, first_s=first_s, seconds=24)
    _, downbeat = find_rhythm(audio, 101.0, bar)
    bar_s = bar * 0.6
    assert (downbeat.at_s - first_s + bar_s / 2) % bar_s - bar_s / 2 == pytest.approx(0, abs=0.005)
    assert downbeat.confidence > 0.9


def test_clicks_that_are_all_alike_have_no_sure_downbeat(clicks):
    assert find_rhythm(clicks(100, bar=1), 100.0)[1].confidence < 0.5


@pytest.mark.parametrize("style", BEATEN)
def test_a_downbeat_that_is_told_as_sure_is_right(played, style):
    cut_s, bar_s = 0.71, 240 / 97.3
    _, downbeat = find_rhythm(without_head(played(style, 97.3), cut_s), 97.3)
    off_s = (downbeat.at_s + cut_s + bar_s / 2) % bar_s - bar_s / 2
    assert downbeat.confidence < 0.5 or abs(off_s) < 0.015


def test_most_downbeats_of_music_are_sure(played):
    sure = [
        find_rhythm(without_head(played(style, 97.3), 0.71), 97.3)[1].confidence > 0.5
        for style in BEATEN
    ]
    assert sum(sure) >= 3


@pytest.mark.slow  # it compiles a part of itself when it is first used
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("style", ["cinematic-tension", "chiptune", "lofi"])
def test_librosa_hears_the_same_onsets_and_tempo(played, style):
    librosa = pytest.importorskip("librosa")
    audio = played(style, 97.3)
    mono = audio.samples.mean(axis=0)
    theirs = librosa.onset.onset_strength(y=mono, sr=RATE, hop_length=480)
    ours = find_onsets(audio).strengths
    frames = min(len(ours), len(theirs) - 1)
    assert np.corrcoef(ours[:frames], theirs[1 : frames + 1])[0, 1] > 0.75  # a frame later
    (their_bpm,) = librosa.feature.tempo(onset_envelope=theirs, sr=RATE, hop_length=480)
    octaves = np.log2(find_rhythm(audio)[0].bpm / their_bpm)
    # Its grid of tempos is coarse: a frame more or less in the lag of a beat.
    assert octaves == pytest.approx(round(octaves), abs=0.03)
