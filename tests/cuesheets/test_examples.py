"""The example sheets: each is what its script writes, and reads as its text says."""

import runpy
import shutil
from pathlib import Path

import pytest

from musicgen_daw.cuesheets import read

EXAMPLES = Path(__file__).parents[2] / "examples"
SHEETS = {
    "chase/make_chase.py": "chase.mid",
    "game/make_game.py": "game.csv",
    "sound-design/make_sound_design.py": "sound-design.csv",
}


@pytest.mark.parametrize("script", SHEETS)
def test_a_script_writes_its_sheet_byte_for_byte(script, tmp_path):
    copy = shutil.copy(EXAMPLES / script, tmp_path)
    runpy.run_path(copy, run_name="__main__")
    written = (EXAMPLES / script).with_name(SHEETS[script])
    assert (tmp_path / SHEETS[script]).read_bytes() == written.read_bytes()


@pytest.mark.parametrize("script", SHEETS)
def test_a_sheet_is_read_without_a_warning(script):
    assert read((EXAMPLES / script).with_name(SHEETS[script])).warnings == ()


def test_the_chase_is_a_reel_with_overlapping_cues_and_hits():
    sheet = read(EXAMPLES / "chase" / "chase.mid")
    assert str(sheet.start_timecode) == "01:00:00:00"
    assert [(cue.name, round(float(cue.length_s), 2), len(cue.hits)) for cue in sheet.cues] == [
        ("1M1 Stairwell", 20.87, 2),
        ("1M2 Chase", 22.61, 3),
        ("1M3 Engine room", 18.05, 0),
        ("1M4 Hideout", 54.55, 1),
        ("1M5 Getaway", 27.69, 1),
    ]
    assert sheet.cues[2].end_s > sheet.cues[3].start_s
    assert [str(meter.numerator) for meter in sheet.tempo_map.meters] == ["4", "6", "4"]


def test_the_loops_of_a_place_in_the_game_are_one_length():
    sheet = read(EXAMPLES / "game" / "game.csv")
    assert sheet.is_list
    loops = [cue for cue in sheet.cues if cue.settings.end == "loop"]
    assert len(loops) == 12
    lengths = {(cue.settings.theme, cue.length_s) for cue in loops}
    assert len(lengths) == len({cue.settings.theme for cue in loops}) == 4


def test_the_sound_design_batch_asks_for_three_takes_of_each():
    sheet = read(EXAMPLES / "sound-design" / "sound-design.csv")
    assert {cue.settings.takes for cue in sheet.cues} == {3}
