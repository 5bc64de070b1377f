from contextlib import suppress
from fractions import Fraction

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicgen_daw.cuesheets import SheetOptions, midi, read
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import BarPosition, CueSheet, FrameRate, Hit, Timecode

BEAT = 480


def marker(text, kind="marker"):
    return mido.MetaMessage(kind, text=text)


def end_of_track():
    return mido.MetaMessage("end_of_track")


def tempo(bpm):
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))


def meter(numerator, denominator):
    return mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator)


def edges(sheet):
    return [(cue.name, float(cue.start_s), float(cue.end_s)) for cue in sheet.cues]


def test_a_cue_runs_until_the_next_one_or_an_end_or_the_end_of_the_file(write_midi):
    path = write_midi(
        [(0, marker("A")), (2 * BEAT, marker("B")), (4 * BEAT, marker("END"))],
        [(6 * BEAT, marker("C")), (9 * BEAT, end_of_track())],
    )
    assert edges(read(path)) == [("A", 0, 1), ("B", 1, 2), ("C", 3, 4.5)]


def test_markers_and_cue_points_count_on_any_track(write_midi):
    path = write_midi(
        [(0, tempo(60))],
        [(4 * BEAT, marker("B", "cue_marker")), (8 * BEAT, end_of_track())],
        [(0, marker("A"))],
    )
    assert edges(read(path)) == [("A", 0, 4), ("B", 4, 8)]


def test_tempo_changes_on_any_track_move_what_follows(write_midi):
    path = write_midi(
        [(0, marker("A")), (8 * BEAT, marker("B")), (12 * BEAT, end_of_track())],
        [(0, tempo(120)), (4 * BEAT, tempo(60))],
    )
    sheet = read(path)
    assert edges(sheet) == [("A", 0, 6), ("B", 6, 10)]
    assert [change.us_per_beat for change in sheet.tempo_map.tempos] == [500_000, 1_000_000]


def test_positions_are_those_of_the_whole_microseconds_in_the_file(write_midi):
    path = write_midi([(0, tempo(90)), (0, marker("A")), (96 * BEAT, marker("END"))])
    assert read(path).cues[0].end_s == Fraction(96 * 666_667, 1_000_000)


def test_meter_changes_rule_lengths_in_bars(write_midi):
    path = write_midi(
        [
            (0, meter(3, 4)),
            (0, marker("A bars=2")),
            (3 * BEAT, marker("B bars=2")),
            (6 * BEAT, meter(6, 8)),
            (9 * BEAT, meter(4, 4)),
            (9 * BEAT, marker("C bars=1.5")),
        ]
    )
    assert edges(read(path)) == [("A", 0, 3), ("B", 1.5, 4.5), ("C", 4.5, 7.5)]


def test_a_meter_that_only_groups_the_bars_of_a_file_leaves_a_cue_in_their_time(write_midi):
    path = write_midi(
        [
            (0, meter(7, 8)),
            (0, tempo(120)),
            (0, marker("A bars=2")),
            (7 * BEAT, marker("B meter=3+2+2/8 bars=2")),
            (10 * BEAT, tempo(60)),
            (14 * BEAT, marker("C meter=2+3/8 bars=1")),
        ]
    )
    sheet = read(path)
    assert edges(sheet) == [("A", 0, 3.5), ("B", 3.5, 9), ("C", 9, 11.5)]
    assert sheet.cues[1].tempo_map is None
    assert sheet.cues[2].tempo_map.meters[0].groups == (2, 3)


def test_cues_with_lengths_may_overlap(write_midi):
    path = write_midi(
        [
            (0, marker("A seconds=5")),
            (2 * BEAT, marker("B beats=8")),
            (4 * BEAT, marker("C")),
            (6 * BEAT, marker("END")),
        ]
    )
    assert edges(read(path)) == [("A", 0, 5), ("B", 1, 5), ("C", 2, 3)]


def test_a_cue_with_an_end_of_its_own_runs_on_below_others(write_midi):
    path = write_midi(
        [
            (0, marker("1M1 start")),
            (2 * BEAT, marker("1M2")),
            (4 * BEAT, marker("END")),
            (8 * BEAT, marker("1m1 end")),
        ]
    )
    sheet = read(path)
    assert edges(sheet) == [("1M1", 0, 4), ("1M2", 1, 2)]
    assert sheet.warnings == ()


def test_an_end_that_names_no_cue_ends_what_runs_and_says_so(write_midi):
    sheet = read(write_midi([(0, marker("Chase")), (2 * BEAT, marker("Scene end"))]))
    assert edges(sheet) == [("Chase", 0, 1)]
    assert "no cue is called 'Scene'" in str(sheet.warnings[0])


