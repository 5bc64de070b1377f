from fractions import Fraction

import pytest

from musicgen_daw.cuesheets.marks import MAX_MARKS, FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import SheetOptions
from musicgen_daw.errors import CueSheetError
from musicgen_daw.settings import Settings
from musicgen_daw.timeline import FrameRate, Hit, TempoMap

TEMPO = TempoMap.constant(120)


def mark(at, text, end=None):
    end_s = None if end is None else Fraction(end)
    return Mark(Fraction(at), text, f"at {at}", end_s)


def sheet(*marks, facts=None, **options):
    facts = facts or FileFacts(TEMPO)
    return sheet_of(marks, SheetOptions(**options), facts, (), file="the file")


def test_regions_are_cues_and_names_inside_them_are_hits(edges):
    read = sheet(mark(0, "1M1", 10), mark(4, "door"), mark(5, "!! crash"), mark(10, "1M2"))
    assert edges(read) == [("1M1", 0, 10)]
    assert read.cues[0].hits == (Hit(Fraction(4), "door"), Hit(Fraction(5), "crash", True))


def test_a_marker_inside_a_region_is_a_cue_where_it_says_more_than_a_name(edges):
    read = sheet(mark(0, "bed", 10), mark(4, "sting [house]: brass bars=1"))
    assert edges(read) == [("bed", 0, 10), ("sting", 4, 6)]


def test_markers_outside_of_regions_begin_cues(edges):
    read = sheet(mark(0, "A"), mark(2, "B", 6), mark(6, "C"), mark(9, "END"))
    assert edges(read) == [("A", 0, 2), ("B", 2, 6), ("C", 6, 9)]


def test_a_short_region_in_a_long_one_does_not_hide_that_the_long_one_goes_on():
    read = sheet(mark(0, "long", 20), mark(1, "short", 2), mark(15, "door"))
    assert [hit.name for hit in read.cues[0].hits] == ["door"]


def test_a_region_without_length_is_a_marker(edges):
    assert edges(sheet(mark(0, "A", 0), mark(4, "B", 3), mark(6, "END"))) == [
        ("A", 0, 4),
        ("B", 4, 6),
    ]


def test_what_is_no_moment_of_the_sheet_is_left_out_and_told(edges, told):
    read = sheet(mark(-1, "early"), mark(0, "A", 1), mark(2, "", 3), mark(4, " "), mark(10**6, "Z"))
    assert edges(read) == [("A", 0, 1)]
    assert told(read) == [
        "at -1: 'early' is before the start: left out",
        "at 2: a region without a name is left out",
        "at 1000000: 'Z' is after 100 hours: left out",
    ]


def test_a_file_without_markers_is_refused_with_a_hint():
    with pytest.raises(CueSheetError, match="the file has no marker: name each cue"):
        sheet()
    with pytest.raises(CueSheetError, match="has markers, but none of them is a cue"):
        sheet(mark(0, "! bang"))


def test_an_absurd_number_of_markers_is_refused():
    with pytest.raises(CueSheetError, match=f"more than {MAX_MARKS} markers"):
        sheet(*[mark(0, "A")] * (MAX_MARKS + 1))


def test_a_text_that_cannot_be_meant_is_refused_with_its_place():
    with pytest.raises(CueSheetError, match=r"unknown key 'barz' \(did you mean 'bars'") as caught:
        sheet(mark(3, "A barz=4"))
    assert caught.value.place == "at 3"


# -- what the file tells -----------------------------------------------------------------------


def test_the_end_of_the_file_ends_the_last_cue(edges):
    assert edges(sheet(mark(1, "A"), facts=FileFacts(TEMPO, end_s=Fraction(9)))) == [("A", 1, 9)]


