from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.cuesheets import SheetOptions, delimited, encoding, read
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import CueSettings, CueSheet, FrameRate, Hit, Meter, TempoMap


def parse(text, **options):
    return delimited.parse(text.encode("utf-8"), SheetOptions(**options))


def edges(sheet):
    return [(cue.name, float(cue.start_s), float(cue.end_s)) for cue in sheet.cues]


# -- the table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_newline_and_encoding_are_found_out(delimiter, newline, encoding):
    lines = ["Name;Start;Length;Prompt", "Tür;0;2;drone", "", "Zug;2;3;bells", ";;;"]
    content = newline.join(lines).replace(";", delimiter).encode(encoding)
    sheet = delimited.parse(content, SheetOptions())
    assert edges(sheet) == [("Tür", 0, 2), ("Zug", 2, 5)]
    assert [cue.place for cue in sheet.cues] == ["line 2", "line 4"]


def test_a_quoted_cell_may_hold_delimiters_and_line_breaks():
    sheet = parse('name,start,length,prompt\nA,0,1,"low, slow\nand long"\nB,1,1,x\n')
    assert sheet.cues[0].settings.prompt == "low, slow and long"
    assert sheet.cues[1].place == "line 4"


def test_formulas_are_just_text():
    sheet = parse("name,start,length,prompt\n=1+1,0,1,@SUM(A1)\n")
    assert (sheet.cues[0].name, sheet.cues[0].settings.prompt) == ("=1+1", "@SUM(A1)")


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "line 1", "no column 'name'"),
        ("title,start\nA,0\n", "line 1", "unknown column 'title'"),
        ("name,strat\nA,0\n", "line 1", r"'strat' \(did you mean 'start'\?\)"),
        ("start,end\n0,1\n", "line 1", "no column 'name'"),
        ("name,start,start\nA,0,1\n", "line 1", "column 'start' is there twice"),
        ("name,,start\nA,x,1\n", "line 1", "column 2 has no name"),
        ("name,start,length\n", None, "has no cue: there is no row"),
        ("name,start,length\nA,0\n", "line 2", "2 cells stand under 3 columns"),
        ("name,start,length\n\nA,0,1,x\n", "line 3", "4 cells stand under 3 columns"),
        ("name,start,length\nA,0,1\nB\0,1,1\n", "line 3", "NUL byte"),
        ('name,start,length\nA,0,1\n"B,1,1\n', "line 3", "the table is broken"),
        ("name,start,length\n,0,1\n", "line 2", "has no name"),
        ("name,start,length\nA,0,1\nB,,1\n", "line 3", "has no start"),
        ("name,start,length\nA,-1,1\n", "line 2, column 'start'", "before the start"),
        ("name,start,length\nA,soon,1\n", "line 2, column 'start'", "'soon' is no time"),
        (
            "name,start,length\nA,5,1\nB,3,1\n",
            "line 3, column 'start'",
            "before the start of line 2",
        ),
        ("name,start,end\nA,5,5\n", "line 2, column 'end'", "not after the start"),
        ("name,start,end\nA,5,3\n", "line 2, column 'end'", "not after the start"),
        ("name,start,end\nA,5,fad\n", "line 2, column 'end'", "did you mean 'fade'"),
        ("name,start,length\nA,5,0\n", "line 2, column 'length'", "must be positive"),
        ("name,start,length,bars\nA,5,2,3\n", "line 2", "length and bars give the length twice"),
        ("name,start,end,bars\nA,5,8,3\n", "line 2", "end and bars give the length twice"),
        ("name,start,length,bpm\nA,5,2,0\n", "line 2, column 'bpm'", "0 is not from 1 to 999"),
        ("name,start,length\nA,0:75,1\n", "line 2, column 'start'", "go to 59"),
        ("name,start,length\nA,1|5,1\n", "line 2, column 'start'", "bar 1 of 4/4 has no such beat"),
        ("name,start,length\nA,0|1,1\n", "line 2, column 'start'", "bar 0 of 4/4"),
        ("id,name,start,length\nx,A,0,1\nx,B,1,1\n", "line 3", "'x' is used already at line 2"),
        ("name,seconds\nA,\n", "line 2", "'A' has no length"),
        ("name,end\nA,5\n", "line 2, column 'end'", "an end time needs a start"),
        ("name,start,preset\nA,0,\nB,4,house\n", "line 3", "no length"),
        ("name,length,bars,end\nA,4,,buton\n", "line 2, column 'end'", "did you mean 'button'"),
        ("name,start,bars,end\nA,0,4,buton\n", "line 2, column 'end'", "did you mean 'button'"),
        ("name|start|length\nA|0|4\n", "line 1", "parted by |: use commas"),
        ("name,start\n! bang,0\n", None, "none of them is a cue"),
    ],
)
def test_a_fault_is_told_with_its_line(text, place, reason):
    with pytest.raises(CueSheetError, match=reason) as caught:
        parse(text)
    assert caught.value.place == place


