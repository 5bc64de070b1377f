from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from musicgen_daw.audio import Audio, Levels, measure
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.mastering import master_cue
from musicgen_daw.mastering.levelling import Stems, find_levelling, gain_together_db
from musicgen_daw.mastering.shaping import Shape
from musicgen_daw.mastering.targets import TARGETS, Target
from musicgen_daw.presets.schema import Master

RATE = 48_000

GOOD = Levels(
    integrated_lufs=-23.0,
    max_momentary_lufs=-20.0,
    max_short_term_lufs=-21.0,
    loudness_range_lu=5.0,
    true_peak_dbtp=-3.0,
    sample_peak_dbfs=-3.2,
)


def swelling(seconds=8, loudest=0.3):
    time = np.arange(seconds * RATE) / RATE
    wave = loudest * (time / seconds) ** 2 * np.sin(2 * np.pi * 500 * time)
    return Audio(np.tile(wave, (2, 1)).astype(np.float32), RATE)


def test_every_delivery_target_names_its_source():
    assert len(TARGETS) == 10
    assert all(each.source and each.title for each in TARGETS.values())
    assert TARGETS["ebu-r128-s1"].target.max_short_term_lufs == -18.0


def test_levels_as_wanted_miss_nothing():
    assert TARGETS["ebu-r128"].target.misses(GOOD) == ()


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        ({"integrated_lufs": -22.4}, "0.6 LU louder than -23"),
        ({"integrated_lufs": -23.6}, "0.6 LU quieter than -23"),
        ({"integrated_lufs": -math.inf}, "silent"),
        ({"max_momentary_lufs": -14.9}, "momentary maximum is -14.90 LUFS, above -15"),
        ({"max_short_term_lufs": -17.9}, "short-term maximum is -17.90 LUFS, above -18"),
        ({"loudness_range_lu": 20.1}, "loudness range is 20.10 LU, above 20"),
        ({"true_peak_dbtp": -0.98}, "true peak is -0.98 dBTP, above -1"),
    ],
)
def test_a_miss_is_told_with_its_figures(measured, told):
    target = Target(-23.0, -1.0, 0.5, -15.0, -18.0, 20.0)
    assert target.misses(GOOD) == ()
    (miss,) = target.misses(replace(GOOD, **measured))
    assert told in miss


def test_half_a_unit_off_is_within_half_a_unit():
    assert Target(-23.0).misses(replace(GOOD, integrated_lufs=-22.5)) == ()


@pytest.mark.parametrize("wrong", [{"lufs": 1.0}, {"ceiling_dbtp": 0.1}, {"tolerance_lu": -1.0}])
def test_a_target_that_can_not_be_is_refused(wrong):
    with pytest.raises(ValueError, match="can't be"):
        Target(**{"lufs": -23.0, **wrong})
    with pytest.raises(ValueError, match="can't be"):
        Target(math.nan)


@pytest.mark.parametrize("limit", ["max_short_term_lufs", "max_momentary_lufs"])
def test_a_maximum_holds_the_gain_back_and_that_is_told(limit):
    target = replace(Target(-16.0, -1.0), **{limit: -14.0})
    levelling = find_levelling(Stems([swelling()]), target)
    levels = measure(levelling.apply(swelling()))
    assert getattr(levels, limit) == pytest.approx(-14.0, abs=0.02)
    assert levels.integrated_lufs < -16.1
    assert "as loud as they may be" in levelling.warnings[0]


def test_a_range_that_is_too_wide_is_told():
    levelling = find_levelling(Stems([swelling()]), replace(Target(-24.0), lra_max=3.0))
    assert "loudness range" in levelling.warnings[0]


def test_moving_a_target_moves_loudness_and_leaves_the_ceiling():
    moved = Target(-23.0, -1.0, 0.5, -15.0, -18.0, 20.0).shifted(3.0)
    assert moved == Target(-26.0, -1.0, 0.5, -18.0, -21.0, 20.0)


def test_without_a_wish_files_are_mastered_as_cues_are():
    assert Target.of(Master()) == Target()


def test_a_preset_may_limit_the_loudest_moments_of_a_cue():
    master = Master(lufs=-16.0, max_short_term_lufs=-14.0, end="cut")
    mastered = master_cue(
        {"mix": swelling()},
        master,
        Shape(RATE, 8 * RATE),
        bit_depth="24",
    )
    assert mastered.levels["mix"].max_short_term_lufs == pytest.approx(-14.0, abs=0.05)
    assert "as loud as they may be" in mastered.warnings[0]


@pytest.mark.parametrize("name", ["max_momentary_lufs", "max_short_term_lufs"])
def test_the_loudest_moment_of_any_sound_holds_all_of_them_back(name):
    noise = np.random.default_rng(0).standard_normal((2, 10 * 48_000)).astype(np.float32)
    noise[:, : 4 * 48_000] *= np.float32(4)
    several = [Loudness.of(Audio(level * noise, 48_000)) for level in np.float32([0.001, 0.004])]
    free_db, told = gain_together_db(several, 0.1, Target(-30.0))
    assert told == ()
    loudest = max(getattr(each, name)() for each in several)
    limit = loudest + free_db - 2
    held_db, told = gain_together_db(several, 0.1, Target(-30.0, **{name: limit}))
    assert held_db == pytest.approx(free_db - 2)
    assert "loudest moments" in told[0]
