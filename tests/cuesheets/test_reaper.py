from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, reaper
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import BarPosition, FrameRate, Hit

HEAD = '<REAPER_PROJECT 0.1 "7.09/linux-x86_64" 1700000000\n'


def read(*lines, options=None):
    content = HEAD + "".join(f"  {line}\n" for line in lines) + ">\n"
    return reaper.parse(content.encode(), options or SheetOptions(title="reel"))


def edges(sheet):
    return [(cue.name, float(cue.start_s), float(cue.end_s)) for cue in sheet.cues]


def messages(sheet):
    return [str(warning) for warning in sheet.warnings]


TEMPO = "TEMPO 120 4 4"
REGION = ('MARKER 1 10.5 "1M1 Chase [action]: brass  seed=3" 1 0 1 R {AAAA} 0', 'MARKER 1 42 "" 1')


def test_a_region_is_a_cue_with_its_own_end():
    sheet = read(TEMPO, *REGION)
    (cue,) = sheet.cues
    assert edges(sheet) == [("1M1 Chase", 10.5, 42)]
    assert (cue.settings.preset, cue.settings.prompt, cue.settings.seed) == ("action", "brass", 3)
    assert cue.place == "line 3"


def test_positions_are_exactly_those_of_the_file():
    sheet = read(TEMPO, "MARKER 1 0.1 A 1 0 1 R", "MARKER 1 21.33333333333333 '' 1")
    assert sheet.cues[0].start_s == Fraction(1, 10)
    assert sheet.cues[0].end_s == Fraction("21.33333333333333")


def test_a_marker_and_a_region_may_have_one_number_and_stand_in_any_order():
    sheet = read(
        TEMPO,
        'MARKER 1 0.25 "A" 1 0 1 R {A} 0',
        'MARKER 1 5.25 "! door" 0 0 1 R {B} 0',
        'MARKER 2 20.5 "B" 1 33489152 1 R {C} 0',
        'MARKER 1 17.5 "" 1',
        'MARKER 2 22.5 "" 1',
        "MARKER 3 9.75 '' 0 0 1 R {D} 0",
    )
    assert edges(sheet) == [("A", 0.25, 17.5), ("B", 20.5, 22.5)]
    assert sheet.cues[0].hits == (Hit(Fraction("5.25"), "door"),)


def test_without_regions_markers_are_cues_and_reapers_own_markers_bound_them():
    sheet = read(
        TEMPO,
        "MARKER 0 0 =START 0",
        "MARKER 1 1 A 0",
        'MARKER 2 3 "B bars=1" 0',
        "MARKER 3 5 C 0",
        "MARKER 4 8 =END 0",
    )
    assert edges(sheet) == [("A", 1, 3), ("B", 3, 5), ("C", 5, 8)]


def test_a_plain_marker_inside_a_region_is_a_hit_and_one_outside_a_cue():
    sheet = read(TEMPO, *REGION, "MARKER 2 12 slam 0", "MARKER 3 50 Coda 0", "MARKER 4 60 END 0")
    assert edges(sheet) == [("1M1 Chase", 10.5, 42), ("Coda", 50, 60)]
    assert [hit.name for hit in sheet.cues[0].hits] == ["slam"]


def test_a_region_without_a_name_is_called_by_its_number():
    assert edges(read(TEMPO, 'MARKER 7 1 "" 1', 'MARKER 7 2 "" 1')) == [("Region 7", 1, 2)]


def test_a_region_that_never_ends_is_a_marker_with_a_warning():
    sheet = read(TEMPO, "MARKER 1 1 A 1", "MARKER 2 4 END 0")
    assert edges(sheet) == [("A", 1, 4)]
    assert messages(sheet)[0].startswith("line 3: the region 'A' has no second line")


@pytest.mark.parametrize(
    ("written", "name"),
    [("'say \"hi\"'", 'say "hi"'), ('`it\'s "x"`', 'it\'s "x"'), ("Chase", "Chase")],
)
def test_names_in_every_kind_of_quote_are_read(written, name):
    assert read(TEMPO, f"MARKER 1 1 {written} 1", 'MARKER 1 2 "" 1').cues[0].name == name


def test_the_projects_tempo_and_meter_are_the_map():
    sheet = read("TEMPO 90 6 8", "MARKER 1 1 A 1", "MARKER 1 2 x 1")
    assert sheet.tempo_map.tempos[0].us_per_beat == 666_667
    assert (sheet.tempo_map.meters[0].numerator, sheet.tempo_map.meters[0].denominator) == (6, 8)


def test_square_points_are_steps_on_the_bar_lines_that_reaper_rounds():
    sheet = read(
        TEMPO,
        "<TEMPOENVEX",
        "PT 0.000000000000 90.0000000000 1 262148 0 1",
        "PT 21.333333333333 130.0000000000 1 262147 0 1",
        "PT 22.717948717948 70.0000000000 1",
        ">",
        *REGION,
    )
    beats = [change.at_beats for change in sheet.tempo_map.tempos]
    assert beats == [0, 32, 35]
    assert [us.us_per_beat for us in sheet.tempo_map.tempos] == [666_667, 461_538, 857_143]
    assert [(m.at_beats, m.numerator) for m in sheet.tempo_map.meters] == [(0, 4), (32, 3)]
    assert sheet.tempo_map.bar_at(35) == BarPosition(10, 0)