def test_a_message_quotes_no_pages_of_a_damaged_file():
    page = "x" * 10_000
    for text in (f"name,{page}\nA,1\n", f"name,start\nA,{page}\n"):
        with pytest.raises(CueSheetError) as caught:
            parse(text)
        assert len(str(caught.value)) < 1000


# -- times -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("1:02", 62),
        ("01:02.250", 62.25),
        ("1:00:02.5", 3602.5),
        ("00:00:10:12", 10.48),
        ("3|1", 4),
        ("3|2.5", 4.75),
    ],
)
def test_a_time_is_written_in_many_ways(text, seconds):
    sheet = parse(f"name\tstart\tlength\nA\t{text}\t1\n", frame_rate=FrameRate.named("25"))
    assert float(sheet.cues[0].start_s) == seconds


def test_timecode_is_relative_to_the_timecode_of_the_start():
    options = {"frame_rate": FrameRate.named("24"), "start_timecode": "01:00:00:00"}
    sheet = parse("name,start,end\nA,01:00:10:12,01:00:20:00\n", **options)
    assert edges(sheet) == [("A", 10.5, 20)]
    with pytest.raises(CueSheetError, match="00:59:00:00 is before the start of the sheet"):
        parse("name,start,length\nA,00:59:00:00,1\n", **options)


def test_drop_frame_labels_imply_their_rate():
    sheet = parse("name,start,length\nA,00:01:00;02,1\n")
    assert sheet.frame_rate == FrameRate.named("29.97df")
    assert sheet.cues[0].start_s == Fraction(1800 * 1001, 30_000)


def test_timecode_without_a_rate_is_read_at_25_with_a_warning():
    sheet = parse("name,start,length\nA,00:00:01:05,1\n")
    assert float(sheet.cues[0].start_s) == 1.2
    assert "25 frames a second" in sheet.warnings[0].message


def test_bars_follow_the_tempo_and_meter_said_for_the_sheet():
    defaults = CueSettings(bpm=Fraction(60), meter=Meter(6, 8))
    sheet = parse("name,start,bars\nA,2|4,2\n", defaults=defaults)
    assert edges(sheet) == [("A", 4.5, 10.5)]
    assert sheet.tempo_map == TempoMap.constant(60, 6, 8)
    assert sheet.cues[0].tempo_map is None


def test_bar_beat_times_without_a_tempo_are_read_at_120_with_a_warning():
    sheet = parse("name,start,end\nA,2|1,4|1\n")
    assert edges(sheet) == [("A", 2, 6)]
    assert "120 bpm" in sheet.warnings[0].message
    assert sheet.tempo_map == TempoMap.constant(120)


def test_a_timeline_without_tempo_tells_none():
    sheet = parse("name,start,end\nA,1,2\n")
    assert (sheet.tempo_map, sheet.cues[0].tempo_map) == (None, None)


# -- rows --------------------------------------------------------------------------------------