def test_hits_belong_to_the_running_cue_that_began_last(write_midi):
    path = write_midi(
        [
            (0, marker("A seconds=4")),
            (BEAT, marker("! one")),
            (2 * BEAT, marker("B seconds=1")),
            (2 * BEAT, marker("!! two")),
            (4 * BEAT, marker("! three")),
            (12 * BEAT, marker("! lost")),
        ]
    )
    sheet = read(path)
    first, second = sheet.cues
    assert first.hits == (Hit(Fraction(1, 2), "one"), Hit(Fraction(2), "three"))
    assert second.hits == (Hit(Fraction(1), "two", important=True),)
    assert "'lost' is outside every cue" in sheet.warnings[0].message


def test_several_cues_on_one_tick_run_together(write_midi):
    path = write_midi([(0, marker("A")), (0, marker("B")), (4 * BEAT, marker("C bars=1"))])
    assert edges(read(path)) == [("A", 0, 2), ("B", 0, 2), ("C", 2, 4)]


def test_empty_markers_are_passed_over(write_midi):
    path = write_midi(
        [(0, marker("")), (0, marker("A")), (BEAT, marker("  ")), (BEAT * 2, marker("END"))]
    )
    assert edges(read(path)) == [("A", 0, 1)]


def test_a_name_used_twice_is_numbered_with_a_warning(write_midi):
    path = write_midi([(n * BEAT, marker("Riff")) for n in range(3)] + [(4 * BEAT, marker("END"))])
    sheet = read(path)
    assert [cue.id for cue in sheet.cues] == ["Riff", "Riff#2", "Riff#3"]
    assert {cue.name for cue in sheet.cues} == {"Riff"}
    assert [str(warning) for warning in sheet.warnings] == [
        "marker 'Riff' at 1|2, byte 32: 'Riff' is used already: this one is 'Riff#2'",
        "marker 'Riff' at 1|3, byte 41: 'Riff' is used already: this one is 'Riff#3'",
    ]


def test_a_bare_name_is_the_prompt_too(write_midi):
    path = write_midi(
        [(0, marker("slow rain")), (BEAT, marker("B [house]")), (BEAT * 2, marker("END"))]
    )
    first, second = read(path).cues
    assert (first.settings.prompt, second.settings.prompt) == ("slow rain", None)


def test_a_cue_with_a_tempo_of_its_own_has_a_map_of_its_own(write_midi):
    path = write_midi(
        [
            (0, tempo(120)),
            (0, meter(3, 4)),
            (0, marker("A bpm=60 bars=2")),
            (BEAT, marker("B meter=5/4 bars=1")),
        ]
    )
    own, in_five = read(path).cues
    assert own.length_s == 6
    assert own.tempo_map.tempos[0].bpm == 60
    assert own.tempo_map.bar_at(3) == BarPosition(2, Fraction(0))
    assert in_five.length_s == Fraction(5, 2)
    assert in_five.tempo_map.tempos[0].bpm == 120
    assert in_five.settings.bars is None


# -- timecode ----------------------------------------------------------------------------------


def offset(rate, hours):
    return mido.MetaMessage("smpte_offset", frame_rate=rate, hours=hours)


def test_the_smpte_offset_is_the_timecode_of_the_start(write_midi):
    path = write_midi([(0, offset(29.97, 1)), (0, marker("A bars=1"))])
    sheet = read(path)
    assert sheet.frame_rate == FrameRate.named("29.97df")
    assert str(sheet.start_timecode) == "01:00:00;00"


def test_what_the_caller_says_rules_over_the_smpte_offset(write_midi):
    path = write_midi([(0, offset(25, 1)), (0, marker("A bars=1"))])
    rate = FrameRate.named("23.976")
    assert read(path, frame_rate=rate).start_timecode == Timecode.parse("01:00:00:00", rate)
    assert str(read(path, start_timecode="10:00:00:00").start_timecode) == "10:00:00:00"


def test_without_offset_the_start_has_no_timecode(write_midi):
    sheet = read(write_midi([(0, marker("A bars=1"))]))
    assert (sheet.start_timecode, sheet.frame_rate) == (None, None)


def test_an_impossible_start_timecode_is_refused(write_midi):
    path = write_midi([(0, marker("A bars=1"))])
    with pytest.raises(CueSheetError, match="the start timecode: '1 h' is no timecode"):
        read(path, start_timecode="1 h")


# -- odd files ---------------------------------------------------------------------------------


def test_the_tracks_of_format_2_follow_one_another(write_midi):
    path = write_midi(
        [(0, marker("A")), (4 * BEAT, end_of_track())],
        [(0, marker("B", "cue_marker")), (2 * BEAT, end_of_track())],
        midi_type=2,
    )
    assert edges(read(path)) == [("A", 0, 2), ("B", 2, 3)]


