"""A sheet as a spotting list."""

from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, spotting
from musicgen_daw.export.sheet_formats import SHEET_FORMATS
from musicgen_daw.timeline import FRAME_RATES, Cue, CueSettings, CueSheet, Hit, Timecode


def sheet(rate: str, *names: str) -> CueSheet:
    start = Timecode.parse("01:00:00:00", FRAME_RATES[rate])
    cues = tuple(
        Cue(name, name, Fraction(n), Fraction(n + 1), CueSettings(prompt="brass, loud"))
        for n, name in enumerate(names)
    )
    return CueSheet("Film, 50 fps", cues, None, start.rate, start)


def test_numbers_titles_and_timecode_have_columns_and_hits_rows() -> None:
    cue = Cue(
        "1M1 Chase", "1M1 Chase", Fraction(1), Fraction(3),
        CueSettings("house", "loud", bpm=Fraction(96)),
        (Hit(Fraction(2), "door", important=True),),
    )  # fmt: skip
    film = CueSheet("Film", (cue,), None, FRAME_RATES["25"])
    assert SHEET_FORMATS["spotting"].encode(film).decode().splitlines() == [
        "25 fps - Film",
        "Cue #,Title,TC In,TC Out,Description,preset,bpm",
        "1M1,Chase,00:00:01:00,00:00:03:00,loud,house,96",
        ",!! door,00:00:02:00,,,,",
    ]


@pytest.mark.parametrize("rate", FRAME_RATES)
def test_the_list_tells_its_frame_rate(rate: str) -> None:
    content = SHEET_FORMATS["spotting"].encode(sheet(rate, "1M1 Chase"))
    assert spotting.parse(content, SheetOptions()).frame_rate == FRAME_RATES[rate]


def test_a_number_that_two_cues_have_and_an_ending_that_is_none_stay_in_the_title() -> None:
    names = ("1M1 Chase", "1M1 Reprise", "2M1 End", "2m2 ! Door", "3M1 =1+1")
    content = SHEET_FORMATS["spotting-tsv"].encode(sheet("25", *names))
    read = spotting.parse(content, SheetOptions())
    assert [cue.name for cue in read.cues] == list(names)
    assert [cue.id for cue in read.cues] == [*names[:4], "3M1"]


def test_an_ending_and_a_missing_prompt_are_told() -> None:
    cue = Cue("A", "A", Fraction(0), Fraction(1), CueSettings(end="button"))
    told = SHEET_FORMATS["spotting"].losses(CueSheet("Film", (cue,), None, FRAME_RATES["25"]))
    assert told == (
        "A: the end 'button' is left out: there is no column for it",
        "A: it has no prompt, so its name is read as one",
    )