def test_all_keys_are_columns():
    columns = {
        "name": "A", "seconds": "4", "preset": "house", "prompt": "brass", "seed": "7",
        "takes": "3", "backend": "sketch", "tail": "2", "bpm": "96", "key": "f#m", "meter": "3/4",
        "style": "epic", "intensity": "0.2>0.9", "theme": "hero", "loop": "yes", "end": "ring",
        "transition": "riser", "fade_in": "0.5", "fade out": "400 ms", "lufs": "-20",
        "audio prompt": "a.wav", "melody": "b.wav",
    }  # fmt: skip
    sheet = parse("\t".join(columns) + "\n" + "\t".join(columns.values()) + "\n")
    said = sheet.cues[0].settings
    assert (said.seed, said.takes, said.key, said.meter) == (7, 3, "F# minor", Meter(3, 4))
    assert (said.loop, said.end, said.fade_out, said.lufs) == (True, "ring", Fraction(2, 5), -20)
    assert (said.audio_prompt, said.melody, str(said.intensity)) == ("a.wav", "b.wav", "0.2>0.9")
    assert sheet.cues[0].tempo_map == TempoMap.constant(96, 3, 4)


def test_without_starts_it_is_a_list_of_cues_that_stand_alone():
    sheet = parse("name,bars,seconds,bpm,end\nLoop,4,,96,loop\nSting,,2.5,,button\nBed,2,,,\n")
    assert sheet.is_list
    assert edges(sheet) == [("Loop", 0, 10), ("Sting", 0, 2.5), ("Bed", 0, 4)]
    assert [cue.tempo_map for cue in sheet.cues] == [
        TempoMap.constant(96),
        None,
        TempoMap.constant(120),
    ]


def test_rows_that_begin_with_an_exclamation_mark_are_hits():
    sheet = parse("name,start,end\nA,1,9\n! slam,2,\n!! boom,3,\n")
    assert sheet.cues[0].hits == (
        Hit(Fraction(2), "slam"),
        Hit(Fraction(3), "boom", important=True),
    )


def test_a_column_of_hits_holds_times_and_names():
    sheet = parse('name,start,end,hits\nA,00:10,00:30,"00:12.5; !15 door slam;20"\n')
    assert sheet.cues[0].hits == (
        Hit(Fraction(25, 2)),
        Hit(Fraction(15), "door slam", important=True),
        Hit(Fraction(20)),
    )


def test_a_hit_begins_a_section_with_words_of_its_own():
    sheet = parse('name,start,end,prompt,hits\nA,0,9,a,"5 duel prompt=low, slow"\n! b,6,,loud,\n')
    assert sheet.cues[0].hits == (
        Hit(Fraction(5), "duel", prompt="low, slow"),
        Hit(Fraction(6), "b", prompt="loud"),
    )


def test_a_hit_tells_an_intensity():
    sheet = parse('name,start,end,intensity,hits\nA,0,9,0.2,"5 up intensity=0.4>0.8"\n! b,6,,1,\n')
    assert sheet.cues[0].hits == (
        Hit(Fraction(5), "up", intensity=(0.4, 0.8)),
        Hit(Fraction(6), "b", intensity=(1.0,)),
    )


def test_hits_in_drop_frame_timecode_are_not_cut_at_their_semicolon():
    text = "name\tstart\tend\thits\nA\t0\t30\t00:00:10;00;00:00:20;15 slam\n"
    rate = FrameRate.named("29.97df")
    sheet = parse(text, frame_rate=rate)
    assert [(hit.at_s * rate.fps, hit.name) for hit in sheet.cues[0].hits] == [
        (300, ""),
        (615, "slam"),
    ]


def test_hits_of_a_list_count_from_the_start_of_their_cue():
    assert parse("name,length,hits\nA,4,1;2\n").cues[0].hits == (Hit(Fraction(1)), Hit(Fraction(2)))


def test_a_cue_runs_until_the_next_row_or_an_end():
    sheet = parse("name,start\nA,0\nB,4\nEND,6\nC,8\n=END,9\n")
    assert edges(sheet) == [("A", 0, 4), ("B", 4, 6), ("C", 8, 9)]


