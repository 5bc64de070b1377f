"""Every preset that comes with the program."""

from __future__ import annotations

from pathlib import Path

import pedalboard
import pytest

from musicgen_daw.presets import PresetLibrary
from musicgen_daw.presets.library import builtin_folder
from musicgen_daw.presets.parse import from_mapping, parse_tables
from musicgen_daw.presets.show import to_toml
from musicgen_daw.sketch.styles import STYLES

NAMES = sorted(path.stem for path in builtin_folder().glob("*.toml"))


@pytest.fixture
def library(tmp_path: Path) -> PresetLibrary:
    return PresetLibrary(user=tmp_path)


def test_there_are_presets_for_film_games_study_and_sound_design() -> None:
    wanted = {"house", "tense-strings", "chiptune-adventure", "game-loop-calm", "lofi-study"}

    assert len(NAMES) >= 12
    assert wanted | {"stinger", "sub-impact", "riser", "dark-texture"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_preset_is_complete(name: str, library: PresetLibrary) -> None:
    preset = library.get(name)

    assert preset.title
    assert preset.description.endswith(".")
    assert "{prompt}" in preset.prompt
    assert preset.generation.style in {None, *STYLES}
    assert -30 <= preset.master.lufs <= -14
    assert preset.master.ceiling_dbtp <= -1


@pytest.mark.parametrize("name", NAMES)
def test_the_effects_of_a_built_in_preset_are_pedalboards(
    name: str, library: PresetLibrary
) -> None:
    for effect in library.get(name).master.chain:
        made = getattr(pedalboard, effect.effect)(**effect.parameters)

        for parameter, value in effect.parameters.items():
            assert getattr(made, parameter) == pytest.approx(value, rel=1e-5), parameter


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_preset_shown_reads_back_the_same(name: str, library: PresetLibrary) -> None:
    preset = library.get(name)

    assert from_mapping(name, parse_tables(to_toml(preset), name), name) == preset


def test_the_preset_of_cues_that_name_none_leaves_mastering_to_the_sheet(
    library: PresetLibrary,
) -> None:
    assert library.get("house").said == {"master.chain"}


def test_every_style_of_the_built_in_generator_has_a_preset(library: PresetLibrary) -> None:
    assert {library.get(name).generation.style for name in NAMES} >= set(STYLES)


def test_loops_have_no_effect_that_would_ring_over_their_seam(library: PresetLibrary) -> None:
    for name in NAMES:
        master = library.get(name).master
        if master.end == "loop":
            assert not {"Reverb", "Delay"} & {effect.effect for effect in master.chain}
