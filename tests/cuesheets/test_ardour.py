"""Sessions as Ardour writes them; what Ardour 7.3 reads them as was taken from its own Lua."""

from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, ardour, read
from musicgen_daw.errors import CueSheetError

SECOND = 282_240_000
TEMPOS = """
<Tempo npm="120" enpm="120" note-type="4" active="1" continuing="0" sclock="0" quarters="0:0"/>
<Tempo npm="90" enpm="180" note-type="4" active="1" continuing="0" quarters="8:0"/>
<Tempo npm="150" enpm="150" note-type="8" active="1" continuing="0" quarters="16:0"/>
"""
METERS = """
<Meter note-value="4" divisions-per-bar="4" quarters="0:0" bbt="1|1|0"/>
<Meter note-value="8" divisions-per-bar="6" quarters="16:0" bbt="5|1|0"/>
"""
LOCATIONS = [
    ("session", "a0", f"a{60 * SECOND}", "IsSessionRange"),
    ("1M1 Chase", f"a{SECOND}", f"a{SECOND}", "IsMark"),
    ("1M2 [house]: drone", "b30720", "b30720", "IsMark"),
    ("1M3", f"a{30 * SECOND}", f"a{45 * SECOND}", "IsRangeMarker"),
    ("Loop", "a0", f"a{SECOND}", "IsAutoLoop"),
    ("door", f"a{31 * SECOND}", f"a{31 * SECOND}", "IsMark"),
    ("credits", f"a{50 * SECOND}", "a0", "IsMark,IsCDMarker"),
]


def session(locations=LOCATIONS, tempos=TEMPOS, meters=METERS, options="", head=""):
    marks = "\n".join(
        f'<Location id="1" name="{name}" start="{start}" end="{end}" flags="{flags}"/>'
        for name, start, end, flags in locations
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Session version="7002" name="s1" sample-rate="48000" {head}>\n'
        f"<Config>{options}</Config>\n<Locations>\n{marks}\n</Locations>\n"
        f'<TempoMap superclocks-per-second="{SECOND}"><Tempos>{tempos}</Tempos>'
        f"<Meters>{meters}</Meters></TempoMap></Session>"
    )


def option(name, value):
    return f'<Option name="{name}" value="{value}"/>'


def parse(text, **options):
    return ardour.parse(text.encode(), SheetOptions(**options))


def test_marks_ranges_and_the_session_range_make_the_sheet(edges):
    (chase, second, third, last) = edges(parse(session()))
    assert chase == ("1M1 Chase", 1, second[1])
    assert third == ("1M3", 30, 45)
    assert last == ("credits", 50, 60)


def test_positions_are_those_that_ardour_reads():
    tempo_map = parse(session()).tempo_map
    read_by_ardour = {4: 96000, 8: 192000, 9: 222152, 10: 249124, 12: 295799, 14: 335261}
    read_by_ardour |= {16: 369445, 17: 407845, 18: 446245, 20: 523045}
    for quarters, samples in read_by_ardour.items():
        assert abs(float(tempo_map.seconds_at(quarters)) * 48000 - samples) < 1


def test_meters_begin_where_the_session_says():
    meters = parse(session()).tempo_map.meters
    assert [(m.at_beats, m.numerator, m.denominator) for m in meters] == [(0, 4, 4), (16, 6, 8)]


def test_plain_marks_in_a_range_are_hits_and_loops_are_nothing():
    sheet = parse(session())
    assert [hit.name for hit in sheet.cues[2].hits] == ["door"]
    assert "Loop" not in [cue.name for cue in sheet.cues]


def test_timecode_format_and_offset_are_the_start():
    offset = option("timecode-offset", 48_000 * 3600) + option("timecode-offset-negative", "1")
    sheet = parse(session(options=option("timecode-format", "timecode_25") + offset))
    assert (str(sheet.frame_rate), str(sheet.start_timecode)) == ("25", "01:00:00:00")
    assert sheet.sample_rate == 48_000


def test_an_offset_that_starts_before_midnight_and_an_unknown_rate_are_told(told):
    options = option("timecode-format", "timecode_24976") + option("timecode-offset", "9600")
    sheet = parse(session(options=options + option("timecode-offset-negative", "0")))
    assert sheet.start_timecode is None
    assert "'timecode_24976' is none that is known: say --fps" in told(sheet)[0]
    assert "say --timecode-start" in told(sheet)[1]


def test_sessions_of_ardour_6_are_in_samples_and_pulses(edges):
    tempos = (
        '<Tempo pulse="0" frame="0" beats-per-minute="60" note-type="4" clamped="1" active="yes"'
        ' end-beats-per-minute="60"/>'
        '<Tempo pulse="1" frame="192000" beats-per-minute="60" note-type="4" clamped="0" active="1"'
        ' end-beats-per-minute="60"/>'
    )
    meters = '<Meter pulse="1" frame="192000" note-type="4" divisions-per-bar="3"/>'
    marks = [("A", "48000", "48000", "IsMark"), ("session", "0", "240000", "IsSessionRange")]
    sheet = parse(session(marks, tempos, meters))
    assert edges(sheet) == [("A", 1, 5)]
    assert sheet.tempo_map.seconds_at(7) == 7
    assert sheet.tempo_map.meter_at(5).numerator == 3


def test_a_continuing_tempo_becomes_the_next_one():
    tempos = (
        '<Tempo npm="60" enpm="60" note-type="4" continuing="1" quarters="0:0"/>'
        '<Tempo npm="120" enpm="120" note-type="4" quarters="8:960"/>'
    )
    tempo_map = parse(session(tempos=tempos, meters="")).tempo_map
    assert tempo_map.tempo_at(4).bpm > 60
    assert tempo_map.tempos[-1].at_beats == Fraction(17, 2)


def test_what_is_damaged_is_left_out_and_told(told):
    tempos = '<Tempo npm="120" quarters="0:0"/><Tempo npm="x" quarters="1:0"/><Tempo npm="90"/>'
    meters = '<Meter note-value="3" divisions-per-bar="4" quarters="0:0"/>'
    marks = [("A", "a0", "a1", "IsRangeMarker"), ("B", "here", "there", "IsMark")]
    warnings = told(parse(session(marks, tempos, meters)))
    assert [w.partition(": ")[2].partition(":")[0] for w in warnings] == [
        "a tempo is left out",
        "a tempo is left out",
        "a meter is left out",
        "a location is left out",
    ]
    assert all(warning.startswith("line ") for warning in warnings)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<Session sample-rate='0'/>", "its sample-rate is '0'"),
        ("<Session/>", "its sample-rate is ''"),
        ("<Project/>", "no Ardour session"),
        ("<Session sample-rate='48000'>", "no well-formed XML"),
        ("<Session sample-rate='48000'/>", "the session has no marker"),
    ],
)
def test_what_is_no_session_is_refused(text, reason):
    with pytest.raises(CueSheetError, match=reason):
        parse(text)


def test_a_session_is_found_by_content(write_sheet):
    assert read(write_sheet(session(), "session.bak")).cues[0].name == "1M1 Chase"
