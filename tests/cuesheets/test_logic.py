from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, logic, read
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import CueSettings, FrameRate, Meter

TIMECODES = (
    "🔒\t 01:00:20:16.00\t 1M1 Chase: brass stabs\t 00:00:00:00.01\t\n"
    "🔒\t 01:00:25:05.40\t 1M2\t 00:00:10:00.00\t\n"
    "\t 01:00:27:05.00\t door\t 00:00:00:00.01\t\n"
)
BARS = "17 1 1 1\tVerse\t8 0 0 0\t\n25 3 2 121\tSting\t0 1 2 0\t\n40 1 1 1\tend\t0 0 0 1\n"


def parse(text, **options):
    return logic.parse(text.encode(), SheetOptions(**options))


def test_timecode_is_read_with_its_eightieths(edges):
    sheet = parse(TIMECODES, frame_rate=FrameRate.named("25"), start_timecode="01:00:00:00")
    assert edges(sheet) == [("1M1 Chase", 20.64, 25.22), ("1M2", 25.22, 35.22)]
    assert [(hit.name, float(hit.at_s)) for hit in sheet.cues[1].hits] == [("door", 27.2)]
    assert sheet.cues[0].place == "line 1"
    assert str(sheet.start_timecode) == "01:00:00:00"


def test_the_frame_rate_is_asked_for():
    with pytest.raises(CueSheetError, match="no frame rate: say --fps 25") as caught:
        parse(TIMECODES)
    assert caught.value.place == "line 1"


def test_bars_beats_divisions_and_ticks_are_read(edges):
    sheet = parse(BARS, defaults=CueSettings(bpm=Fraction(120)))
    sting_s = 24 * 2 + 1 + 0.125 + 0.0625
    assert edges(sheet) == [("Verse", 32, 48), ("Sting", sting_s, sting_s + 0.75)]


def test_positions_with_dots_and_other_meters_are_read(edges):
    defaults = CueSettings(bpm=Fraction(60), meter=Meter(6, 8))
    assert edges(parse("2.4.1.1\tA\t1.0.0.0\n", defaults=defaults)) == [("A", 4.5, 7.5)]


def test_the_tempo_of_bars_is_asked_for():
    with pytest.raises(CueSheetError, match="no tempo, which its bars need") as caught:
        parse(BARS)
    assert caught.value.place == "line 1"


@pytest.mark.parametrize("position", ["1 5 1 1", "1 1 0 1"])
def test_a_place_that_no_bar_has_is_refused(position):
    with pytest.raises(CueSheetError) as caught:
        parse(f"{position}\tA\t1 0 0 0", defaults=CueSettings(bpm=Fraction(120)))
    assert caught.value.place == "line 1"


def test_markers_before_the_first_bar_are_left_out_and_told(edges, told):
    text = "\n-3 1 1 1\tcount-in\t1 0 0 0\n1 1 1 1\tA\t1 0 0 0\n"
    sheet = parse(text, defaults=CueSettings(bpm=Fraction(120)))
    assert edges(sheet) == [("A", 0, 2)]
    assert "line 2: 'count-in' is before the start: left out" in told(sheet)


def test_lines_that_are_no_markers_are_left_out_and_told(told):
    sheet = parse("17 1 1 1\tA\t1 0 0 0\nLocators\n", defaults=CueSettings(bpm=Fraction(120)))
    assert told(sheet)[0].startswith("line 2: no marker")


def test_a_pasted_list_is_found_by_content(write_sheet):
    path = write_sheet(TIMECODES, "markers.txt")
    assert read(path, frame_rate=FrameRate.named("24")).cues[0].name == "1M1 Chase"
