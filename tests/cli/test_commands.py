"""The command line: what it answers, where it says it, and its exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from musicgen_daw.cli import INTERRUPTED, musicgen_daw, run
from musicgen_daw.errors import FolderBusy
from musicgen_daw.store.output import OutputFolder


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "short.csv"
    path.write_text(
        "name,start,length,preset,prompt\nDoor,0,1,chiptune-adventure,bright\n"
        "! knock,0.5,,,\nHall,2,1,chiptune-adventure,soft\n"
    )
    return path


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    return ["-o", str(tmp_path / "out"), "--store", str(tmp_path / "store")]


def answer(capfd, *arguments: str) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    out, err = capfd.readouterr()
    return code, out, err


def test_render_tells_progress_on_stderr_and_data_on_stdout(capfd, sheet, folders) -> None:
    code, out, err = answer(capfd, "render", sheet, *folders, "--json")
    assert code == 0
    sums = json.loads(out)
    assert {key: sums[key] for key in ("cues", "made", "from_store", "failed")} == {
        "cues": 2,
        "made": 2,
        "from_store": 0,
        "failed": 0,
    }
    assert "made Door take 1" in err
    assert "done in" in err


def test_plan_makes_nothing_and_tells_what_is_new(capfd, sheet, tmp_path) -> None:
    code, out, _ = answer(capfd, "plan", sheet, "--json", "--store", tmp_path / "store")
    planned = json.loads(out)
    assert code == 0
    assert [(cue["name"], cue["new"], cue["usd"]) for cue in planned["cues"]] == [
        ("Door", 1, 0.0),
        ("Hall", 1, 0.0),
    ]
    assert planned["cues"][0]["understood"]
    assert not (tmp_path / "store").exists()


def test_cues_tells_times_in_seconds_and_samples(capfd, sheet) -> None:
    code, out, _ = answer(capfd, "cues", sheet, "--json", "--rate", "44100")
    door = json.loads(out)["cues"][0]
    assert code == 0
    assert (door["start_samples"], door["end_samples"]) == (0, 44_100)
    assert door["hits"] == [
        {"name": "knock", "at_s": 0.5, "at_samples": 22_050, "important": False}
    ]


def test_cues_and_plan_are_tables_for_people(capfd, tmp_path) -> None:
    chase = Path(__file__).parents[2] / "examples" / "chase" / "chase.mid"
    code, out, _ = answer(capfd, "cues", chase)
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "1M2 Chase 01:00:20:21 13.00 22.609 action-hybrid 3 brass stabs, relentless" in lines
    assert "car door 31.304 1M2 Chase important" in lines
    assert "96 50.622 6/8" in lines
    code, out, _ = answer(capfd, "plan", chase, "--store", tmp_path / "store")
    assert code == 0
    assert "5 clips to make, free; 0 in store" in out
    assert "138 bpm" in out


@pytest.mark.parametrize("format_", ["csv", "mid"])
def test_cues_converts_a_sheet_that_reads_back(capfd, sheet, tmp_path, format_: str) -> None:
    target = tmp_path / f"converted.{format_}"
    assert answer(capfd, "cues", sheet, "--to", format_, "-o", target)[0] == 0
    _, out, _ = answer(capfd, "cues", target, "--json")
    cues = json.loads(out)["cues"]
    assert [(cue["name"], cue["start_s"], cue["end_s"]) for cue in cues] == [
        ("Door", 0, 1),
        ("Hall", 2, 3),
    ]


def test_a_clip_needs_no_sheet(capfd, tmp_path) -> None:
    import soundfile

    target = tmp_path / "blip.flac"
    arguments = ["clip", "8-bit coin", "--seconds", "1.5", "-o", target]
    code, out, _ = answer(capfd, *arguments, "--store", tmp_path / "store", "--json")
    assert code == 0
    assert soundfile.info(target).frames == 72_000
    assert json.loads(out)["measured_true_peak_dbtp"] <= -1
    assert answer(capfd, *arguments, "--store", tmp_path / "store")[0] == 3


def test_takes_are_kept_from_the_terminal(capfd, sheet, folders, tmp_path) -> None:
    answer(capfd, "render", sheet, *folders)
    code, out, _ = answer(capfd, "takes", tmp_path / "out", "keep", "Door", "1", "--json")
    assert code == 0
    assert [(take["name"], take["verdict"]) for take in json.loads(out)] == [
        ("Door", "keep"),
        ("Hall", None),
    ]
    assert "keep" in (tmp_path / "short.takes.toml").read_text()


def test_verify_finds_what_was_changed(capfd, sheet, folders, tmp_path) -> None:
    answer(capfd, "render", sheet, *folders)
    check = ["verify", tmp_path / "out", "--store", tmp_path / "store"]
    assert answer(capfd, *check)[0] == 0
    (tmp_path / "out/stems/Hall/Hall_mix.wav").unlink()
    code, out, err = answer(capfd, *check)
    assert code == 9
    assert "Hall_mix.wav" in out
    assert "1 found" in err


def test_presets_are_listed_shown_checked_and_begun(capfd, tmp_path) -> None:
    code, out, _ = answer(capfd, "presets", "list", "--json")
    names = {entry["name"] for entry in json.loads(out)}
    assert code == 0
    assert {"tense-strings", "lofi-study", "deep-drone", "chiptune-adventure"} <= names
    assert 'style = "lofi"' in answer(capfd, "presets", "show", "lofi-study")[1]
    assert answer(capfd, "presets", "check")[0] == 0
    code, out, _ = answer(capfd, "presets", "new", "mine", "--folder", tmp_path)
    assert code == 0
    assert answer(capfd, "presets", "check", out.strip())[0] == 0


def test_doctor_says_what_works(capfd) -> None:
    code, out, _ = answer(capfd, "doctor", "--json")
    assert code == 0
    assert {"what": "Python", "works": True}.items() <= json.loads(out)[0].items()
    assert {"pydub", "starlette", "uvicorn", "ffmpeg"} <= {one["what"] for one in json.loads(out)}


def test_doctor_takes_what_few_need_for_no_defect(capfd, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {one["what"]: one for one in json.loads(answer(capfd, "doctor", "--json")[1])}
    assert found["ffmpeg"]["works"]
    assert "not installed" in found["ffmpeg"]["state"]
    assert found["ffmpeg"]["remedy"]


# -- bad input -------------------------------------------------------------------------------------


def render_text(capfd, tmp_path: Path, name: str, content: bytes, *more: str):
    bad = tmp_path / name
    bad.write_bytes(content)
    folders = ["-o", tmp_path / "out", "--store", tmp_path / "store"]
    return answer(capfd, "render", bad, *folders, *more)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.mid", b"", "empty"),
        ("text.mid", b"this is no MIDI file", "MIDI"),
        ("torn.mid", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\1\0\0\xff", "cue"),
        ("nothing.csv", b"name,length\n", "cue"),
        ("columns.csv", b"name,lenght\nDoor,3\n", "did you mean 'length'"),
        ("endless.csv", b"name,start\nDoor,1\n", "length"),
        ("twins.csv", b"id,name,length\na,Door,3\na,Hall,3\n", "line 3"),
        ("slow.csv", b"name,length,bpm\nDoor,3,0\n", "bpm"),
        (
            "preset.csv",
            b"name,length,preset\nDoor,3,tense-strngs\n",
            "did you mean 'tense-strings'",
        ),
        ("negative.csv", b"name,length\nDoor,-3\n", "line 2"),
        ("binary.csv", b"\0\1\2\3", "binary.csv"),
    ],
)
def test_a_bad_sheet_gets_a_message_and_leaves_nothing(
    capfd, tmp_path, name: str, content: bytes, words: str
) -> None:
    code, out, err = render_text(capfd, tmp_path, name, content)
    assert code == 3
    assert out == ""
    assert words in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_an_unknown_key_in_a_preset_names_file_and_place(capfd, tmp_path) -> None:
    preset = tmp_path / "house.toml"
    preset.write_text("[master]\nlufz = -18\n")
    code, _, err = render_text(
        capfd, tmp_path, "a.csv", b"name,length\nDoor,1\n", "-p", str(preset)
    )
    assert code == 3
    assert "house.toml [master]" in err
    assert "did you mean 'lufs'" in err


def test_an_unknown_effect_is_refused_before_any_work(capfd, tmp_path) -> None:
    preset = tmp_path / "wet.toml"
    preset.write_text('[[master.chain]]\neffect = "Reverbb"\n')
    code, _, err = render_text(
        capfd, tmp_path, "a.csv", b"name,length\nDoor,1\n", "-p", str(preset)
    )
    assert code == 3
    assert "did you mean 'Reverb'" in err
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["render"],
        ["render", "absent.mid", "-o", "out"],
        ["nonsense"],
        ["clip", "a", "--seconds", "zero", "-o", "a.wav"],
        ["clip", "a", "--seconds", "0", "-o", "a.wav"],
        ["clip", "a", "-o", "a.exe"],
    ],
)
def test_a_call_that_makes_no_sense_exits_2(capfd, arguments: list[str]) -> None:
    code, _, err = answer(capfd, *arguments)
    assert code == 2
    assert "Traceback" not in err


def test_an_unknown_backend_and_a_bad_frame_rate_exit_2(capfd, sheet, folders) -> None:
    assert answer(capfd, "render", sheet, *folders, "-b", "sktch")[0] == 2
    assert answer(capfd, "render", sheet, *folders, "--fps", "26")[0] == 2
    assert answer(capfd, "render", sheet, *folders, "--only", "Dor")[0] == 2


def test_a_folder_that_another_run_holds_exits_8(capfd, sheet, folders, tmp_path) -> None:
    with OutputFolder.open(tmp_path / "out"):
        held = subprocess.run(
            [sys.executable, "-m", "musicgen_daw", "render", str(sheet), *folders],
            capture_output=True,
            text=True,
        )
    assert held.returncode == FolderBusy.exit_code == 8
    assert "another run" in held.stderr
    assert answer(capfd, "render", sheet, *folders)[0] == 0


def test_ctrl_c_keeps_what_is_finished(sheet, folders, tmp_path) -> None:
    rows = "".join(f"Cue {n},{10 + 2 * n},2,lofi-study,number {n}\n" for n in range(12))
    sheet.write_text(sheet.read_text() + rows)
    command = [sys.executable, "-m", "musicgen_daw", "render", str(sheet), *folders]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        alarm = threading.Timer(120, process.kill)
        alarm.start()
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("made "):
                process.send_signal(signal.SIGINT)
                break
        lines += process.stderr.readlines()
        assert process.wait() == INTERRUPTED
        alarm.cancel()
    assert "interrupted" in lines[-1]
    assert "Traceback" not in "".join(lines)


def test_a_hostile_name_stays_in_the_folder_and_out_of_the_terminal(capfd, tmp_path) -> None:
    content = b'name,length,preset\n"../../\x1b[31mCON",1,chiptune-adventure\n'
    code, _, err = render_text(capfd, tmp_path, "a.csv", content)
    assert code == 0
    assert "\x1b" not in err
    written = list((tmp_path / "out" / "stems").iterdir())
    assert len(written) == 1
    assert not (tmp_path.parent / "CON").exists()


# -- settings and environment ----------------------------------------------------------------------


def test_a_flag_beats_the_environment_which_beats_the_settings(
    capfd, monkeypatch, sheet, tmp_path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("rate = 96000\ntakes = 2\n")
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(settings))

    def planned(*more: str, **variables: str) -> dict:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code, out, err = answer(capfd, "plan", sheet, "--json", *more)
        assert code == 0, err
        return json.loads(out)

    by_settings = planned()
    assert by_settings["sample_rate"] == 96_000
    assert by_settings["cues"][0]["takes"] == 2
    assert planned(MUSICGEN_DAW_RATE="44100")["sample_rate"] == 44_100
    assert planned("--rate", "48000", MUSICGEN_DAW_RATE="44100")["sample_rate"] == 48_000


def all_commands() -> list[click.Command]:
    context = click.Context(musicgen_daw)
    names = musicgen_daw.list_commands(context)
    return [musicgen_daw.get_command(context, name) for name in names]


def test_every_flag_has_an_environment_name() -> None:
    for command in all_commands():
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name != "help":
                assert parameter.envvar.startswith("MUSICGEN_DAW_"), (command.name, parameter.name)


def test_every_command_is_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for command in all_commands():
        assert f"musicgen-daw {command.name}" in readme, command.name


def test_shells_complete_presets() -> None:
    result = CliRunner().invoke(
        musicgen_daw,
        [],
        prog_name="musicgen-daw",
        env={
            "_MUSICGEN_DAW_COMPLETE": "bash_complete",
            "COMP_WORDS": "musicgen-daw render a.mid -p tense",
            "COMP_CWORD": "4",
        },
    )
    assert "tense-strings" in result.output
