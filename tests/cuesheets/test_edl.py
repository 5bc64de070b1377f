from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, edl
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import FrameRate, Hit


def options(fps="25", start="01:00:00:00", **more):
    return SheetOptions(
        title="reel",
        frame_rate=fps and FrameRate.named(fps),
        start_timecode=start,
        **more,
    )


def read(*lines, asked=None):
    return edl.parse("\r\n".join(lines).encode(), asked or options())


def edges(sheet):
    return [(cue.name, float(cue.start_s), float(cue.end_s)) for cue in sheet.cues]


def event(number, record_in, record_out, reel="001", track="V"):
    return f"{number:03}  {reel} {track} C  00:00:00:00 00:00:01:00 {record_in} {record_out}"


RESOLVE = (
    "TITLE: Timeline 1",
    "FCM: NON-DROP FRAME",
    "",
    event(1, "01:00:10:00", "01:00:10:01"),
    "brass, fast |C:ResolveColorBlue |M:1M1 Chase |D:100",
    "",
    event(2, "01:00:11:00", "01:00:11:01"),
    " |C:ResolveColorRed |M:!! slam |D:1",
    "",
)


def test_a_marker_of_resolve_is_a_region_of_its_length_and_its_note_the_prompt():
    sheet = read(*RESOLVE)
    (cue,) = sheet.cues
    assert edges(sheet) == [("1M1 Chase", 10, 14)]
    assert (cue.settings.prompt, cue.place) == ("brass, fast", "line 5")
    assert cue.hits == (Hit(Fraction(11), "slam", True),)


def test_markers_of_one_frame_are_moments():
    sheet = read(
        event(1, "01:00:01:00", "01:00:01:01"),
        " |C:ResolveColorBlue |M:A |D:1",
        event(2, "01:00:03:00", "01:00:03:01"),
        " |C:ResolveColorBlue |M:B bars=2 |D:1",
    )
    assert edges(sheet) == [("A", 1, 3), ("B", 3, 7)]


def test_locators_of_avid_are_moments_and_the_last_edit_ends_the_sheet():
    sheet = read(
        "* LOC: 01:00:00:00 GREEN   Opening",
        event(1, "01:00:00:00", "01:00:20:00"),
        "* LOC: 01:00:10:12 RED     1M2 Door",
        event(2, "01:00:00:00", "01:00:20:00", track="A"),
        "* LOC: 01:00:10:12 RED     1M2 Door",
    )
    assert edges(sheet) == [("Opening", 0, 10.48), ("1M2 Door", 10.48, 20)]


def test_without_markers_the_edits_are_the_cues():
    sheet = read(
        event(1, "01:00:02:00", "01:00:05:00", reel="AX"),
        "* FROM CLIP NAME: 1M1 Chase",
        event(2, "01:00:05:00", "01:00:06:00", reel="BL"),
        event(3, "01:00:06:00", "01:00:06:00", reel="AX"),
        event(4, "01:00:06:00", "01:00:09:00", reel="1M2"),
        event(5, "01:00:06:00", "01:00:09:00", reel="1M2", track="A2"),
    )
    assert edges(sheet) == [("1M1 Chase", 2, 5), ("1M2", 6, 9)]
    assert "no markers, so its 2 edits are the cues" in str(sheet.warnings[0])


@pytest.mark.parametrize(
    ("mode", "hint"),
    [("", "--fps 25"), ("FCM: DROP FRAME", "only that frames are dropped.*29.97df")],
)
def test_the_frame_rate_is_asked_for(mode, hint):
    with pytest.raises(CueSheetError, match=f"tells no frame rate.*{hint}"):
        read(mode, *RESOLVE[3:], asked=options(fps=None, start=None))


def test_drop_frame_labels_are_counted_as_frames():
    sheet = read(
        "FCM: DROP FRAME",
        event(1, "00:01:00;02", "00:01:00;03"),
        "|C:ResolveColorBlue |M:A |D:30",
        asked=options("29.97df", start=None),
    )
    assert sheet.cues[0].start_s == Fraction(1800 * 1001, 30_000)
    assert sheet.cues[0].length_s == Fraction(1001, 1000)


def test_pulled_down_rates_are_read_in_real_seconds():
    sheet = read(*RESOLVE, asked=options("23.976"))
    assert sheet.cues[0].start_s == Fraction(240 * 1001, 24_000)


def test_a_rate_that_drops_where_the_list_does_not_is_told():
    sheet = read(*RESOLVE, asked=options("29.97df"))
    assert "says non-drop frame, but it is read at 29.97df" in str(sheet.warnings[0])


def test_fields_parted_by_other_signs_are_read():
    sheet = read(event(1, "01.00.01.00", "01.00.05.00", reel="A"))
    assert edges(sheet) == [("A", 1, 5)]


def test_times_hours_in_ask_where_the_timeline_begins():
    sheet = read(*RESOLVE, asked=options(start=None))
    assert edges(sheet) == [("1M1 Chase", 3610, 3614)]
    assert any("--timecode-start 01:00:00:00" in str(warning) for warning in sheet.warnings)


def test_what_is_before_the_start_is_left_out():
    sheet = read(*RESOLVE, event(3, "00:59:00:00", "00:59:01:00"), "|M:early |D:1")
    assert [cue.name for cue in sheet.cues] == ["1M1 Chase"]
    assert "'early' is before the start" in str(sheet.warnings[0])


def test_an_impossible_timecode_is_told_with_its_line():
    with pytest.raises(CueSheetError, match="no timecode at 25 frames") as caught:
        read(event(1, "01:00:00:25", "01:00:01:00"), "|M:A |D:2")
    assert caught.value.place == "line 1"


def test_a_note_that_is_no_prompt_is_left_out_with_a_warning():
    sheet = read(event(1, "01:00:00:00", "01:00:00:01"), "fix = this |C:x |M:A |D:25")
    assert (sheet.cues[0].settings.prompt, sheet.cues[0].name) == ("A", "A")
    assert "the comment is no prompt" in str(sheet.warnings[0])


@pytest.mark.parametrize("text", ["", "TITLE: x", "TITLE: x\n* LOC: nowhere"])
def test_a_list_of_nothing_has_no_marker(text):
    with pytest.raises(CueSheetError, match="has no marker"):
        read(text)