def test_a_linear_point_grows_evenly_with_time_to_the_next():
    sheet = read(
        TEMPO,
        "<TEMPOENVEX",
        "PT 0 60 0 262148",
        "PT 10 120 1",
        ">",
        *REGION,
    )
    tempo_map = sheet.tempo_map
    # 10 s at 90 bpm on average are 15 beats; after 5 s it is 75 bpm on average.
    assert tempo_map.tempos[-1].at_beats == 15
    assert float(tempo_map.seconds_at(15)) == pytest.approx(10, abs=1e-6)
    assert float(tempo_map.seconds_at(Fraction(25, 4))) == pytest.approx(5, abs=1e-6)
    assert len(tempo_map.tempos) == 61
    bpm = [float(change.bpm) for change in tempo_map.tempos]
    assert bpm == sorted(bpm)
    assert (60.5 < bpm[0] < 61, bpm[-1]) == (True, 120)


def test_the_start_of_the_project_is_the_timecode_of_second_zero():
    sheet = read("PROJOFFS 3600 0 0", "TIMEMODE 1 5 -1 25 0 0 -1", TEMPO, *REGION)
    assert str(sheet.start_timecode) == "01:00:00:00"
    assert sheet.frame_rate == FrameRate.named("25")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        *(("24 2", "23.976"), ("24 0", "24"), ("25 0", "25"), ("30 1", "29.97df")),
        *(("30 2", "29.97"), ("30 0", "30"), ("48 0", "48"), ("60 0", "60")),
    ],
)
def test_the_frame_rate_is_the_projects(fields, name):
    sheet = read(f"TIMEMODE 1 5 -1 {fields} 0 -1", TEMPO, *REGION)
    assert sheet.frame_rate == FrameRate.named(name)


def test_a_frame_rate_that_timecode_does_not_have_is_none():
    assert read("TIMEMODE 1 5 -1 75 0 0 -1", TEMPO, *REGION).frame_rate is None


def test_a_start_without_a_frame_rate_is_asked_for():
    with pytest.raises(CueSheetError, match=r"tells no frame rate.*say --fps"):
        read("PROJOFFS 3600 0 0", TEMPO, *REGION)


def test_what_is_said_outside_of_the_project_rules():
    options = SheetOptions(
        title="reel", frame_rate=FrameRate.named("24"), start_timecode="10:00:00:00"
    )
    sheet = read("PROJOFFS 3600 0 0", "TIMEMODE 1 5 -1 25 0 0 -1", TEMPO, *REGION, options=options)
    assert (str(sheet.start_timecode), sheet.frame_rate.name) == ("10:00:00:00", "24")


def test_moved_bar_numbers_are_told():
    assert (
        "REAPER's bar numbers are moved by -2"
        in messages(read("PROJOFFS 0 -2 0", TEMPO, *REGION))[0]
    )


def test_the_sample_rate_counts_only_where_the_project_uses_it():
    assert read("SAMPLERATE 96000 1 0", TEMPO, *REGION).sample_rate == 96_000
    assert read("SAMPLERATE 44100 0 0", TEMPO, *REGION).sample_rate is None


def test_markers_inside_of_tracks_are_not_the_projects():
    sheet = read(TEMPO, "<TRACK {A}", "MARKER 9 1 Wrong 0", ">", *REGION)
    assert [cue.name for cue in sheet.cues] == ["1M1 Chase"]


def test_impossible_tempos_and_markers_are_left_out_with_their_line():
    sheet = read("TEMPO -4 4 4", "MARKER 5 nan x 0", *REGION)
    assert [text.partition(":")[0] for text in messages(sheet)][:2] == ["line 2", "line 3"]
    assert sheet.tempo_map is None


def test_an_unknown_key_is_told_with_its_line():
    with pytest.raises(CueSheetError, match="unknown key 'sed'") as caught:
        read(TEMPO, 'MARKER 1 1 "A sed=1" 1', 'MARKER 1 2 "" 1')
    assert caught.value.place == "line 3"


def test_a_project_that_is_cut_short_is_read_as_far_as_it_goes():
    content = (HEAD + "\n".join(REGION) + "\n<TRACK\n NAME x").encode()
    sheet = reaper.parse(content, SheetOptions())
    assert edges(sheet) == [("1M1 Chase", 10.5, 42)]
    assert "cut short" in messages(sheet)[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (HEAD.encode() + b">", "has no marker"),
        (b"<TRACK\n  NAME x\n>", "only a 'TRACK' block"),
        (b"TEMPO 120 4 4", "does not begin with a block"),
    ],
)
def test_what_is_no_project_is_refused(content, reason):
    with pytest.raises(CueSheetError, match=reason):
        reaper.parse(content, SheetOptions())


def test_endless_ramps_are_refused():
    with pytest.raises(CueSheetError, match="too long to be read as sixteenths") as caught:
        read(TEMPO, "<TEMPOENVEX", "PT 0 60 0", "PT 300000 61 1", ">", *REGION)
    assert caught.value.place == "line 4"


def test_thousands_of_markers_and_tempo_changes_are_read():
    points = [f"PT {2 * n} {120 + n % 2} 1" for n in range(500)]
    markers = [f'MARKER {n} {n}.5 "! h{n}" 0' for n in range(2000)]
    sheet = read(
        TEMPO, "<TEMPOENVEX", *points, ">", "MARKER 0 0 A 1", "MARKER 0 3000 x 1", *markers
    )
    assert len(sheet.cues[0].hits) == 2000
    assert len(sheet.tempo_map.tempos) == 500
