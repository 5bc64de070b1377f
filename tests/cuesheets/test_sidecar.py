from fractions import Fraction

import mido
import pytest

from musicgen_daw.cuesheets import read
from musicgen_daw.errors import SettingsError
from musicgen_daw.timeline import CueSettings, FrameRate, Meter, TempoMap

TABLE = "name,start,length,preset,prompt\nA,00:00:10:00,4,,\nB,00:00:20:00,4,house,brass\n"


@pytest.fixture
def read_with(write_sheet):
    """Read a table, or any sheet, with a ``SHEET.toml`` beside it."""

    def read_sheet(toml, content=TABLE, name="reel.csv", **said):
        write_sheet(toml, "reel.toml")
        return read(write_sheet(content, name), **said)

    return read_sheet


def test_it_says_for_the_sheet_what_the_file_can_not(read_with):
    sheet = read_with(
        """
        rate = 96000
        frame_rate = 24
        timecode_start = "00:00:05:00"
        tempo = 92.5
        key = "Fm"
        meter = "6/8"
        seed = 7
        preset = "tense-strings"
        """
    )
    assert (sheet.sample_rate, sheet.frame_rate, sheet.seed) == (96_000, FrameRate.named("24"), 7)
    assert str(sheet.start_timecode) == "00:00:05:00"
    assert sheet.cues[0].start_s == 5
    assert sheet.tempo_map == TempoMap.constant(Fraction(185, 2), 6, 8)
    assert sheet.defaults == CueSettings(
        preset="tense-strings", key="F minor", meter=Meter(6, 8), bpm=Fraction(185, 2)
    )
    assert sheet.cues[0].settings.preset is None


def test_what_the_caller_says_rules_over_it(read_with):
    toml = 'fps = "24"\ntimecode_start = "00:00:05:00"\nseed = 7'
    rate = FrameRate.named("30")
    sheet = read_with(toml, frame_rate=rate, start_timecode="00:00:10:00", seed=8)
    assert (sheet.frame_rate, sheet.seed, sheet.cues[0].start_s) == (rate, 8, 0)


def test_its_tables_fill_only_what_a_cue_leaves_unsaid(read_with):
    sheet = read_with('[cues.A]\nprompt = "bells"\nloop = true\n[cues.B]\nprompt = "no"\nseed = 3')
    first, second = sheet.cues
    assert first.settings == CueSettings(prompt="bells", loop=True)
    assert second.settings == CueSettings(preset="house", prompt="brass", seed=3)


def test_a_table_under_an_id_comes_before_one_under_the_name(read_with):
    toml = '[cues."A#2"]\nseed = 2\n[cues.A]\nseed = 1\ntakes = 4'
    sheet = read_with(toml, "name,length\nA,1\nA,1\n")
    assert [(cue.settings.seed, cue.settings.takes) for cue in sheet.cues] == [(1, 4), (2, 4)]


def test_a_length_in_a_table_is_no_second_length(read_with):
    sheet = read_with("[cues.A]\nbars = 2\n[cues.B]\nbars = 1", "name,start,seconds\nA,0,5\nB,5,\n")
    assert [float(cue.end_s) for cue in sheet.cues] == [5, 7]


def test_the_prompt_of_the_sheet_comes_before_the_name_of_a_cue(read_with):
    assert read_with('prompt = "calm"').cues[0].settings.prompt is None


def test_a_table_that_names_no_cue_is_told(read_with):
    sheet = read_with('frame_rate = 25\n[cues."Chase"]\nseed = 3', "name,length\nChace,1\n")
    assert [str(warning) for warning in sheet.warnings] == [
        "[cues.\"Chase\"]: names no cue of the sheet (did you mean 'Chace'?)"
    ]


def test_its_tempo_rules_a_midi_file_that_has_none(read_with, write_midi):
    path = write_midi([(0, mido.MetaMessage("marker", text="A bars=1"))])
    content = path.read_bytes()
    assert read_with("bpm = 60", content, "reel.mid").cues[0].end_s == 4


def test_its_tempo_is_only_a_default_for_a_list(read_with):
    sheet = read_with("bpm = 60", "name,bars,seconds\nA,1,\nB,,3\n")
    assert sheet.tempo_map is None
    assert [cue.tempo_map for cue in sheet.cues] == [TempoMap.constant(60), None]


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("bmp = 90", r"unknown key 'bmp' \(did you mean 'bpm'\?\)"),
        ("bpm = 0", "bpm: 0 is not from 1 to 999"),
        ("bpm = nan", "bpm: 'nan' is not a number"),
        ("bpm = 90\ntempo = 90", "tempo and bpm say the same thing"),
        ("bpm = [90]", "bpm must be a text or a number"),
        ("bars = 8", "bars belongs under a cue"),
        ("rate = 7", "rate must be a sample rate"),
        ('rate = "48k"', "rate must be a sample rate"),
        ("frame_rate = 26", "frame_rate: unknown frame rate '26'"),
        ("cues = 3", r"\[cues\]: cues must be tables"),
        ("[cues]\nA = 3", r'\[cues\."A"\]: must be a table'),
        ("[cues.A]\nsead = 3", r"""\[cues\."A"\]: unknown key 'sead' \(did you mean 'seed'\?\)"""),
        ("bpm = ", "not TOML: "),
    ],
)
def test_a_fault_in_it_is_told_with_file_and_place(read_with, toml, reason):
    with pytest.raises(SettingsError, match=reason) as caught:
        read_with(toml)
    assert "reel.toml" in str(caught.value)


def test_bytes_that_are_no_text_are_refused(read_with):
    with pytest.raises(SettingsError, match=r"reel\.toml: no UTF-8 text"):
        read_with(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("charset = 'utf-7000'", r"reel\.toml: charset: unknown charset 'utf-7000'"),
        ("charset = 'rot13'", r"reel\.toml: charset: unknown charset 'rot13'"),
        (f"seed = {'9' * 5001}", r"reel\.toml: not TOML"),
        ("rate = 384000", r"reel\.toml: rate must be a sample rate from 8000 to 192000"),
    ],
)
def test_what_is_wrong_in_it_is_told_with_its_own_name(read_with, toml, reason):
    with pytest.raises(SettingsError, match=reason):
        read_with(toml)


def test_a_folder_of_its_name_is_told_in_words(write_sheet, tmp_path):
    (tmp_path / "reel.toml").mkdir()
    with pytest.raises(SettingsError) as caught:
        read(write_sheet(TABLE, "reel.csv"))
    assert str(caught.value).endswith("reel.toml: can't be read: Is a directory")


def test_it_says_how_the_files_are_written(read_with):
    sheet = read_with('bit_depth = 16\nformat = "FLAC"')
    assert (sheet.bit_depth, sheet.file_format) == ("16", "flac")
    with pytest.raises(SettingsError, match=r"format: 'wave' is none of .*did you mean 'wav'"):
        read_with('format = "wave"')
