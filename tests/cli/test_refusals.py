"""What is refused before any work, and where the message says that the fault is."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from musicgen_daw.cli import run
from musicgen_daw.cli.cues import MOST_ROWS
from musicgen_daw.cli.text import WIDEST_CELL
from musicgen_daw.presets.parse import from_mapping, parse_tables


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of its own, with settings, presets and a store of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.toml").write_text("presets = 'mine'\nstore = 'store'\n")
    monkeypatch.setenv("MUSICGEN_DAW_SETTINGS", str(tmp_path / "settings.toml"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "a.csv").write_text("name,length\nDoor,1\n")
    return tmp_path


def answer(capfd, *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("flags", "fix"),
    [
        (["--format", "FLAC", "--bit-depth", "32F"], "flac can't hold 32f: use --bit-depth 24"),
        (["--format", "mp3", "--rate", "96000"], "mp3 can't hold 96000 Hz: use --rate 48000"),
        (["--format", "flac", "--rate", "70000"], "flac can't hold 70000 Hz: use --rate 88200"),
    ],
)
@pytest.mark.parametrize("command", [["plan"], ["render", "-o", "out"]])
def test_a_format_that_can_not_hold_the_sound_is_refused(capfd, at, flags, fix, command) -> None:
    code, _, err = answer(capfd, command[0], "a.csv", *command[1:], *flags)
    assert (code, fix in err) == (3, True)
    assert not (at / "out").exists()
    assert not (at / "store").exists()


def test_a_clip_in_such_a_format_is_refused_too(capfd, at) -> None:
    code, _, err = answer(capfd, "clip", "x", "-o", "x.flac", "--bit-depth", "32f")
    assert (code, "use --bit-depth 24" in err) == (3, True)
    assert not (at / "store").exists()


@pytest.mark.parametrize("seconds", ["1e999999999", "1/3", "nan", "0.00001", "99:00:00", "1:75"])
def test_a_clip_of_no_possible_length_is_refused_at_once(capfd, at, seconds: str) -> None:
    code, _, err = answer(capfd, "clip", "x", "--seconds", seconds, "-o", "x.wav")
    assert code == 2
    assert "Traceback" not in err


@pytest.mark.parametrize("flag", [["--format", "flac"], ["--takes", "3"]])
def test_a_clip_has_no_flags_that_it_would_ignore(capfd, at, flag: list[str]) -> None:
    assert answer(capfd, "clip", "x", "-o", "x.wav", *flag)[0] == 2


def planned(capfd, sheet: str, *flags: str, toml: str = "") -> tuple[int, str]:
    Path("b.csv").write_text(sheet)
    if toml:
        Path("b.toml").write_text(toml)
    code, _, err = answer(capfd, "plan", "b.csv", *flags)
    return code, err


PLAIN = "name,length\nDoor,1\n"


def test_a_cue_below_one_sample_is_told_with_file_and_line(capfd, at) -> None:
    code, err = planned(capfd, "name,length\nDoor,1\nTick,0.00001\n")
    assert code == 3
    assert "b.csv line 3: cue 'Tick' is shorter than one sample at 48000 Hz" in err


@pytest.mark.parametrize("key", ["backend", "style"])
def test_an_unknown_name_is_told_where_it_was_said(capfd, at, key: str) -> None:
    (at / "mine" / "odd.toml").write_text(f'[generation]\n{key} = "lofl"\n')
    code, err = planned(capfd, f"name,length,{key}\nDoor,1,lofl\n")
    assert (code, "b.csv line 2: cue 'Door': " in err) == (3, True)
    code, err = planned(capfd, PLAIN, "-p", "odd")
    assert (code, "odd.toml [generation]: " in err) == (3, True)
    code, err = planned(capfd, PLAIN, toml=f'{key} = "lofl"')
    assert (code, "error: b.toml: " in err) == (3, True)


def test_an_unknown_backend_of_the_settings_is_theirs_and_of_a_flag_is_usage(capfd, at) -> None:
    assert answer(capfd, "plan", "a.csv", "-b", "sktch")[0] == 2
    (at / "settings.toml").write_text('backend = "sktch"')
    code, _, err = answer(capfd, "plan", "a.csv")
    assert (code, "the settings file: backend: unknown backend 'sktch'" in err) == (3, True)


def test_what_is_asked_in_vain_is_told(capfd, at) -> None:
    (at / "mine" / "odd.toml").write_text("[stems.drumz]\ngain_db = -3\n")
    code, err = planned(capfd, "name,length,transition\nDoor,1,hard\n", "-p", "odd")
    assert code == 0
    assert "preset 'odd' [stems.drumz]: 'sketch' makes no stem 'drumz' (did you mean" in err
    assert "line 2: transition 'hard' is not followed: use one of cut, crossfade" in err


def test_broken_settings_stop_neither_help_nor_doctor(capfd, at) -> None:
    (at / "settings.toml").write_text("takes = 0")
    assert answer(capfd, "render", "--help")[0] == 0
    code, out, _ = answer(capfd, "doctor")
    assert (code, "takes = 0 must lie between 1 and 64" in out) == (0, True)
    assert answer(capfd, "plan", "a.csv")[0] == 3


def test_a_broken_preset_is_listed_with_its_fault(capfd, at) -> None:
    (at / "mine" / "odd.toml").write_text("title = 3")
    (at / "mine" / "flat.toml").write_text('[generation]\nkey = "H"')
    code, out, _ = answer(capfd, "presets", "list")
    assert (code, "lofi-study" in out) == (0, True)
    assert "odd.toml: title must be text" in out
    assert "flat.toml [generation]: 'H' is no key" in out


def test_a_shown_preset_steers_no_terminal_and_reads_the_same(capfd, at) -> None:
    text = 'title = "\\u001b[31m\u202e\u200d"\nprompt = "{prompt}"\n'
    (at / "mine" / "odd.toml").write_text(text, encoding="utf-8")
    _, out, _ = answer(capfd, "presets", "show", "odd")
    assert not {"\x1b", "\u202e", "\u200d"} & set(out)
    shown = from_mapping("odd", parse_tables(out, "out"), "out")
    assert shown.title == "\x1b[31m\u202e\u200d"


def test_a_huge_number_beside_the_sheet_is_no_matter_of_fps(capfd, at) -> None:
    code, err = planned(capfd, PLAIN, toml=f"seed = {'9' * 5001}")
    assert (code, "b.toml: not TOML" in err, "fps" in err) == (3, True, False)


def test_names_in_the_environment_may_hold_blanks(capfd, at, monkeypatch) -> None:
    Path("b.csv").write_text("name,length\n1M1 Stairwell,1\n1M2 Roof,1\n1M3 Car,1\n")
    monkeypatch.setenv("MUSICGEN_DAW_ONLY", "1M1 Stairwell")
    assert "1 clip to make" in answer(capfd, "plan", "b.csv")[1]
    monkeypatch.setenv("MUSICGEN_DAW_ONLY", "1M1 Stairwell; 1M3 Car")
    assert "2 clips to make" in answer(capfd, "plan", "b.csv")[1]


def test_a_text_that_markers_can_not_hold_is_told(capfd, at) -> None:
    Path("b.csv").write_text('name,length,prompt\n"Door [x]",1,plain\nHall,1,"a seed=b"\n')
    code, _, err = answer(capfd, "cues", "b.csv", "--to", "mid", "-o", "b.mid")
    assert code == 0
    assert "the name 'Door [x]' became 'Door (x)'" in err
    assert "seed=b" not in err
    _, out, _ = answer(capfd, "cues", "b.mid", "--json")
    assert json.loads(out)["cues"][1]["prompt"] == "a seed=b"
    assert "the cues of a list have no place in time" in err
    assert len(err.splitlines()) == 2


def test_an_escaped_equals_sign_that_a_cell_holds_as_it_is_is_no_loss(capfd, at) -> None:
    Path("b.csv").write_text("name,length,prompt\nHall,1,a \\= b\n")
    code, out, err = answer(capfd, "cues", "b.csv", "--to", "csv")
    assert (code, err) == (0, "")
    assert r"a \= b" in out


def test_what_a_table_can_not_hold_of_a_midi_file_is_told(capfd, at) -> None:
    Path("a.csv").write_text("name,start,length\nDoor,0,1\n")
    Path("a.toml").write_text('bpm = 120\nframe_rate = "25"\ntimecode_start = "01:00:00:00"\n')
    assert answer(capfd, "cues", "a.csv", "--to", "mid", "-o", "b.mid")[2].splitlines() == [
        "warning: this is left out, say it in the TOML file beside the new sheet: bpm = 120"
    ]
    code, out, err = answer(capfd, "cues", "b.mid", "--to", "csv")
    assert (code, out) == (0, "id,name,start,length,prompt\nDoor,Door,0,1,Door\n")
    assert err.splitlines() == [
        "warning: the tempo map is left out: a table has no place for it",
        "warning: this is left out, say it in the TOML file beside the new sheet:"
        ' frame_rate = 25, timecode_start = "01:00:00:00"',
    ]


def test_long_tables_and_cells_are_cut_and_say_so(capfd, at) -> None:
    rows = "".join(f"C{n},{n},1,{'long ' * 20},{n}.5 tap\n" for n in range(MOST_ROWS + 2))
    Path("b.csv").write_text("name,start,length,prompt,hits\n" + rows)
    code, out, _ = answer(capfd, "cues", "b.csv")
    assert code == 0
    assert "… and 2 more (--json has all)" in out
    first = out.splitlines()[1]
    assert first.endswith("…")
    assert len(first[first.index("long") :]) == WIDEST_CELL


def test_every_option_of_new_presets_has_an_environment_name() -> None:
    from musicgen_daw.cli.presets import new

    options = [parameter for parameter in new.params if isinstance(parameter, click.Option)]
    assert {option.envvar for option in options} == {"MUSICGEN_DAW_EXTENDS", "MUSICGEN_DAW_FOLDER"}
