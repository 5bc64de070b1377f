"""From stored clips to samples that are ready to be written."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip
from musicgen_daw.planning import Capabilities, Generator, Plan, make_plan
from musicgen_daw.presets import PresetLibrary
from musicgen_daw.project.finishing import finish
from musicgen_daw.project.recipe import recipe_of
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.timeline import Cue, CueSettings, CueSheet

HOSTED = Generator("hosted", "1", Capabilities(max_s=Fraction(4), paid=True))
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
