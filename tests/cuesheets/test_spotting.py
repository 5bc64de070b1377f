import io
from contextlib import suppress
from datetime import time, timedelta
from fractions import Fraction

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.cuesheets import SheetOptions, read, spotting
from musicgen_daw.errors import CueSheetError
from musicgen_daw.settings import Settings
from musicgen_daw.timeline import CueSettings, CueSheet, FrameRate

LIST = """Project: The House,,,,
Reel 1 - spotted 3 May - 24 fps,,,,
,,,,
Cue #,Title,TC In,TC Out,Description
1M1,The Chase,01:00:10:12,01:01:02:00,"brass stabs, relentless"
,! Door,01:00:31:00,,
1M2,Aftermath,01:01:02:00,01:01:30:00,
REEL 2,,,,
2M1,Home,02:00:05:00,02:00:15:00,piano
"""
START = {"start_timecode": "01:00:00:00"}


def parse(text, **options):
    content = text if isinstance(text, bytes) else text.encode()
    return spotting.parse(content, SheetOptions(**options))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_list_is_read_below_what_stands_above_it(delimiter, edges):
    sheet = parse(LIST.replace(",", delimiter), **START)
    assert edges(sheet) == [
        ("1M1 The Chase", 10.5, 62),
        ("1M2 Aftermath", 62, 90),
        ("2M1 Home", 3605, 3615),
    ]
    assert [cue.id for cue in sheet.cues] == ["1M1", "1M2", "2M1"]
    assert [(hit.name, hit.at_s) for hit in sheet.cues[0].hits] == [("Door", 31)]
    assert sheet.cues[1].settings.prompt == "1M2 Aftermath"
    assert sheet.cues[2].settings.prompt == "piano"
    assert sheet.cues[0].place == "line 5"
    assert sheet.frame_rate == FrameRate.named("24")


def test_reels_that_count_hours_are_told(told):
    sheet = parse(LIST)
    assert sheet.cues[0].start_s == Fraction("3610.5")
    assert any("hours of their own (01:, 02:)" in warning for warning in told(sheet))
    assert any("say --timecode-start 01:00:00:00" in warning for warning in told(sheet))
    assert not any("--timecode-start" in warning for warning in told(parse(LIST, **START)))


@pytest.mark.parametrize(
    "header",
    [
        "Cue,Cue Title,Start TC,End TC,Scene",
        "M#,Name,In,Out,Desc.",
        "CUE NO.,TITLE,TIMECODE IN,TIMECODE OUT,ACTION",
        "m_number,working title,smpte_start,smpte_end,scene description",
    ],
)
def test_columns_have_the_names_of_the_trade(header, edges):
    sheet = parse(f"{header}\n1M1,Chase,00:00:01:00,00:00:02:12,drums\n", frame_rate=RATE_25)
    assert edges(sheet) == [("1M1 Chase", 1, 2.48)]
    assert sheet.cues[0].settings.prompt == "drums"


RATE_25 = FrameRate.named("25")


def test_a_duration_ends_a_cue_and_the_out_time_rules_over_it(edges, told):
    text = (
        "Cue,TC In,TC Out,Duration,Notes\n1M1,0:10,,0:05,sad\n1M2,0:20,0:30,0:15,\n"
        "1M3,0:40,0:40,,\nEND,0:50,,,\n"
    )
    sheet = parse(text)
    assert edges(sheet) == [("1M1", 10, 15), ("1M2", 20, 30), ("1M3", 40, 50)]
    assert sheet.cues[0].settings.prompt == "sad"
    assert "line 3: the length is not what lies between" in told(sheet)[0]
    assert "line 4: an end that is not after the start" in told(sheet)[1]


def test_settings_are_columns_and_other_columns_are_left_alone():
    text = "Cue,In,Out,Composer,Tempo,Preset,Key\n1M1,0,8,JS,96,house,Dm\n"
    said = parse(text).cues[0].settings
    assert (said.bpm, said.preset, said.key) == (96, "house", "D minor")


def test_times_without_video_frames_count_from_the_start_timecode(edges):
    text = "Cue,In,Out\n1M1,01:00:10,01:00:20\n"
    assert edges(parse(text, **START)) == [("1M1", 10, 20)]


