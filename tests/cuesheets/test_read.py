import os
import subprocess
import sys
from fractions import Fraction

import mido
import pytest

from musicgen_daw.cuesheets import read, readers
from musicgen_daw.errors import CueSheetError
from musicgen_daw.settings import Settings
from musicgen_daw.timeline import FrameRate

TABLE = "name,start,length\nA,0,4\n"


def test_the_title_is_the_name_of_the_file(write_sheet):
    assert read(write_sheet(TABLE, "Reel 1.csv")).title == "Reel 1"


def test_a_path_may_be_a_string(write_sheet):
    assert read(str(write_sheet(TABLE))).cues[0].name == "A"


@pytest.mark.parametrize("name", ["reel.mid", "reel.txt", "reel", "reel.CSV"])
def test_a_table_is_found_by_its_content_where_the_suffix_lies(write_sheet, name):
    assert read(write_sheet(TABLE, name)).cues[0].name == "A"


@pytest.mark.parametrize("name", ["reel.csv", "reel.bin"])
def test_a_midi_file_is_found_by_its_content_where_the_suffix_lies(write_midi, name):
    path = write_midi([(0, mido.MetaMessage("marker", text="A bars=1"))], name=name)
    assert read(path).cues[0].name == "A"


def test_a_file_in_no_known_format_is_refused_with_the_known_ones(write_sheet):
    with pytest.raises(
        CueSheetError, match=r"not a cue sheet in a known format \(known are MIDI \.mid .*\.csv"
    ):
        read(write_sheet("hello", "reel.docx"))


@pytest.mark.parametrize("name", ["reel.mid", "reel.csv"])
def test_an_empty_file_is_refused(write_sheet, name):
    path = write_sheet("", name)
    with pytest.raises(CueSheetError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))


def test_a_missing_file_or_a_folder_is_refused(tmp_path):
    for path in (tmp_path / "none.mid", tmp_path, tmp_path / "nul\0.mid"):
        with pytest.raises(CueSheetError, match="can't be read"):
            read(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes among its files")
@pytest.mark.parametrize("name", ["reel.csv", "reel.toml"])
def test_a_pipe_that_nobody_writes_to_is_an_empty_file(write_sheet, tmp_path, name):
    """Here a sheet, which is then none, or what is said beside it, which then says nothing."""
    path = tmp_path / "reel.csv"
    if name == "reel.toml":
        write_sheet(TABLE, "reel.csv")
    os.mkfifo(tmp_path / name)
    if name == "reel.toml":
        assert len(read(path).cues) == 1
    else:
        with pytest.raises(CueSheetError):
            read(path)


def test_the_seed_of_the_caller_is_the_seed_of_the_sheet(write_sheet):
    assert read(write_sheet(TABLE), seed=0).seed == 0


def test_each_suffix_belongs_to_one_reader():
    suffixes = [suffix for reader in readers() for suffix in reader.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


def test_settings_speak_where_nobody_else_does(tmp_path):
    sheet = tmp_path / "spots.csv"
    sheet.write_text("name,start,length\nDoor,01:00:10:15,2\n")
    settings = Settings(fps="30", timecode_start="01:00:00:00")
    (door,) = read(sheet, settings=settings).cues
    assert door.start_s == Fraction("10.5")
    (door,) = read(sheet, settings=settings, frame_rate=FrameRate.named("25")).cues
    assert door.start_s == Fraction("10.6")


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (rb"{\rtf1 1M1}", "rich text; save it as plain text"),
        (b"%PDF-1.7", "a PDF; export the list"),
        (b"\xd0\xcf\x11\xe0\xa1", "an old Office file; save it as"),
    ],
)
def test_a_file_of_a_foreign_kind_is_refused_with_what_to_do(write_sheet, content, hint):
    for name in ("notes.txt", "notes.csv"):  # a suffix that a reader has lies as well
        with pytest.raises(CueSheetError, match=f"not a cue sheet: this is {hint}"):
            read(write_sheet(content, name))


def test_a_large_file_that_needs_to_be_held_is_refused(write_sheet, monkeypatch):
    monkeypatch.setattr("musicgen_daw.cuesheets.MAX_HELD_BYTES", 10)
    with pytest.raises(CueSheetError, match="more than 10 bytes are too many for a cue sheet"):
        read(write_sheet(TABLE))


def test_no_reader_is_loaded_before_a_sheet_is_read():
    program = (
        "import sys, musicgen_daw.cuesheets as room\n"
        "def loaded(): return {'midi', 'otio'} & {name.split('.')[-1] for name in sys.modules}\n"
        "assert not loaded()\nroom.readers()\nassert loaded() == {'midi', 'otio'}"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Installs a distribution with one reader, named by its entry point's value."""

    def install(value):
        info = tmp_path / "sheets-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sheets\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[musicgen_daw.cuesheets]\nlines = {value}\n")
        (tmp_path / "lines_plugin.py").write_text(PLUGIN)
        monkeypatch.syspath_prepend(tmp_path)

    return install


PLUGIN = """
from musicgen_daw.cuesheets.delimited import READER as CSV
from musicgen_daw.cuesheets import Reader

SEVEN = 7
LINES = Reader(
    "lines",
    (".lines",),
    lambda content: content.startswith(b"#lines"),
    lambda content, options: CSV.parse(content.split(b"\\n", 1)[1], options),
)
"""


def test_a_reader_of_another_package_is_asked_after_ours(write_sheet, plugin):
    plugin("lines_plugin:LINES")
    assert read(write_sheet("#lines\n" + TABLE, "reel.lines")).cues[0].name == "A"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("no_such_module:READER", r"'lines' \(no_such_module:READER\) .*: No module"),
        ("lines_plugin:LINE", r"can't be imported: module 'lines_plugin' has no attribute 'LINE'"),
        ("lines_plugin:SEVEN", r"'lines' \(lines_plugin:SEVEN\) is no Reader"),
    ],
)
def test_a_reader_that_can_not_be_loaded_is_told_and_keeps_no_other_sheet_from_being_read(
    write_sheet, plugin, value, message
):
    plugin(value)
    with pytest.raises(CueSheetError, match=message):
        read(write_sheet("#lines\n", "reel.lines"))
    assert read(write_sheet(TABLE)).cues[0].name == "A"
