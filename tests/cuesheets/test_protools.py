from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, protools
from musicgen_daw.cuesheets.sidecar import parse as parse_toml
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import FrameRate

HEAD = """SESSION NAME:\tReel 1
SAMPLE RATE:\t48000.000000
BIT DEPTH:\t24-bit
SESSION START TIMECODE:\t00:59:50:00
TIMECODE FORMAT:\t{format}
# OF AUDIO TRACKS:\t0


T R A C K  L I S T I N G
"""
LISTING = "M A R K E R S  L I S T I N G\n"
SIX = "\t".join(
    [
        "#   ",
        f"{'LOCATION':<13}",
        f"{'TIME REFERENCE':<18}",
        f"{'UNITS':<9}",
        f"{'NAME':<33}",
        "COMMENTS\n",
    ]
)
EIGHT = SIX.replace("\tCOMMENTS", "\tTRACK NAME                       \tTRACK TYPE   \tCOMMENTS")


def row(number, reference, name, *rest, location="01:00:00:00", units="Samples"):
    cells = (f"{number:<4}", f"{location:<13}", f"{reference:<18}", f"{units:<9}", f"{name:<33}")
    return "\t".join([*cells, *(rest or [""])]) + "\n"


def text(*rows, header=SIX, timecode_format="24 Frame"):
    return HEAD.format(format=timecode_format) + LISTING + header + "".join(rows)


def read(*rows, options=None, charset="utf-8", **more):
    content = text(*rows, **more).encode(charset)
    return protools.parse(content, options or SheetOptions(title="reel"))


def edges(sheet):
    return [(cue.name, float(cue.start_s), float(cue.end_s)) for cue in sheet.cues]


END = row(99, 4_800_000, "END")


def test_markers_are_read_from_their_samples():
    sheet = read(row(1, 480_001, "A"), row(2, 960_000, "B"), END)
    assert sheet.cues[0].start_s == Fraction(480_001, 48_000)
    assert edges(sheet)[1] == ("B", 20, 100)
    assert sheet.cues[0].place == "line 12"


def test_the_session_tells_its_rate_its_start_and_its_frame_rate():
    sheet = read(row(1, 0, "A"), END)
    assert (sheet.sample_rate, sheet.frame_rate.name) == (48_000, "24")
    assert str(sheet.start_timecode) == "00:59:50:00"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        *(("23.976 Frame", "23.976"), ("25 Frame", "25"), ("29.97 Frame", "29.97")),
        *(("29.97 Drop Frame", "29.97df"), ("30 Drop Frame", "30df"), ("60 Frame", "60")),
    ],
)
def test_every_timecode_format_is_a_frame_rate(told, name):
    assert read(row(1, 0, "A"), END, timecode_format=told).frame_rate == FrameRate.named(name)


def test_an_unknown_timecode_format_is_left_out_with_its_line():
    sheet = read(row(1, 0, "A"), END, timecode_format="Feet+Frames")
    assert (sheet.frame_rate, sheet.start_timecode) == (None, None)
    assert str(sheet.warnings[0]).startswith("line 5: TIMECODE FORMAT is left out")


def test_a_comment_is_the_prompt_of_a_plain_name():
    sheet = read(
        row(1, 0, "A", "brass stabs"),
        row(2, 48_000, "B: strings", "ask the director"),
        row(3, 96_000, "! slam", "louder"),
        row(4, 144_000, "C", "[tense] seed=3"),
        END,
    )
    a, b, c = sheet.cues
    assert (a.settings.prompt, b.settings.prompt) == ("brass stabs", "strings")
    assert (c.settings.preset, c.settings.seed) == ("tense", 3)
    assert [hit.name for hit in b.hits] == ["slam"]


def test_the_last_marker_ends_the_one_before_even_with_a_comment():
    sheet = read(row(1, 0, "A"), row(2, 48_000, "B", "the end"))
    assert edges(sheet) == [("A", 0, 1)]
    assert edges(read(row(1, 0, "A"), row(2, 48_000, "B", "seconds=2"))) == [
        ("A", 0, 1),
        ("B", 1, 3),
    ]


