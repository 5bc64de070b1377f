"""What another format can't hold of a sheet is told."""

import tomllib
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.cuesheets import SheetOptions, delimited, midi
from musicgen_daw.export.sheet import sheet_csv, sheet_midi
from musicgen_daw.export.sheet_formats import SHEET_FORMATS
from musicgen_daw.settings import BitDepth
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSettings,
    CueSheet,
    Hit,
    Timecode,
)

# What the grammars of markers and cells are made of.
AWKWARD = (
    st.lists(
        st.sampled_from(
            ["a", "B", " b", ":", "[", "]", "=", "!", ";", "END", "seed", "1", "-", "#2"]
        ),
        min_size=1,
        max_size=6,
    )
    .map("".join)
    .map(str.strip)
    .filter(bool)
)
CUE = Cue("1M1", "1M1", Fraction(0), Fraction(2), CueSettings(prompt="brass"))


def sheet_of(cue: Cue) -> CueSheet:
    return CueSheet("Film", (cue,))


def test_a_plain_sheet_loses_nothing() -> None:
    assert (
        SHEET_FORMATS["csv"].losses(sheet_of(CUE))
        == SHEET_FORMATS["mid"].losses(sheet_of(CUE))
        == ()
    )


def test_a_table_has_no_tempo_map_and_no_start_timecode(sheet: CueSheet) -> None:
    assert SHEET_FORMATS["csv"].losses(sheet) == (
        "the tempo map is left out: a table has no place for it",
        "this is left out, say it in the TOML file beside the new sheet:"
        ' frame_rate = 25, timecode_start = "10:00:00:00"',
    )
    assert not any("timecode" in loss for loss in SHEET_FORMATS["mid"].losses(sheet))


@pytest.mark.parametrize(
    ("rate", "told"), [("23.976", True), ("24", False), ("29.97df", False), ("50", True)]
)
def test_a_frame_rate_that_midi_does_not_know_is_told(rate: str, told: bool) -> None:
    start = Timecode.parse("01:00:00:00", FRAME_RATES[rate])
    lost = SHEET_FORMATS["mid"].losses(replace(sheet_of(CUE), start_timecode=start))
    assert any("frame_rate" in loss for loss in lost) == told


@pytest.mark.parametrize("format_", ["csv", "mid"])
def test_settings_of_the_whole_sheet_are_told(format_: str) -> None:
    sheet = replace(sheet_of(CUE), seed=7, defaults=CueSettings(key="A minor"))
    assert SHEET_FORMATS[format_].losses(sheet) == (  # type: ignore[arg-type]
        'this is left out, say it in the TOML file beside the new sheet: seed = 7, key = "A minor"',
    )


def test_how_stems_are_to_be_written_is_told_where_a_format_has_no_place_for_it() -> None:
    sheet = replace(sheet_of(CUE), sample_rate=44_100, bit_depth="32f", file_format="flac")
    beside = "this is left out, say it in the TOML file beside the new sheet:"
    assert SHEET_FORMATS["csv"].losses(sheet) == (
        f'{beside} rate = 44100, bit_depth = "32f", format = "flac"',
    )
    assert SHEET_FORMATS["reaper"].losses(sheet) == (
        f'{beside} bit_depth = "32f", format = "flac"',
    )


@given(st.text(max_size=20), st.sampled_from(["24", "32f", "16"]))
def test_what_is_to_be_said_beside_the_sheet_is_toml(prompt: str, depth: BitDepth) -> None:
    sheet = replace(sheet_of(CUE), bit_depth=depth, defaults=CueSettings(prompt=prompt, seed=9))
    (loss,) = SHEET_FORMATS["csv"].losses(sheet)
    table = tomllib.loads(f"said = {{{loss.partition(': ')[2]}}}")["said"]
    assert {key: str(value) for key, value in table.items()} == {
        "bit_depth": depth, "prompt": prompt, "seed": "9"
    }  # fmt: skip


def test_ids_that_do_not_follow_from_names_are_told() -> None:
    cues = tuple(
        replace(CUE, id=cue_id, start_s=Fraction(n), end_s=Fraction(n + 1))
        for n, cue_id in enumerate(("1M1", "1M1#2", "x"))
    )
    assert SHEET_FORMATS["mid"].losses(CueSheet("Film", cues)) == (
        "1 ids of cues ('x' first) are left out: a marker has none",
    )


@pytest.mark.parametrize("format_", ["mid", "edl", "protools", "reaper", "csv"])
def test_an_end_that_a_cue_shares_with_a_running_twin_is_told_where_there_are_no_regions(
    format_: str,
) -> None:
    times = (0, 10), (4, 9), (9, 12)
    cues = [
        replace(CUE, id=f"1M1#{number}", start_s=Fraction(start), end_s=Fraction(end))
        for number, (start, end) in enumerate(times, 1)
    ]
    sheet = CueSheet("Film", tuple(cues), frame_rate=FRAME_RATES["25"])
    told = [loss for loss in SHEET_FORMATS[format_].losses(sheet) if "its end" in loss]
    assert told == [
        "1M1: its end is not read, as another cue of its name begins before, at 4 s: "
        "give one of them another name"
    ] * (format_ not in ("reaper", "csv"))


def test_a_hit_that_a_cell_would_part_is_told() -> None:
    hit = Hit(Fraction(1), "door; slam", prompt="low; slow")
    assert SHEET_FORMATS["csv"].losses(sheet_of(replace(CUE, hits=(hit,)))) == (
        "1M1: the hit 'door; slam' became 'door, slam', which a cell can hold",
        "1M1: the prompt 'low; slow' became 'low, slow', which a cell can hold",
    )


@given(AWKWARD, AWKWARD, AWKWARD, AWKWARD)
def test_whatever_is_read_back_otherwise_was_told(
    name: str, prompt: str, preset: str, hit: str
) -> None:
    settings = CueSettings(preset=preset, prompt=prompt)
    hits = (Hit(Fraction(1), hit), Hit(Fraction(3, 2), prompt=prompt))
    cue = replace(CUE, id=name, name=name, settings=settings, hits=hits)
    sheet = sheet_of(cue)
    readings = {
        "csv": lambda: delimited.parse(sheet_csv(sheet).encode("utf-8"), SheetOptions()),
        "mid": lambda: midi.parse(sheet_midi(sheet), SheetOptions()),
    }
    for format_, read in readings.items():
        (again,) = read().cues
        if not SHEET_FORMATS[format_].losses(sheet):  # type: ignore[arg-type]
            assert (again.name, again.settings, again.hits) == (name, settings, cue.hits)
