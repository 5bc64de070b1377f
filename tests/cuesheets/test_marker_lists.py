"""The tables of markers that Premiere, Resolve and REAPER export."""

from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, premiere, reaper_csv, resolve
from musicgen_daw.cuesheets.sidecar import parse as parse_toml
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import FrameRate, Hit

PREMIERE = "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\t\n"
RESOLVE = "#,Reel,Match,V,C,Dur,Record In,Record Out,Name,Comments,Color,Notes\n"
REAPER = "#,Name,Start,End,Length\n"


def options(fps="25", start=None):
    return SheetOptions(title="reel", frame_rate=fps and FrameRate.named(fps), start_timecode=start)


def edges(sheet):
    return [(cue.name, float(cue.start_s), float(cue.end_s)) for cue in sheet.cues]


def premiere_row(name, description, start, end):
    return f"{name}\t{description}\t{start}\t{end}\t00:00:00:00\tComment\t\n"


# -- Premiere ----------------------------------------------------------------------------------


def test_premieres_markers_with_a_length_are_regions_and_the_others_moments():
    text = PREMIERE + (
        premiere_row("1M1 Chase", "brass, fast", "00:00:10:00", "00:00:20:12")
        + premiere_row("door", "", "00:00:12:00", "00:00:12:00")
        + premiere_row("", "1M2: strings bars=2", "00:00:30:00", "00:00:30:00")
    )
    for charset in ("utf-8", "utf-16", "utf-8-sig"):
        sheet = premiere.parse(text.encode(charset), options())
        assert edges(sheet) == [("1M1 Chase", 10, 20.48), ("1M2", 30, 34)]
        assert sheet.cues[0].settings.prompt == "brass, fast"
        assert sheet.cues[0].hits == (Hit(Fraction(12), "door"),)


def test_premieres_semicolons_are_drop_frame():
    text = PREMIERE + premiere_row("A", "", "00;01;00;02", "00;01;01;02")
    sheet = premiere.parse(text.encode(), options("29.97df"))
    assert sheet.cues[0].start_s == Fraction(1800 * 1001, 30_000)
    with pytest.raises(CueSheetError, match=r"only that frames are dropped: say --fps 29\.97df"):
        premiere.parse(text.encode(), options(None))
    with pytest.raises(CueSheetError, match="drops none") as caught:
        premiere.parse(text.encode(), options("25"))
    assert caught.value.place == "line 2"


def test_premieres_rate_is_asked_for():
    text = PREMIERE + premiere_row("A", "", "00:00:00:00", "00:00:01:00")
    with pytest.raises(CueSheetError, match="tells no frame rate: say --fps"):
        premiere.parse(text.encode(), options(None))


def test_a_premiere_of_another_language_is_read_by_the_order_of_its_columns():
    text = "Markername\tBeschreibung\tEin\tAus\tDauer\tTyp\n" + premiere_row(
        "A", "Blech", "00:00:01:00", "00:00:02:00"
    )
    assert premiere.READER.recognises(text.encode("utf-16"))
    sheet = premiere.parse(text.encode("utf-16"), options())
    assert (edges(sheet), sheet.cues[0].settings.prompt) == ([("A", 1, 2)], "Blech")


# -- Resolve -----------------------------------------------------------------------------------


def test_resolves_rows_longer_than_a_frame_are_regions():
    text = RESOLVE + (
        '1,,,V1,C,10:00,01:00:10:00,01:00:20:00,1M1 Chase,,Blue,"brass, fast"\n'
        "2,,,V1,C,1,01:00:12:00,01:00:12:01,!! slam,,Red,\n"
    )
    sheet = resolve.parse(text.encode("utf-8-sig"), options(start="01:00:00:00"))
    assert edges(sheet) == [("1M1 Chase", 10, 20)]
    assert sheet.cues[0].settings.prompt == "brass, fast"
    assert sheet.cues[0].hits == (Hit(Fraction(12), "slam", True),)


def test_resolves_rate_and_start_are_asked_for():
    text = RESOLVE + "1,,,V1,C,1,01:00:10:00,01:00:20:00,A,,Blue,\n"
    with pytest.raises(CueSheetError, match="tells no frame rate"):
        resolve.parse(text.encode(), options(None))
    sheet = resolve.parse(text.encode(), options())
    assert edges(sheet) == [("A", 3610, 3620)]
    assert "say --timecode-start 01:00:00:00" in str(sheet.warnings[0])