def test_drop_frame_labels_imply_their_rate():
    assert parse("Cue,In,Out\nA,00:01:00;02,00:02:00;02\n").frame_rate.drop_frame


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("Cue,In\n1M1,00:00:01:00\n", "line 2, column 'in'", "no frame rate: say --fps"),
        ("Cue,In\n1M1,2|1\n", "line 2, column 'in'", "tempo"),
        ("Cue,In\n1M1,soon\n", "line 2, column 'in'", "'soon' is no time"),
        ("Cue,In,Out\n1M1,0,later\n", "line 2, column 'out'", "'later' is no time"),
        ("Cue,In,Tempo\n1M1,0,fast\n", "line 2, column 'bpm'", "'fast' is not a number"),
        ("Cue,In,Scene\n,3,x\n", "line 2", "neither a cue number nor a title"),
        ("Cue,In\n1M1,\n", None, "no row below the header has an in time"),
        ("Cue,Title\n1M1,x\n", None, "no spotting list: one of the first rows must name"),
        ("Cue,In\n1M1,0\n1M1,5\nEND,9", "line 3", "the id '1M1' is used already"),
    ],
)
def test_a_fault_is_told_with_its_line(text, place, reason):
    with pytest.raises(CueSheetError, match=reason) as caught:
        parse(text)
    assert caught.value.place == place


def test_the_start_timecode_is_at_the_frame_rate_of_the_list(edges):
    text = "The House - 23.976 fps\nCue,In,Out\n1M1,01:00:01:00,01:00:02:00\n"
    sheet = parse(text, settings=Settings(fps="25"), **START)
    assert edges(sheet) == [("1M1", 1.001, 2.002)]
    assert sheet.start_timecode.seconds == Fraction("3603.6")


def test_a_time_before_the_start_is_refused():
    with pytest.raises(CueSheetError, match="00:59:50 is before the start of the sheet"):
        parse("Cue,In,Out\n1M1,00:59:50,01:00:20\n", **START)


def test_bars_follow_the_tempo_that_is_said(edges):
    defaults = CueSettings(bpm=Fraction(120))
    assert edges(parse("Cue,In,Out\nA,2|1,4|1\n", defaults=defaults)) == [("A", 2, 6)]


def test_a_row_without_an_in_time_is_left_out_and_told(told):
    sheet = parse("Cue,Title,In,Out\n1M1,A,0,5\n1M2,B,,\nREEL 2,,,\n")
    assert "line 3: '1M2 B' has no in time, and is left out" in told(sheet)
    assert not any("REEL" in warning for warning in told(sheet))


def test_a_charset_is_obeyed():
    content = "Cue,In,Out,Scene\nТема,0,5,x\n".encode("cp1251")
    assert parse(content, charset="cp1251").cues[0].name == "Тема"


def test_a_row_of_type_hit_is_a_hit():
    text = "#,name,type,start timecode,end timecode\n1,A,cue,0:01,0:04\n2,bang,hit,0:02,\n"
    (cue,) = parse(text).cues
    assert [(hit.name, hit.at_s) for hit in cue.hits] == [("bang", 2)]


@pytest.mark.parametrize(
    ("title", "rate"),
    [
        ("spotted at 23.976fps", "23.976"),
        ("Frame rate: 29.97", "29.97"),
        ("29.97 NDF fps", "29.97"),
        ("29.97 DF fps", "29.97df"),
        ("30 May, 25 frames", "25"),
        ("99 fps, FPS 24", "24"),
        ("9" * 100_000 + " fps", None),
    ],
)
def test_the_frame_rate_may_stand_above_the_table(title, rate):
    found = parse(f"{title}\nCue,In,Out\nA,0:01,0:02\n").frame_rate
    assert (found and found.name) == rate


# -- dispatch ----------------------------------------------------------------------------------


def test_a_list_is_told_from_a_csv_sheet_by_its_columns(write_sheet):
    assert read(write_sheet(LIST, "list.csv")).cues[0].id == "1M1"
    assert read(write_sheet("name,start,end,prompt\nA,0,5,x\n")).cues[0].id == "A"
    with pytest.raises(CueSheetError, match="unknown column 'promt'"):
        read(write_sheet("name,start,end,promt\nA,0,5,x\n"))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_refused(content):
    with suppress(CueSheetError):
        assert isinstance(spotting.parse(b"Cue,In,Out\n" + content, SheetOptions()), CueSheet)


