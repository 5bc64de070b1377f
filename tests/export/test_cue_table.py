"""What ``cues --json`` tells of a sheet."""

import json
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.export.cue_table import cue_table
from musicgen_daw.timeline import CueSheet, SheetWarning


def test_the_table_tells_what_was_read(sheet: CueSheet) -> None:
    warned = replace(sheet, warnings=(SheetWarning("byte 7", "odd"),))
    told = cue_table(warned, 48_000, "film.mid")
    assert list(told) == ["path", "sample_rate", "tempo", "meters", "cues", "warnings"]
    assert (told["path"], told["sample_rate"], told["warnings"]) == (
        "film.mid",
        48_000,
        ["byte 7: odd"],
    )
    assert told["tempo"][0] == {"at_s": 0, "at_beats": 0, "bpm": 120, "us_per_beat": 500_000}
    assert told["meters"][1] == {"at_s": 4, "at_beats": 8, "meter": "3/4"}
    assert told["cues"][0] == {
        "id": "1M1 Chase",
        "name": "1M1 Chase",
        "start_s": 0,
        "end_s": 4,
        "start_samples": 0,
        "end_samples": 192_000,
        "timecode": "10:00:00:00",
        "bars": 2,
        "preset": "action-hybrid",
        "prompt": "brass stabs, relentless",
        "hits": [{"name": "door slam", "at_s": 2.5, "at_samples": 120_000, "important": True}],
    }
    assert told["cues"][1]["bars"] == 2


def test_a_sheet_without_tempo_has_no_bars(sheet: CueSheet) -> None:
    bare = replace(sheet, tempo_map=None, frame_rate=None, start_timecode=None)
    told = cue_table(bare, 44_100, "x.csv")
    assert (told["tempo"], told["meters"]) == ([], [])
    assert (told["cues"][1]["bars"], told["cues"][1]["timecode"]) == (None, "00:00:06:00")
    assert told["cues"][1]["start_samples"] == round(Fraction("6.000001") * 44_100)


def test_the_cues_of_a_list_have_no_timecode(sheet: CueSheet) -> None:
    told = cue_table(replace(sheet, is_list=True), 48_000, "x.csv")
    assert [cue["timecode"] for cue in told["cues"]] == [None, None]


def test_the_table_is_plain_json(sheet: CueSheet) -> None:
    told = cue_table(sheet, 48_000, "film.mid")
    assert json.loads(json.dumps(told, allow_nan=False)) == told
