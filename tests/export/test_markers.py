"""The table of markers."""

import csv
import io
from dataclasses import replace

import pytest

from musicgen_daw.export import markers
from musicgen_daw.export.csv_cells import safe_cell
from musicgen_daw.session import Session


def test_the_table_is_what_it_is(session: Session) -> None:
    assert markers.encode(session).splitlines() == [
        "#,name,type,start timecode,end timecode,start s,end s,start samples,end samples,"
        "start bar|beat,end bar|beat,preset,prompt",
        '1,1M1 Chase,cue,10:00:00:00,10:00:04:00,0,4,0,192000,1|1,3|1,action-hybrid,"brass stabs,'
        ' relentless"',
        "2,door slam,important hit,10:00:02:12,,2.5,,120000,,2|2,,,",
        "3,1M2 Calm,cue,10:00:06:00,10:00:10:00,6.000001,10.000003,288000,480000,4|1,6|1,,",
        "4,look,hit,10:00:06:16,,6.666668,,320000,,4|2,,,",
    ]


def test_hostile_names_stay_in_their_cells(session: Session) -> None:
    name = '=cmd|"/c calc"!A1,\n\x1b[2Jx'
    cue = replace(session.sheet.cues[0], name=name)
    hostile = replace(session, sheet=replace(session.sheet, cues=(cue, session.sheet.cues[1])))
    rows = list(csv.DictReader(io.StringIO(markers.encode(hostile))))
    assert rows[0]["name"] == '\'=cmd|"/c calc"!A1, [2Jx'
    assert len(rows) == 4


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@SUM(A1)", "\t=1", "\r=1", "＝1", "--1"])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["-18", "+3", "-1.5", "1M1 = A", "Chase", ""])
def test_numbers_and_plain_words_stay(text: str) -> None:
    assert safe_cell(text) == text