def test_a_table_without_record_times_is_refused():
    with pytest.raises(CueSheetError, match="no column 'Record In'"):
        resolve.parse(b"Name,Notes\nA,b\n", options())


# -- REAPER ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "rows"),
    [
        ("", "R1,A,0:01.500,0:04.000,0:02.500\nM1,! x,0:02.000,,\n"),
        ("", "R1,A,00:00:01.500,00:00:04.000,\nM1,! x,2.0,,\n"),
        ("", "R1,A,0:01.500,,0:02.500\nM1,! x,0:02.000,,,\n"),
        ("tempo = 60", "R1,A,1.2.50,2.1.00,0.2.50\nM1,! x,1.3.00,,\n"),
        ("tempo = 60", "R1,A,1.2.50,,0.2.50\nM1,! x,1.3.00,,\n"),
        ("rate = 48000", "R1,A,72000,192000,120000\nM1,! x,96000,,\n"),
        ("rate = 48000", "R1,A,72000,,120000\n1,! x,96000,,\n"),
        ("fps = '24'", "R1,A,00:00:01:12,00:00:04:00,00:00:02:12\nM1,! x,00:00:02:00,,\n"),
    ],
)
def test_reapers_list_is_read_in_every_kind_of_time(toml, rows):
    sheet = reaper_csv.parse((REAPER + rows).encode(), parse_toml(toml))
    assert edges(sheet) == [("A", 1.5, 4)]
    assert sheet.cues[0].hits == (Hit(Fraction(2), "x"),)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("5.1.00", r"in bars.*set bpm = 120 in reel\.toml"),
        ("4800", r"in samples.*set rate = 48000 in reel\.toml"),
        ("01:00:00:00", "tells no frame rate"),
        ("soon", "is not a number"),
    ],
)
def test_what_reapers_times_need_is_asked_for(start, reason):
    with pytest.raises(CueSheetError, match=reason):
        reaper_csv.parse(f"{REAPER}R1,A,{start},,\n".encode(), options(None))


def test_a_bar_that_has_no_such_beat_is_told_with_its_line():
    with pytest.raises(CueSheetError, match="no such beat") as caught:
        reaper_csv.parse(f"{REAPER}R1,A,1.5.00,2.1.00,\n".encode(), parse_toml("tempo = 60"))
    assert caught.value.place == "line 2"


def test_reapers_unnamed_regions_are_called_by_their_number_and_colours_say_nothing():
    text = "#,Name,Start,End,Length,Color\nR3,,0:01.000,0:02.000,0:01.000,FF0000\n"
    assert edges(reaper_csv.parse(text.encode(), options())) == [("Region 3", 1, 2)]


def test_reapers_times_before_the_start_are_left_out():
    text = REAPER + "M1,early,-0:01.000,,\nR1,A,0:01.000,0:02.000,\n"
    sheet = reaper_csv.parse(text.encode(), options())
    assert edges(sheet) == [("A", 1, 2)]
    assert "before the start" in str(sheet.warnings[0])


# -- all ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [premiere, resolve, reaper_csv])
def test_each_knows_its_own_header_and_no_other(module):
    headers = {premiere: PREMIERE, resolve: RESOLVE, reaper_csv: REAPER}
    for other, header in headers.items():
        assert module.READER.recognises(header.encode()) == (other is module)
    for foreign in (
        b"",
        b"name,start\nA,0\n",
        b"#,Name,Start,Prompt\n",
        b"\xff\xfe\x00",
        b"\0" * 99,
    ):
        assert not module.READER.recognises(foreign)


def test_a_quote_that_nothing_closes_is_read_or_told():
    text = REAPER + 'R1,"A,0:01.000,0:02.000,\n'
    with pytest.raises(CueSheetError):
        reaper_csv.parse(text.encode(), options())


def test_a_comment_beside_a_moment_inside_a_region_does_not_make_it_a_cue():
    text = PREMIERE + (
        premiere_row("1M1", "brass", "00:00:10:00", "00:00:20:00")
        + premiere_row("door", "louder", "00:00:12:00", "00:00:12:00")
    )
    (cue,) = premiere.parse(text.encode(), options()).cues
    assert [hit.name for hit in cue.hits] == ["door"]


def test_a_list_without_a_byte_order_mark_is_known_as_utf_16():
    text = PREMIERE + premiere_row("Tür", "", "00:00:10:00", "00:00:20:00")
    for charset in ("utf-16-le", "utf-16-be"):
        content = text.encode(charset)
        assert premiere.READER.recognises(content)
        assert premiere.parse(content, options()).cues[0].name == "Tür"