def test_options_rule_over_what_the_file_tells():
    facts = FileFacts(TEMPO, FrameRate.named("24"), Fraction(3600), sample_rate=44_100)
    read = sheet(mark(0, "A", 1), facts=facts)
    assert (str(read.frame_rate), str(read.start_timecode)) == ("24", "01:00:00:00")
    assert read.sample_rate == 44_100
    read = sheet(
        mark(0, "A", 1),
        facts=facts,
        frame_rate=FrameRate.named("25"),
        start_timecode="02:00:00:00",
        sample_rate=48_000,
    )
    assert (str(read.frame_rate), str(read.start_timecode)) == ("25", "02:00:00:00")
    assert read.sample_rate == 48_000


def test_settings_speak_where_the_file_tells_no_timecode():
    settings = Settings(fps="30", timecode_start="01:00:00:00")
    read = sheet(mark(0, "A", 1), settings=settings)
    assert (str(read.frame_rate), str(read.start_timecode)) == ("30", "01:00:00:00")
    told = FileFacts(TEMPO, FrameRate.named("24"), Fraction(7200))
    read = sheet(mark(0, "A", 1), settings=settings, facts=told)
    assert (str(read.frame_rate), str(read.start_timecode)) == ("24", "02:00:00:00")


def test_a_start_between_video_frames_is_put_on_the_nearest_and_told(told):
    facts = FileFacts(TEMPO, FrameRate.named("25"), Fraction("3600.03"))
    read = sheet(mark(0, "A", 1), facts=facts)
    assert str(read.start_timecode) == "01:00:00:01"
    assert "starts 10.0 ms off the video frame 01:00:00:01" in told(read)[0]


def test_an_impossible_start_or_sample_rate_is_no_part_of_the_sheet(told):
    facts = FileFacts(TEMPO, None, Fraction(-1), sample_rate=3)
    read = sheet(mark(0, "A", 1), facts=facts)
    assert (read.start_timecode, read.sample_rate) == (None, None)
    assert "say --timecode-start" in told(read)[0]


def test_a_file_without_tempo_is_told_to_have_none(told):
    read = sheet(mark(0, "A", 1), facts=FileFacts(), title="reel")
    assert read.tempo_map is None
    assert "set bpm in reel.toml" in told(read)[0]


def test_a_region_whose_name_ends_like_an_end_is_a_cue():
    marks = [Mark(Fraction(1), "Way out", "line 1", Fraction(4))]
    sheet = sheet_of(marks, SheetOptions(), FileFacts(), (), file="the file")
    assert [(cue.name, cue.start_s, cue.end_s) for cue in sheet.cues] == [("Way out", 1, 4)]


def commented(*marks, end_s=None):
    found = [Mark(Fraction(at_s), name, "line 1", None, comment) for at_s, name, comment in marks]
    sheet = sheet_of(found, SheetOptions(), FileFacts(end_s=end_s), (), file="the file")
    return [(cue.name, cue.settings.prompt, cue.end_s) for cue in sheet.cues], sheet.warnings


def test_a_comment_is_the_prompt_of_a_name_and_the_text_of_a_marker_without_one():
    cues, _ = commented(
        (0, "A", "brass"), (1, "", "B: strings"), (2, "C: drums", "no"), (3, "END", "")
    )
    assert cues == [("A", "brass", 1), ("B", "strings", 2), ("C", "drums", 3)]


def test_a_comment_on_the_last_name_makes_a_cue_only_with_a_length():
    assert commented((0, "A", ""), (1, "B", "the end"))[0] == [("A", "A", 1)]
    assert commented((0, "A", ""), (1, "B", "seconds=2"))[0][1] == ("B", None, 3)
    assert commented((0, "A", "brass"), end_s=Fraction(9))[0] == [("A", "brass", 9)]


def test_a_comment_that_is_a_note_to_somebody_is_left_out_with_a_warning():
    cues, warnings = commented((0, "A", "gain = 3"), (1, "END", ""))
    assert cues == [("A", "A", 1)]
    assert "the comment is no prompt" in warnings[0].message