def test_smpte_division_is_read_in_real_time(write_midi):
    path = write_midi([(0, marker("A")), (2500, marker("END")), (3000, marker("B seconds=1"))])
    content = bytearray(path.read_bytes())
    content[12:14] = bytes.fromhex("e7 28")  # 25 frames of 40 ticks: milliseconds
    path.write_bytes(content)
    sheet = read(path)
    assert edges(sheet) == [("A", 0, 2.5), ("B", 3, 4)]
    assert sheet.tempo_map is None


def test_impossible_tempo_meter_and_offset_are_skipped_with_their_bytes():
    meta = (
        "00 ff 51 03 000000"  # a tempo of 0
        "00 ff 51 02 0710"  # a tempo of two bytes
        "00 ff 58 04 00021808"  # a meter of 0/4
        "00 ff 54 05 3f00000000"  # an offset of 31 hours at 25: kept by no timecode
        "00 ff 54 05 2163000000"  # an offset of 99 minutes
        "00 ff 06 01 41 83 60 ff 06 03 454e44"
        "00 ff 2f 00"
    )
    body = bytes.fromhex(meta)
    content = b"MThd" + bytes.fromhex("00000006 0001 0001 01e0") + b"MTrk"
    sheet = midi.parse(content + len(body).to_bytes(4) + body, SheetOptions())
    assert edges(sheet) == [("A", 0, 0.5)]
    assert [warning.place for warning in sheet.warnings] == ["byte 23", "byte 30", "byte 36"]
    assert sheet.tempo_map.tempos[0].us_per_beat == 500_000


@pytest.mark.parametrize(
    ("text", "encoding", "warned"),
    [
        ("Türen", "utf-8", False),
        ("追跡", "cp932", True),
        ("Café à Zürich", "cp1252", True),
    ],
)
def test_texts_are_read_in_the_first_encoding_that_fits(write_midi, text, encoding, warned):
    stand_in = "x" * len(text.encode(encoding))
    path = write_midi([(0, marker(stand_in)), (BEAT, marker("END"))])
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), text.encode(encoding)))
    sheet = read(path)
    assert sheet.cues[0].name == text
    assert [f"read as {encoding}" in warning.message for warning in sheet.warnings] == [
        True
    ] * warned
    assert read(path, charset=encoding).warnings == ()


def test_a_charset_that_is_unknown_or_does_not_fit_is_refused(write_midi):
    path = write_midi([(0, marker("é")), (BEAT, marker("END"))])
    with pytest.raises(CueSheetError, match="unknown charset 'utf-7000'"):
        read(path, charset="utf-7000")
    with pytest.raises(CueSheetError, match="not ascii at byte 0"):
        read(path, charset="ascii")


def test_an_unknown_key_is_told_with_bar_beat_and_byte(write_midi):
    path = write_midi([(0, meter(6, 8)), (5 * BEAT, marker("A sead=4")), (9 * BEAT, marker("END"))])
    with pytest.raises(CueSheetError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path} marker 'A sead=4' at 2|5, byte 32: unknown key 'sead' (did you mean 'seed'?)"
    )


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([(0, tempo(90))], "has no marker"),
        ([(0, marker("! hit")), (BEAT, marker("END"))], "none of them is a cue"),
        ([(0, marker("A"))], r"'A' has no length.*END marker or bars=8"),
        ([(0, marker("A")), (BEAT, marker("B: brass"))], r"'B' has no length"),
        ([(0, marker("A seconds=86401"))], "at most a day"),
        (
            [(0, tempo(4)), (0, marker("A")), (BEAT * 500_000, marker("END"))],
            "ends after more than 100 hours",
        ),
    ],
)
def test_a_sheet_without_a_cue_or_a_length_is_refused(write_midi, events, reason):
    with pytest.raises(CueSheetError, match=reason):
        read(write_midi(events))


def test_a_bare_last_marker_with_nothing_behind_it_ends_the_cue_before(write_midi):
    sheet = read(write_midi([(0, marker("A")), (BEAT, marker("Reel out there"))]))
    assert edges(sheet) == [("A", 0, 0.5)]
    assert "add an END marker or bars=8" in sheet.warnings[0].message


@given(st.binary(max_size=400))
def test_any_bytes_are_a_sheet_or_refused(content):
    with suppress(CueSheetError):
        assert isinstance(midi.parse(content, SheetOptions()), CueSheet)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=8), st.integers(0, 500)
)
def test_a_damaged_sheet_is_read_or_refused(write_midi, damages, length):
    path = write_midi(
        [(0, tempo(90)), (0, offset(25, 1)), (0, meter(3, 4)), (0, marker("A [house]: x seed=1"))],
        [(5 * BEAT, marker("! hit")), (9 * BEAT, marker("A end")), (9 * BEAT, marker("B bars=2"))],
    )
    content = bytearray(path.read_bytes())
    for place, value in damages:
        content[place % len(content)] = value
    with suppress(CueSheetError):
        assert midi.parse(bytes(content[: max(length, 1)]), SheetOptions()).cues
