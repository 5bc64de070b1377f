"""``export``, ``render --to`` and ``cues --to`` from the command line."""

import json
from pathlib import Path

import pytest

from musicgen_daw.cli import run


@pytest.fixture
def rendered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    sheet = tmp_path / "short.csv"
    sheet.write_text("name,start,length,preset,prompt\nDoor,0,1,deep-drone,soft\n")
    folder = tmp_path / "out"
    store = str(tmp_path / "store")
    assert run(["render", str(sheet), "-o", str(folder), "--store", store, "--to", "otio"]) == 0
    capsys.readouterr()
    return folder


def test_a_render_writes_the_hand_offs_that_are_asked_for(rendered: Path) -> None:
    names = {path.name for path in rendered.iterdir() if path.is_file()}
    assert names == {"manifest.json", "short.otio"}


def test_export_answers_with_the_files(rendered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", str(rendered), "--to", "edl", "--to", "audacity", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    files = [str(rendered / name) for name in ("short.edl", "short_labels.txt")]
    assert told == {"output": str(rendered), "files": files}
    assert all(Path(path).exists() for path in files)


def test_export_without_a_wish_writes_what_is_there_again(
    rendered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (rendered / "short.otio").unlink()
    assert run(["export", str(rendered)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [str(rendered / "manifest.json"), str(rendered / "short.otio")]
    assert (rendered / "short.otio").exists()


def test_an_unknown_hand_off_is_a_usage_error_with_the_nearest(
    rendered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", str(rendered), "--to", "repaer"]) == 2
    assert "did you mean 'reaper'?" in capsys.readouterr().err


def test_a_missing_stem_is_bad_input(rendered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for stem in rendered.glob("stems/*/*.wav"):
        stem.unlink()
    assert run(["export", str(rendered), "--to", "edl"]) == 3
    assert "run the render again" in capsys.readouterr().err


def test_the_settings_choose_hand_offs_and_a_flag_beats_them(
    rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('to = ["audacity"]\n')
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(settings))
    again = ["render", str(tmp_path / "short.csv"), "-o", str(rendered)]
    again += ["--store", str(tmp_path / "store")]
    assert run(again) == 0
    assert (rendered / "short_labels.txt").exists()
    assert not (rendered / "short.otio").exists()
    assert run([*again, "--to", "edl"]) == 0
    assert not (rendered / "short_labels.txt").exists()
    assert (rendered / "short.edl").exists()


def test_a_wrong_list_of_hand_offs_in_the_settings_is_told(
    rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    settings = tmp_path / "settings.toml"
    settings.write_text('to = "reaper"\n')
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(settings))
    assert run(["export", str(rendered)]) == 3
    assert "to must be a list of names in quotes, not text" in capsys.readouterr().err


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text("name,start,length,hits,prompt\n1M1,0.5,2,1.01 slam,dark\n")
    return path


def test_cues_converts_to_stdout_and_tells_what_is_lost(
    sheet: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["cues", str(sheet), "--to", "EDL", "--fps", "25"]) == 0
    told = capfdbinary.readouterr()
    assert b"* FROM CLIP NAME: 1M1: dark\r\n" in told.out
    assert b"3 of 3 times move, by up to 20 ms" in told.err


def test_cues_asks_for_the_frame_rate_that_a_format_needs(
    sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cues", str(sheet), "--to", "resolve"]) == 2
    assert "say --fps 25" in capsys.readouterr().err


def test_cues_writes_a_file_and_never_over_another(
    sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sheet.rpp"
    assert run(["cues", str(sheet), "--to", "reaper", "-o", str(path)]) == 0
    content = path.read_bytes()
    assert content.startswith(b"<REAPER_PROJECT")
    assert run(["cues", str(sheet), "--to", "csv", "-o", str(path)]) != 0
    assert path.read_bytes() == content


def test_cues_names_the_nearest_format_and_wants_a_file_for_bytes(
    sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cues", str(sheet), "--to", "audacty"]) == 2
    assert "did you mean 'audacity'?" in capsys.readouterr().err
    assert run(["cues", str(sheet), "--to", "mid"]) == 2
    assert "add -o FILE.mid" in capsys.readouterr().err
