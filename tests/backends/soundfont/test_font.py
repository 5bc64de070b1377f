"""SoundFonts found: known by their content, refused in words."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_daw import Project
from musicgen_daw.backends.sketch import SketchBackend
from musicgen_daw.backends.soundfont import find_font
from musicgen_daw.backends.soundfont.font import LARGEST_BYTES
from musicgen_daw.errors import AudioError, SettingsError
from musicgen_daw.formats import sfbk
from musicgen_daw.planning import Choice, ClipRequest


def test_the_same_font_elsewhere_is_the_same_and_a_changed_one_is_not(
    font_file: Path, tmp_path: Path
) -> None:
    moved = shutil.copy(font_file, tmp_path / "moved.sf2")
    other = tmp_path / "other.sf2"
    content = bytearray(font_file.read_bytes())
    content[len(content) // 2] ^= 1
    other.write_bytes(content)
    revisions = [
        SketchBackend().choose(Choice(soundfont=str(path))).revision
        for path in (font_file, moved, other)
    ]
    assert revisions[0] == revisions[1] != revisions[2]
    assert revisions[0].startswith(SketchBackend.revision + "-font-")
    assert "fluidsynth-" in revisions[0]


def test_without_a_font_a_clip_keeps_its_key() -> None:
    backend = SketchBackend()
    generator = backend.choose(Choice())
    assert generator.revision == SketchBackend.revision
    assert generator.capabilities == backend.capabilities


def test_its_licence_is_its_own(font_file: Path) -> None:
    licence = SketchBackend().choose(Choice(soundfont=str(font_file))).capabilities.licence
    assert licence.endswith(f"SoundFont: {font_file.name}'s own licence")


def test_a_licence_holds_no_byte_of_a_name_that_a_text_file_could_not(font_file: Path) -> None:
    font = replace(find_font(str(font_file)), path=Path("a\n\x1b[1m\udcff\u202e.sf2"))
    assert font.licence == "SoundFont: a??[1m??.sf2's own licence"


def test_a_name_that_is_no_text_is_refused_before_any_sound_is_made() -> None:
    with pytest.raises(AudioError, match=r"'a\\udcff.sf2': its name is no UTF-8"):
        find_font("a\udcff.sf2")


def _is_gone(path: Path) -> None:
    """There is nothing."""


def _is_a_text(path: Path) -> None:
    path.write_text("no font at all")


def _is_cut(path: Path) -> None:
    path.write_bytes(b"RIFF\xff\xff\xff\x00sfbk" + bytes(100))


def _is_a_folder(path: Path) -> None:
    path.mkdir()


def _is_a_pipe(path: Path) -> None:
    os.mkfifo(path)


def _is_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_is_gone, "can't be read: No such file"),
        (_is_a_text, "is no SoundFont"),
        (_is_cut, "is cut short"),
        (_is_a_folder, "is no file"),
        pytest.param(
            _is_a_pipe,
            "is no file",
            marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="it has no pipes"),
        ),
        (_is_huge, "more than a SoundFont can have"),
    ],
)
def test_what_is_no_soundfont_is_refused_with_its_name(make, reason, tmp_path: Path) -> None:
    path = tmp_path / "band.sf2"
    make(path)
    with pytest.raises(AudioError, match=reason) as told:
        find_font(str(path))
    assert told.value.path == path


def test_a_missing_program_is_played_by_its_family_and_a_missing_kit_by_the_standard_one(
    font_file: Path,
) -> None:
    font = find_font(str(font_file))
    assert font.sound_for(48, drums=False) == (0, 48)
    assert font.sound_for(1, drums=True) == (sfbk.DRUM_BANK, 0)
    few = type(font)(
        font.path, font.sha256, sfbk.FontTable(2, (sfbk.FontPreset(0, 49, "Slow Strings"),)),
        font.size_bytes, font.changed_ns, font.fluidsynth,
    )  # fmt: skip
    assert few.sound_for(51, drums=False) == (0, 49)
    assert few.sound_for(0, drums=False) is None
    assert few.sound_for(0, drums=True) is None


def test_a_cue_has_a_font_of_its_own_whose_path_counts_from_the_sheet(
    font_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "fonts").mkdir()
    shutil.copy(font_file, tmp_path / "fonts" / "own.sf2")
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("name,start,length,soundfont\nA,0,4,fonts/own.sf2\nB,4,4,\n")

    def requests(**flags: Path) -> list[ClipRequest]:
        plan = Project.open(sheet, output=tmp_path / "out", store=tmp_path / "store").plan(**flags)
        return [cue.takes[0].clips[0].request for cue in plan.cues]

    own, plain = requests()
    assert "-font-" in own.revision
    assert plain.revision == SketchBackend.revision
    flagged = requests(soundfont=font_file)
    assert [request.key() for request in flagged] == [
        own.key(),
        replace(plain, revision=own.revision).key(),
    ]
    sheet.with_suffix(".toml").write_text('soundfont = "fonts/own.sf2"')
    assert [request.revision for request in requests()] == [own.revision] * 2
    sheet.with_suffix(".toml").write_text('soundfont = "fonts/gone.sf2"')
    with pytest.raises(SettingsError, match=r"sheet\.toml: soundfont .*gone.sf2: can't be read"):
        requests()
