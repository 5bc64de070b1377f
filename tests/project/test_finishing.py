"""From stored clips to samples that are ready to be written."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip
from musicgen_daw.planning import Capabilities, Generator, Plan, make_plan
from musicgen_daw.presets import Master, PresetLibrary
from musicgen_daw.project.facts import StemFacts
from musicgen_daw.project.finishing import finish
from musicgen_daw.project.recipe import recipe_of
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.timeline import Cue, CueSettings, CueSheet, TempoMap

HOSTED = Generator("hosted", "1", Capabilities(max_s=Fraction(4), paid=True))
FITTED = Master(lufs=-30, conform="stretch", align="downbeat")
MUSIC_HZ, SURPLUS_HZ = 200, 3_000


def planned(length_s: int) -> Plan:
    cue = Cue("1m1", "1m1", Fraction(0), Fraction(length_s), CueSettings(prompt="a tone"))
    sheet = CueSheet("score", (cue,), is_list=True)
    return make_plan(sheet, presets=PresetLibrary(), generators=lambda name, _: HOSTED)


def tone(seconds: Fraction, hz: int, rate: int, channels: int) -> np.ndarray:
    times_s = np.arange(round(seconds * rate)) / rate
    return np.repeat(0.3 * np.sin(2 * np.pi * hz * times_s)[np.newaxis], channels, axis=0)


def share_of(hz: int, samples: np.ndarray, rate: int) -> float:
    """Return how much of the power of a sound lies within 50 Hz of a pitch."""
    power = np.abs(np.fft.rfft(samples.mean(axis=1) * np.hanning(len(samples)))) ** 2
    pitches = np.fft.rfftfreq(len(samples), 1 / rate)
    return float(power[np.abs(pitches - hz) < 50].sum() / power.sum())


def test_segments_that_came_too_long_and_unlike_become_one_cue_of_its_length(
    tmp_path: Path,
) -> None:
    plan, store = planned(10), ClipStore(tmp_path)
    (cue,) = plan.cues
    (take,) = cue.takes
    assert len(take.clips) > 2
    shapes = [(32_000, 1), (44_100, 2), (16_000, 1), (48_000, 2)]
    stored = []
    for clip, (rate, channels) in zip(take.clips, shapes, strict=False):
        assert clip.request is not None
        music = tone(clip.request.length_s, MUSIC_HZ, rate, channels)
        surplus = tone(Fraction(1, 2), SURPLUS_HZ, rate, channels)
        sound = np.concatenate([music, surplus], axis=1).astype(np.float32)
        stored.append(store.put(clip.request, Clip({"mix": Audio(sound, rate)})))

    recipe = recipe_of(cue, take, stored, plan.output, project="score")
    mastered, stems = finish(recipe, stored, store)

    file = BytesIO()
    stems[-1].write(file)
    samples, rate = soundfile.read(BytesIO(file.getvalue()), always_2d=True)
    assert samples.shape == (10 * 48_000, 2)
    assert share_of(MUSIC_HZ, samples, rate) > 0.99
    assert share_of(SURPLUS_HZ, samples, rate) < 1e-5
    assert not mastered.warnings


def clicking(bpm: float, first_s: float, seconds: float, rate: int = 32_000) -> Audio:
    """Return clicks, each fourth a loud low one."""
    samples = np.zeros((1, round(seconds * rate)), np.float32)
    decay = np.exp(-np.arange(rate // 10) / (rate * 0.03))
    for beat in range(int((seconds - first_s - 0.2) * bpm / 60)):
        at = round((first_s + beat * 60 / bpm) * rate)
        hz, level = (60, 0.8) if beat % 4 == 0 else (3_000, 0.2)
        samples[0, at : at + len(decay)] += (
            level * decay * np.sin(2 * np.pi * hz * np.arange(len(decay)) / rate)
        ).astype(np.float32)
    return Audio(samples, rate)


def fitted_take(tmp_path: Path, master: Master, generator: Generator, told: bool = True):
    """Return a cue of 16 s at 100 bpm, finished from a clip at 98.5 bpm that begins off the bar."""
    tempo_map = TempoMap.constant(100) if told else None
    cue = Cue("1m1", "1m1", Fraction(0), Fraction(16), CueSettings(prompt="beats"))
    sheet = CueSheet("score", (cue,), tempo_map=tempo_map)
    plan = make_plan(sheet, presets=PresetLibrary(), generators=lambda name, _: generator)
    (planned,) = plan.cues
    planned = replace(planned, master=master)
    (take,) = planned.takes
    store = ClipStore(tmp_path)
    (clip,) = take.clips
    assert clip.request is not None
    stored = store.put(clip.request, Clip({"mix": clicking(98.5, 0.7, 20)}))
    recipe = recipe_of(planned, take, [stored], plan.output, project="score")
    return finish(recipe, [stored], store)[0], recipe


def test_a_clip_that_follows_no_tempo_is_fitted_and_the_manifest_is_told(tmp_path: Path) -> None:
    hosted = Generator("hosted", "1", Capabilities(max_s=Fraction(30), paid=True))
    mastered, _ = fitted_take(tmp_path, FITTED, hosted)

    bars_s = np.arange(0, 16, 2.4)
    envelope = np.abs(mastered.mix.samples[0].astype(float))
    quiet = [envelope[round((at + 2.2) * 48_000) : round((at + 2.38) * 48_000)] for at in bars_s]
    loud = [envelope[round(at * 48_000) : round((at + 0.05) * 48_000)] for at in bars_s]
    assert min(part.max() for part in loud) > 3 * max(part.max() for part in quiet[:-1])
    assert list(mastered.facts) == ["clip 1, fit"]
    assert "stretched by -1.5" in mastered.facts["clip 1, fit"]
    assert "onto the bar" in mastered.facts["clip 1, fit"]
    assert not mastered.warnings
    facts = StemFacts.of(mastered, 1, mastered.levels["mix"])
    assert facts.told == mastered.facts
    assert StemFacts.parse(json.loads(json.dumps(facts.as_json()))) == facts


def test_a_clip_that_follows_the_tempo_is_left_as_it_came(tmp_path: Path) -> None:
    obeying = Generator("composer", "1", Capabilities(obeys_tempo=True))
    as_asked, recipe = fitted_take(tmp_path / "asked", FITTED, obeying)
    plain, _ = fitted_take(tmp_path / "plain", Master(lufs=-30), obeying)
    assert not recipe.clips[0].is_loose
    assert as_asked.facts == plain.facts == {}
    assert np.array_equal(as_asked.mix.samples, plain.mix.samples)


def test_what_could_not_be_fitted_is_warned_of(tmp_path: Path) -> None:
    hosted = Generator("hosted", "1", Capabilities(max_s=Fraction(30), paid=True))
    mastered, _ = fitted_take(tmp_path, FITTED, hosted, told=False)
    assert mastered.warnings == ("clip 1: no tempo is told, so it is fitted to none",)


def looped(tmp_path: Path, length_s: Fraction, sound_s: float = 12):
    """Return a loop at 120 bpm, finished from a clip of a generator that hears no tempo."""
    cue = Cue("1m1", "1m1", Fraction(0), length_s, CueSettings(prompt="a pad", end="loop"))
    sheet = CueSheet("score", (cue,), tempo_map=TempoMap.constant(120))
    hosted = Generator("hosted", "1", Capabilities(max_s=Fraction(30)))
    plan = make_plan(sheet, presets=PresetLibrary(), generators=lambda name, _: hosted)
    (planned,) = plan.cues
    (take,) = planned.takes
    (clip,) = take.clips
    assert clip.request is not None
    store = ClipStore(tmp_path)
    sound = tone(Fraction(sound_s), 211, 48_000, 2).astype(np.float32)
    stored = store.put(clip.request, Clip({"mix": Audio(sound, 48_000)}))
    return finish(recipe_of(planned, take, [stored], plan.output, project="s"), [stored], store)[0]


def test_a_loop_tells_its_bars_and_samples_and_what_its_seam_measures(tmp_path: Path) -> None:
    mastered = looped(tmp_path, Fraction(8))
    assert mastered.facts["loop length"] == "4 bars, 384000 samples"
    assert mastered.facts["loop seam"].startswith("step ")
    assert mastered.warnings == ()


def test_a_loop_of_no_whole_bars_is_warned_of(tmp_path: Path) -> None:
    mastered = looped(tmp_path, Fraction(7))
    assert mastered.facts["loop length"] == "3.500 bars, 336000 samples"
    assert mastered.warnings == ("the loop is not whole bars but 3.500: give its length in bars",)


def test_segments_that_begin_off_the_bar_are_moved_onto_it_without_a_hole(tmp_path: Path) -> None:
    (tmp_path / "aligned.toml").write_text('[master]\nalign = "downbeat"\nlufs = -30\n')
    presets = PresetLibrary(user=tmp_path)
    tempo_map = TempoMap.constant(100)
    cue = Cue("1m1", "1m1", Fraction(0), Fraction(48), CueSettings(prompt="b", preset="aligned"))
    hosted = Generator("hosted", "1", Capabilities(max_s=Fraction(30), paid=True))
    sheet = CueSheet("score", (cue,), tempo_map=tempo_map)
    plan = make_plan(sheet, presets=presets, generators=lambda name, _: hosted)
    (planned,) = plan.cues
    (take,) = planned.takes
    store = ClipStore(tmp_path / "store")
    stored = []
    for clip, first_s in zip(take.clips, (0.7, 1.9), strict=True):
        assert clip.request is not None
        sound = clicking(100, first_s, float(clip.request.length_s + clip.request.tail_s))
        stored.append(store.put(clip.request, Clip({"mix": sound})))

    recipe = recipe_of(planned, take, stored, plan.output, project="score")
    mastered, _ = finish(recipe, stored, store)

    envelope = np.abs(mastered.mix.samples[0].astype(float))
    beats_s = np.arange(0, 47, 0.6)
    heard = [envelope[round(at * 48_000) : round((at + 0.1) * 48_000)].max() for at in beats_s]
    assert min(heard[::4]) > 0.9 * max(heard[::4])  # a downbeat on each bar, from the first one on
    assert min(heard) > 0.5 * np.median(heard)  # and every beat, up to the last one
    assert not mastered.warnings