def test_the_columns_of_rulers_and_tracks_since_2023_12_are_no_comment():
    sheet = read(
        row(1, 0, "A", f"{'Markers':<33}", f"{'Ruler':<33}", "brass"),
        row(2, 48_000, "! slam", f"{'Audio 1':<33}", f"{'Track':<33}", ""),
        END,
        header=EIGHT,
    )
    assert sheet.cues[0].settings.prompt == "brass"
    assert [hit.name for hit in sheet.cues[0].hits] == ["slam"]


def test_names_and_comments_hold_tabs_and_line_ends():
    blank = "\t".join([" " * 4, " " * 13, " " * 18, " " * 9, " " * 33])
    sheet = read(
        row(1, 0, "Two\nlines"),
        row(2, 48_000, "One tab\there", "brass\tand strings"),
        row(3, 96_000, "Plain", "first line\n" + blank + "\tsecond line"),
        row(4, 144_000, "A name that is longer than its column", "drums"),
        END,
    )
    assert [(cue.name, cue.settings.prompt) for cue in sheet.cues] == [
        ("Two lines", "Two lines"),
        ("One tab here", "brass and strings"),
        ("Plain", "first line second line"),
        ("A name that is longer than its column", "drums"),
    ]


def test_line_ends_of_every_system_are_read():
    content = text(row(1, 0, "Two\nlines"), END)
    for end in ("\r\n", "\r"):
        sheet = protools.parse(content.replace("\n", end).encode(), SheetOptions())
        assert edges(sheet) == [("Two lines", 0, 100)]


@pytest.mark.parametrize(
    ("location", "at_s"),
    [("01:00:02:12", 12.5), ("0:12.500", 12.5), ("600000", 12.5), ("3|2|480", 7.75)],
)
def test_a_marker_on_the_grid_is_read_where_its_location_says(location, at_s):
    options = parse_toml('tempo = 60\nmeter = "3/4"\n')
    sheet = read(row(1, 0, "A", location=location, units="Ticks"), END, options=options)
    # 3|2|480 is the middle of the second beat of the third bar: 7.5 beats of a second each.
    assert float(sheet.cues[0].start_s) == (7.5 if "|" in location else at_s)


def test_bars_without_a_tempo_ask_for_one():
    with pytest.raises(CueSheetError, match=r"set bpm = 120 in reel\.toml") as caught:
        read(row(1, 0, "A", location="3|1|000", units="Ticks"), END)
    assert caught.value.place == "line 12"


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman", "cp932"]
)
def test_each_encoding_that_pro_tools_writes_is_read(charset):
    name = "追跡シーン" if charset == "cp932" else "Café – Jürgen’s"
    assert read(row(1, 0, name), END, charset=charset).cues[0].name == name


def test_text_of_a_mac_is_not_taken_for_half_width_katakana():
    sheet = read(row(1, 0, "Wait…"), row(2, 48_000, "Right’s"), END, charset="mac_roman")
    assert [cue.name for cue in sheet.cues] == ["Wait…", "Right’s"]
    assert "read as mac_roman" in str(sheet.warnings[0])


def test_a_charset_that_is_said_rules():
    options = SheetOptions(charset="mac_roman")
    assert read(row(1, 0, "é"), END, charset="mac_roman", options=options).cues[0].name == "é"


@pytest.mark.parametrize(
    "content", [b"", b"SESSION NAME:\tx\n", LISTING.encode(), (LISTING + SIX).encode()]
)
def test_a_session_without_markers_has_no_cue(content):
    with pytest.raises(CueSheetError, match="has no marker"):
        protools.parse(content, SheetOptions())


def test_samples_without_a_rate_are_refused_with_the_line():
    with pytest.raises(CueSheetError, match="tells no SAMPLE RATE") as caught:
        protools.parse((LISTING + SIX + row(1, 5, "A")).encode(), SheetOptions())
    assert caught.value.place == "line 3"
