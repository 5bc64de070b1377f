"""``cues --fit-tempo``: which tempos put the hits on beats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from musicgen_daw.cli import run


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "film.csv"
    path.write_text("name,start,length,meter\nDoor,0,10,\n! a,2,,\n! b,5,,\nHall,10,4,6/8\n")
    return path


def answer(capfd, *arguments: object) -> tuple[int, str, str]:
    code = run(["cues", *(str(argument) for argument in arguments)])
    out, err = capfd.readouterr()
    return code, out, err


def test_tempos_are_ranked_for_each_cue_with_their_misses(capfd, sheet) -> None:
    code, out, _ = answer(capfd, sheet, "--fit-tempo", "--json", "--fps", "24")
    told = json.loads(out)
    assert (code, told["frame_rate"], told["window_video_frames"]) == (0, "24", 2)
    door, hall = told["cues"]
    assert door["now"] is None
    assert door["tempos"][0]["bpm"] == 60
    assert door["tempos"][0]["hits"] == [
        {"beat": 2, "miss_video_frames": 0.0},
        {"beat": 5, "miss_video_frames": 0.0},
    ]
    assert (hall["hits"], hall["tempos"]) == ([], [])


def test_range_window_and_number_are_limited(capfd, sheet) -> None:
    limits = ("--tempo-range", "100-110.5", "--hit-window", "0.5", "--suggest", "2")
    code, out, _ = answer(capfd, sheet, "--fit-tempo", "--json", *limits)
    told = json.loads(out)
    assert (code, told["range_bpm"], told["window_video_frames"]) == (0, [100, 110.5], 0.5)
    assert len(told["cues"][0]["tempos"]) == 2
    assert all(100 <= fit["bpm"] <= 110.5 for fit in told["cues"][0]["tempos"])


def test_the_table_begins_with_the_tempo_that_the_sheet_tells(capfd) -> None:
    chase = Path(__file__).parents[2] / "examples" / "chase" / "chase.mid"
    code, out, _ = answer(capfd, chase, "--fit-tempo")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert "1M2 Chase now 138.000 3 of 3 0.00 0.00 +0.0 +0.0 +0.0" in lines


def test_a_sheet_without_hits_is_told_how_to_mark_them(capfd, tmp_path) -> None:
    bare = tmp_path / "bare.csv"
    bare.write_text("name,length\nDoor,3\n")
    code, _, err = answer(capfd, bare, "--fit-tempo")
    assert (code, "no cue has a hit" in err) == (0, True)


@pytest.mark.parametrize("text", ["120-60", "5-60", "fast", "60-401", "60--80", "١٢٠"])
def test_an_impossible_range_is_refused(capfd, sheet, text: str) -> None:
    code, _, err = answer(capfd, sheet, "--fit-tempo", "--tempo-range", text)
    assert (code, text in err) == (2, True)


def test_two_answers_at_once_are_refused(capfd, sheet) -> None:
    assert answer(capfd, sheet, "--fit-tempo", "--to", "csv")[0] == 2
