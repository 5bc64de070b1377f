"""A sheet written in another format reads back as the same cues."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.cuesheets import SheetOptions, delimited, midi
from musicgen_daw.export.sheet import sheet_csv, sheet_midi
from musicgen_daw.timeline import Cue, CueSettings, CueSheet, Hit, IntensityLane, Meter, TempoMap

EVERYTHING = CueSettings(
    preset="action-hybrid",
    prompt="brass stabs, relentless",
    seed=12,
    takes=3,
    backend="sketch",
    tail=Fraction(3, 2),
    bpm=Fraction(120),
    key="A minor",
    meter=Meter(7, 8, (2, 2, 3)),
    style="hybrid",
    intensity=IntensityLane.parse("0.2>0.9"),
    theme="hero",
    loop=True,
    end="button",
    transition="cut",
    fade_in=Fraction(1, 10),
    fade_out=Fraction(2),
    lufs=-20.0,
    audio_prompt="a b.wav",
    melody="tune.wav",
    soundfont="fonts/own.sf2",
)


def told(sheet: CueSheet) -> list[tuple[object, ...]]:
    """What has to survive: not the place in a file, and no tempo that only a MIDI file has."""
    return [(cue.name, cue.start_s, cue.end_s, cue.settings, cue.hits) for cue in sheet.cues]


def from_csv(sheet: CueSheet) -> CueSheet:
    return delimited.parse(sheet_csv(sheet).encode("utf-8"), SheetOptions())


def from_midi(sheet: CueSheet) -> CueSheet:
    return midi.parse(sheet_midi(sheet), SheetOptions())


def sheet_of(*cues: Cue) -> CueSheet:
    return CueSheet("Film", cues, TempoMap.constant(120))


def cue(name: str, start: int, end: int, settings: CueSettings = EVERYTHING) -> Cue:
    return Cue(name, name, Fraction(start), Fraction(end), settings)


@pytest.mark.parametrize("reread", [from_csv, from_midi])
def test_every_setting_and_hit_survives(reread: object) -> None:
    first = replace(
        cue("1M1 Chase", 0, 4),
        hits=(
            Hit(Fraction(1), "look"),
            Hit(Fraction(5, 2), "door slam", True, "a duel, 2=2", (0.2, 0.9)),
        ),
    )
    sheet = sheet_of(first, cue("1M2", 4, 8), cue("1M3", 10, 12))
    assert told(reread(sheet)) == told(sheet)  # type: ignore[operator]


@pytest.mark.parametrize("reread", [from_csv, from_midi])
def test_overlapping_cues_survive(reread: object) -> None:
    sheet = sheet_of(cue("A", 0, 6), cue("B", 4, 8), cue("C", 9, 10))
    assert told(reread(sheet)) == told(sheet)  # type: ignore[operator]


@pytest.mark.parametrize("reread", [from_csv, from_midi])
def test_ids_and_identity_survive(reread: object) -> None:
    sheet = reread(sheet_of(cue("A", 0, 6), cue("B", 6, 8)))  # type: ignore[operator]
    assert [found.id for found in sheet.cues] == ["A", "B"]


@pytest.mark.parametrize(
    ("name", "prompt"),
    [("Way out", "x"), ("END", "x"), ("Calm", None), ("Calm", "Calm"), ("10:30 Diner", "a: b")],
)
def test_names_that_look_like_grammar_stay_names_in_midi(name: str, prompt: str | None) -> None:
    settings = CueSettings(preset="p", prompt=prompt)
    sheet = sheet_of(cue(name, 0, 2, settings), cue("B", 2, 4, CueSettings(prompt="B")))
    assert told(from_midi(sheet)) == told(sheet)


@given(st.text(max_size=20))
def test_any_name_makes_one_cue_in_midi(name: str) -> None:
    sheet = sheet_of(cue(name, 0, 2), replace(cue("B", 3, 4), id="other"))
    assert [(c.start_s, c.end_s, c.settings) for c in from_midi(sheet).cues] == [
        (0, 2, EVERYTHING),
        (3, 4, EVERYTHING),
    ]


def test_the_tempo_map_and_the_start_timecode_survive_in_midi(sheet: CueSheet) -> None:
    again = from_midi(sheet)
    assert again.tempo_map == sheet.tempo_map
    assert again.start_timecode == sheet.start_timecode
    assert [found.start_s for found in again.cues] == [found.start_s for found in sheet.cues]


def test_a_list_stays_a_list_in_csv_and_becomes_a_row_in_midi() -> None:
    hit = Hit(Fraction(1), "boom")
    cues = (cue("A", 0, 2), replace(cue("B", 0, 3), hits=(hit,)))
    sheet = CueSheet("List", cues, is_list=True)
    assert from_csv(sheet).is_list
    assert told(from_csv(sheet)) == told(sheet)
    row = from_midi(sheet).cues
    assert [(found.start_s, found.end_s) for found in row] == [(0, 2), (2, 5)]
    assert row[1].hits[0].at_s == 3


def test_a_formula_is_neutralised_and_numbers_are_not() -> None:
    settings = CueSettings(prompt="=HYPERLINK(1)", lufs=-20.0)
    text = sheet_csv(sheet_of(cue("+name", 0, 1, settings)))
    assert text.splitlines() == [
        "id,name,start,length,prompt,lufs",
        "'+name,'+name,0,1,'=HYPERLINK(1),-20.0",
    ]


def test_times_beyond_nine_decimals_are_rounded_below_a_sample() -> None:
    odd = replace(cue("A", 0, 2), end_s=Fraction(7, 3))
    assert abs(from_csv(sheet_of(odd)).cues[0].end_s - Fraction(7, 3)) < Fraction(1, 10**8)
