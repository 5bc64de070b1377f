"""Files that other programs wrote; they are looked for beside the checkout."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from musicgen_daw.cuesheets import read
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import smf

BESIDE = Path(__file__).parents[2].parent / "shared" / "samples"
FIELD = Path(os.environ.get("MUSICGEN_DAW_FIELD_SAMPLES", BESIDE))
SAMPLES = FIELD / "midi"
SESSIONS = FIELD / "protools"
CUBASE = FIELD / "cubase"

pytestmark = pytest.mark.skipif(not FIELD.is_dir(), reason=f"no field samples in {FIELD}")

TRACK_TICKS = {
    "jazzsoft_test-2-tracks-type-2.mid": (864, 864),
    "jazzsoft_test-corrupt-file-missing-byte.mid": (768,),
    "jazzsoft_test-karaoke-kar.mid": (0, 1400, 1590),
    "jazzsoft_test-non-midi-track.mid": (768,),
    "jazzsoft_test-running-status-metaevent.mid": (768,),
    "jazzsoft_test-silence-text-metaevent.mid": (960,),
    "jazzsoft_test-smpte-offset.mid": (768,),
    "swiftmidi_customChunk.mid": (0,),
    "swiftmidi_dp8Markers.mid": (3_459_840, 3_459_799, 0),
}


@pytest.mark.parametrize("name", TRACK_TICKS)
def test_each_file_is_read_to_its_last_tick(name):
    file = smf.parse((SAMPLES / name).read_bytes())
    assert file.track_ticks == TRACK_TICKS[name]
    assert bool(file.faults) == ("corrupt" in name)


@pytest.mark.parametrize("name", sorted(set(TRACK_TICKS) - {"swiftmidi_dp8Markers.mid"}))
def test_a_file_without_markers_has_no_cue(name):
    with pytest.raises(CueSheetError, match="has no marker"):
        read(SAMPLES / name)


def test_digital_performer_writes_locked_and_unlocked_markers_an_hour_in():
    sheet = read(SAMPLES / "swiftmidi_dp8Markers.mid")
    assert [(cue.name, cue.start_s, cue.end_s) for cue in sheet.cues] == [
        ("Unlocked Marker 1_00_00_00", 3600, 3601),
        ("Locked Marker 1_00_01_00", 3601, 3602),
        ("Unlocked Marker 1_00_02_00", 3602, 3603),
        ("Locked Marker 1_00_03_00", 3603, 3604),
    ]
    assert "nothing follows it" in sheet.warnings[0].message
    assert str(sheet.start_timecode) == "00:00:00;00"


# -- Pro Tools ---------------------------------------------------------------------------------


def session(name):
    return read(SESSIONS / f"pt_SessionText_{name}.txt")


@pytest.mark.parametrize("charset", ["TextEdit", "UTF8"])
def test_pro_tools_writes_one_session_in_two_charsets(charset):
    sheet = session(f"ExtendedChars_{charset}Format_PT2023.3")
    assert [(cue.name, cue.start_s) for cue in sheet.cues] == [
        ("Test Ellipsis…", 10),
        ("Test Em Dash —", 70),
        ("Test En Dash –", 130),
    ]
    assert (str(sheet.start_timecode), sheet.sample_rate) == ("00:59:50:00", 48_000)


def test_pro_tools_markers_on_rulers_and_tracks_all_count():
    sheet = session("MarkerRulersAndTrackMarkers_PT2023.12")
    assert [cue.start_s for cue in sheet.cues] == [10, 11, 12, 13, 14, 15]
    assert [cue.settings.prompt for cue in sheet.cues][1:6:4] == ["Some comments", "More comments"]


def test_pro_tools_names_and_comments_keep_to_their_columns():
    sheet = session("NewLinesAndTabs_DefaultExportOptions_PT2023.6")
    assert [(cue.name, cue.settings.prompt) for cue in sheet.cues] == [
        ("Marker Name With New Line", "Marker Name With New Line"),
        ("Normal Marker Name", "Comment Here With New Line"),
        ("Marker Name Again With New Line Again", "Comment Here Again With New Line Again"),
        ("Normal Marker Name Again", "Normal Marker Name Again"),
        ("Marker Name With Tab", "Marker Name With Tab"),
        ("Normal Marker Name", "Comments Here With Tab"),
        ("Marker Name With Tab", "Comments Here With Tab"),
        ("Marker Name With Tab And Another Tab", "Marker Name With Tab And Another Tab"),
        ("Normal Marker Name", "Comment Here With Tab And Another Tab"),
        ("Marker Name With Tab And Another Tab", "Comment Here With Tab And Another Tab"),
        ("Marker Name With Tab And Newline", "Marker Name With Tab And Newline"),
    ]
    # 01:00:00:00 at 23.976 frames a second, in a session that starts at 00:59:55:00.
    assert sheet.cues[0].start_s == Fraction(240_240, 48_000)
    assert (sheet.frame_rate.name, str(sheet.start_timecode)) == ("23.976", "00:59:55:00")


def test_a_pro_tools_session_without_markers_has_no_cue():
    with pytest.raises(CueSheetError, match="has no marker"):
        session("SimpleTest_23-976fps_DefaultExportOptions_PT2020.3")


# -- Cubase ------------------------------------------------------------------------------------


def test_cubase_cycle_markers_have_their_lengths():
    sheet = read(CUBASE / "cubase_trackarchive_BasicMarkers.xml")
    assert (str(sheet.frame_rate), sheet.sample_rate) == ("23.976", 48_000)
    one_hour, first, second = sheet.cues
    assert [cue.name for cue in sheet.cues] == [
        "Marker at One Hour",
        "Cycle Marker Name 1",
        "Cycle Marker Name 2",
    ]
    # The project starts 3603.026 s in; an hour of 23.976 is 3603.6 s.
    assert float(one_hour.start_s) == pytest.approx(3603.6 - 3603.0260869622, abs=1e-7)
    four_beats_s = 4 * first_tempo(sheet).beat_s
    assert first.length_s == second.length_s == four_beats_s
    assert first.start_s == four_beats_s


def first_tempo(sheet):
    return sheet.tempo_map.tempos[0]


def test_cubase_markers_in_bars_and_in_seconds_agree_over_ramps_and_hours():
    sheet = read(CUBASE / "cubase_trackarchive_MusicalAndLinearTest.xml")
    assert str(sheet.start_timecode) == "01:00:00:00"
    cues = {cue.id: cue for cue in sheet.cues}
    for name in "123456789":
        musical, linear = cues[name], cues[f"{name}#2"]
        assert abs(musical.start_s - linear.start_s) < Fraction(4, 1_000_000)
    assert "'10' is no cue" in str(sheet.warnings[-1])


def test_cubase_positions_between_ticks_are_exact():
    sheet = read(CUBASE / "cubase_trackarchive_RoundingTest.xml")
    assert {cue.name for cue in sheet.cues} == {
        "Exactly 1 frame before",
        "1 PPQ before",
        "Just Prior",
    }
    ends = sorted(cue.end_s for cue in sheet.cues)
    assert ends[-1] == 2