def test_a_bare_last_row_ends_the_cue_before():
    sheet = parse("name,start\nA,0\nFin,4\n")
    assert edges(sheet) == [("A", 0, 4)]
    assert "'Fin' is no cue" in sheet.warnings[-1].message


def test_ids_are_kept_and_names_without_one_are_numbered():
    sheet = parse("id,name,length\n,A,1\nA#2,B,1\n,A,1\nx,A,1\n")
    assert [cue.id for cue in sheet.cues] == ["A", "A#2", "A#3", "x"]


def test_a_row_without_preset_and_prompt_has_its_name_as_prompt():
    sheet = parse("name,length,preset\nslow rain,4,\nB,4,house\n")
    assert [cue.settings.prompt for cue in sheet.cues] == ["slow rain", None]


def test_a_region_list_is_read_as_it_is_exported():
    sheet = parse("#,Name,Start,End,Length,Color\nR1,Intro,0,10.5,10.5,FF0000\n")
    assert edges(sheet) == [("Intro", 0, 10.5)]


# -- anything ----------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_any_bytes_are_a_sheet_or_refused(content):
    with suppress(CueSheetError):
        assert isinstance(delimited.parse(content, SheetOptions()), CueSheet)


cells = st.sampled_from(
    ["", "A", "B", "END", "! x", "0", "1", "2.5", "-1", "1e9", "1|1", "99999|1", "00:01:00;00",
     "6/8", "0:10", "fade", "999", "=1", "\"", "x\ny", "1;2", "Am", "yes", "00:00:01:00"]
)  # fmt: skip
columns = st.lists(
    st.sampled_from(
        ["start", "end", "length", "hits", "bpm", "bars", "meter", "key", "id", "loop"]
    ),
    unique=True,
)


@given(columns, st.lists(st.lists(cells, min_size=11, max_size=11), max_size=5))
def test_any_table_is_a_sheet_or_refused(names, rows):
    header = ["name", *names]
    text = "\n".join(",".join(row[: len(header)]) for row in [header, *rows])
    with suppress(CueSheetError):
        assert parse(text).cues


def test_a_table_of_absurd_size_is_refused():
    with pytest.raises(CueSheetError, match="too many for a cue sheet"):
        delimited.parse(b"name,length\n" + b"A,1\n" * 100_001, SheetOptions())
    with pytest.raises(CueSheetError, match="too many for a cue sheet"):
        delimited.parse(bytes(encoding.MAX_BYTES + 1), SheetOptions())


def test_a_sheet_in_an_old_encoding_is_read_with_a_warning(write_sheet):
    sheet = read(write_sheet("name,length\nCafé à Zürich,4\n".encode("cp1252")))
    assert sheet.cues[0].name == "Café à Zürich"
    assert "read as cp1252" in sheet.warnings[0].message


def test_hits_of_a_cell_outside_their_cue_are_dropped_and_told():
    sheet = parse("name,start,length,hits\nA,5,2,4 early; 6 in; 7 late\n")
    assert [hit.name for hit in sheet.cues[0].hits] == ["in"]
    told = [str(warning) for warning in sheet.warnings if "hit" in warning.message]
    assert told == [
        "line 2: the hit 'early' at 4 s is outside its cue",
        "line 2: the hit 'late' at 7 s is outside its cue",
    ]


def test_a_timeline_without_tempo_is_told_and_a_list_needs_none():
    assert "set bpm in " in str(parse("name,start,length\nA,5,2\n").warnings[0])
    assert parse("name,length\nA,2\n").warnings == ()


@pytest.mark.parametrize("text", ["=1M1", "+sting", "-5 dB", "@door", "＝wide"])
def test_the_apostrophe_that_guards_a_formula_is_no_part_of_a_text(text):
    assert parse(f"name,length\n'{text},2\n").cues[0].name == text
    assert parse("name,length\n'til dawn,2\n").cues[0].name == "'til dawn"