# -- workbooks ---------------------------------------------------------------------------------

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK = {
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Cover" sheetId="1" r:id="rId1"/>'
    '<sheet name="Spotting" sheetId="2" r:id="rId2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>'
    ),
    "xl/sharedStrings.xml": f"<sst {MAIN}><si><t>Cue #</t></si><si><t>TC In</t></si>"
    "<si><r><t>TC </t></r><r><t>Out</t></r></si><si><t>Scene</t></si></sst>",
    "xl/styles.xml": f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" '
    'formatCode="[hh]:mm:ss"/><numFmt numFmtId="165" formatCode="0 &quot;shots&quot;"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="21"/><xf numFmtId="165"/>'
    "</cellXfs></styleSheet>",
    "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData/></worksheet>",
    "xl/worksheets/sheet2.xml": f"<worksheet {MAIN}><sheetData>"
    '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3" t="s"><v>1</v></c>'
    '<c r="D3" t="s"><v>2</v></c><c r="E3" t="s"><v>3</v></c></row>'
    '<row r="5"><c r="A5" t="inlineStr"><is><t>1M1</t></is></c>'
    '<c r="C5" s="1"><v>4.1782407407407407E-2</v></c><c r="D5" t="str"><v>01:00:20</v></c>'
    '<c r="E5" t="str"><v>rain</v></c></row>'
    '<row r="6"><c r="A6" t="str"><v>1M2</v></c><c r="C6" s="2"><v>0.0421875</v></c>'
    '<c r="D6" s="3"><v>3700</v></c><c r="E6" t="e"><v>#REF!</v></c></row>'
    "</sheetData></worksheet>",
}


def test_a_workbook_is_read_with_times_of_day(zip_of, edges, write_sheet):
    sheet = read(write_sheet(zip_of(BOOK), "list.bin"), start_timecode="01:00:00:00")
    assert edges(sheet) == [("1M1", 10, 20), ("1M2", 45, 3700)]
    assert sheet.cues[0].settings.prompt == "rain"
    assert sheet.cues[0].place == "sheet 'Spotting' row 5"


def test_a_workbook_without_a_list_is_refused(zip_of):
    empty = {**BOOK, "xl/worksheets/sheet2.xml": f"<worksheet {MAIN}/>"}
    with pytest.raises(CueSheetError, match="no spotting list"):
        parse(zip_of(empty))


def test_a_damaged_workbook_is_refused_with_its_member(zip_of):
    with pytest.raises(CueSheetError, match="no well-formed XML") as caught:
        parse(zip_of({**BOOK, "xl/worksheets/sheet2.xml": "<worksheet"}))
    assert caught.value.place.startswith("xl/worksheets/sheet2.xml line 1")
    without = {name: text for name, text in BOOK.items() if "sheet2" not in name}
    with pytest.raises(CueSheetError, match=r"has no xl/worksheets/sheet2\.xml"):
        parse(zip_of(without))


def test_an_archive_that_is_no_workbook_is_not_read_as_text(write_sheet):
    for content in (b"PK\x03\x04" + bytes(range(256)), b"PK\x03\x04"):
        with pytest.raises(CueSheetError, match="the archive is damaged, or no workbook"):
            read(write_sheet(content, "list.xlsx"))


def test_a_workbook_of_another_program_is_read(edges):
    book = openpyxl.Workbook()
    book.active.append(["Spotting notes", None, "25 fps"])
    sheet = book.create_sheet("Reel 1")
    sheet.append(["Reel 1", "25 fps"])
    sheet.append(["M#", "Title", "TC In", "TC Out", "Duration", "Description"])
    sheet.append(["1M1", "Rain", "01:00:10:05", "01:00:20:05", None, "slow strings"])
    sheet.append(["1M2", "Übers Dach", time(1, 1, 0), None, timedelta(seconds=90), "=A1"])
    stream = io.BytesIO()
    book.save(stream)
    read_sheet = parse(stream.getvalue(), **START)
    assert edges(read_sheet) == [("1M1 Rain", 10.2, 20.2), ("1M2 Übers Dach", 60, 150)]
    assert read_sheet.cues[0].settings.prompt == "slow strings"
    assert str(read_sheet.frame_rate) == "25"
