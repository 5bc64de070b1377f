from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import pytest

from musicgen_daw.errors import FolderBusy, OutputError
from musicgen_daw.events import Event, Warned
from musicgen_daw.store.output import OutputFolder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "build"


@pytest.fixture
def folder(root: Path) -> Iterator[OutputFolder]:
    with OutputFolder.open(root) as folder:
        yield folder


def own_files(root: Path) -> list[str]:
    return sorted(path.name for path in (root / ".musicgen-daw").iterdir())


# -- writing -----------------------------------------------------------------------------------


def test_a_file_is_right_while_recipe_and_content_are_those_that_were_written(
    folder: OutputFolder, root: Path
) -> None:
    record = folder.write("stems/1M1/mix.wav", "recipe-1", b"sound", {"lufs": -18.0, "peak": None})
    assert (root / "stems/1M1/mix.wav").read_bytes() == b"sound"
    assert (record.size_bytes, record.facts) == (5, {"lufs": -18.0, "peak": None})
    assert folder.is_right("stems/1M1/mix.wav", "recipe-1") == record
    assert folder.is_right("stems/1M1/mix.wav", "recipe-2") is None
    assert folder.is_right("stems/1M1/other.wav", "recipe-1") is None

    (root / "stems/1M1/mix.wav").write_bytes(b"SOUND")
    assert folder.is_right("stems/1M1/mix.wav", "recipe-1") is None
    folder.write("stems/1M1/mix.wav", "recipe-1", b"sound")
    assert folder.is_right("stems/1M1/mix.wav", "recipe-1") is not None


def test_the_next_run_knows_what_was_written(root: Path) -> None:
    with OutputFolder.open(root) as folder:
        first = folder.write("a.wav", "r1", b"one")
        folder.write("b.wav", "r1", b"two")
        folder.write("b.wav", "r2", b"three", {"bars": [1, 2]})
    with OutputFolder.open(root) as folder:
        assert folder.is_right("a.wav", "r1") == first
        assert folder.is_right("b.wav", "r2") is not None
        records = OutputFolder.records(root)
    assert {path: record.recipe for path, record in records.items()} == {
        "a.wav": "r1",
        "b.wav": "r2",
    }
    assert records["b.wav"].facts == {"bars": [1, 2]}


def test_content_may_be_written_by_a_function(folder: OutputFolder, root: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"????data")
        file.seek(0)
        file.write(b"RIFF")

    folder.write("a.wav", "r", write)
    assert (root / "a.wav").read_bytes() == b"RIFFdata"
    assert folder.is_right("a.wav", "r")


def test_a_writer_that_fails_leaves_the_old_file_and_no_other(
    folder: OutputFolder, root: Path
) -> None:
    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    folder.write("a.wav", "r1", b"old")
    with pytest.raises(KeyboardInterrupt):
        folder.write("a.wav", "r2", fail)
    assert (root / "a.wav").read_bytes() == b"old"
    assert folder.is_right("a.wav", "r1")
    assert own_files(root) == ["lock", "outputs.jsonl"]


@pytest.mark.parametrize("limit_bytes", [0, 100, 999])
def test_a_full_disk_is_an_error_and_leaves_earlier_files_intact(
    folder: OutputFolder,
    root: Path,
    disk_full_after: Callable[[int], AbstractContextManager[None]],
    limit_bytes: int,
) -> None:
    folder.write("a.wav", "r1", b"x" * 100)
    with (
        disk_full_after(limit_bytes),
        pytest.raises(OutputError, match="can't be written: File too"),
    ):
        folder.write("a.wav", "r2", b"y" * 1000)
    assert folder.is_right("a.wav", "r1")
    assert own_files(root) == ["lock", "outputs.jsonl"]


def test_a_record_that_was_torn_costs_one_file_and_no_other(root: Path) -> None:
    with OutputFolder.open(root) as folder:
        folder.write("a.wav", "r", b"a")
        folder.write("b.wav", "r", b"b")
        ledger = root / ".musicgen-daw" / "outputs.jsonl"
        ledger.write_bytes(ledger.read_bytes()[:-7])
        folder.write("c.wav", "r", b"c")
    with OutputFolder.open(root) as folder:
        assert [bool(folder.is_right(f"{name}.wav", "r")) for name in "abc"] == [True, False, True]


GOOD = {"path": "a.wav", "recipe": "r", "sha256": "0" * 64, "size_bytes": 1, "facts": {}}


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        "7",
        '"forgotten"',
        *(
            json.dumps(GOOD | edited)
            for edited in (
                {"path": ""},
                {"path": "../../x.wav"},
                {"path": "/etc/passwd"},
                {"path": "stems//a.wav"},
                {"path": "a\0b"},
                {"path": "\ud800.wav"},
                {"path": "x" * 3000},
                {"path": "x/" * 3000 + "x"},
                {"path": ["a.wav"]},
                {"path": ".musicgen-daw/lock"},
                {"recipe": 7},
                {"sha256": None},
                {"size_bytes": "many"},
                {"facts": [1]},
                {"unknown": 1},
            )
        ),
    ],
)
def test_a_record_that_was_edited_into_nonsense_is_passed_over(root: Path, line: str) -> None:
    with OutputFolder.open(root) as folder:
        folder.write("good.wav", "r", b"good")
    with (root / ".musicgen-daw" / "outputs.jsonl").open("a") as ledger:
        ledger.write(f"\n{line}\n")
    with OutputFolder.open(root) as folder:
        assert list(OutputFolder.records(root)) == ["good.wav"]
        assert folder.is_right("good.wav", "r")
        assert folder.prune([]) == ["good.wav"]


def test_a_record_whose_path_is_a_folder_is_forgotten_and_the_folder_stays(root: Path) -> None:
    with OutputFolder.open(root) as folder:
        folder.write("a.wav", "r", b"a")
        (root / "a.wav").unlink()
        (root / "a.wav").mkdir()
        assert folder.is_right("a.wav", "r") is None
        assert folder.prune([]) == []
        assert OutputFolder.records(root) == {}
    assert (root / "a.wav").is_dir()


# -- the folder --------------------------------------------------------------------------------


def test_a_folder_that_can_not_be_written_is_refused_with_path_reason_and_fix(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        OutputError, match=r"file: can't be written: .*choose another folder with -o"
    ):
        OutputFolder.open(tmp_path / "file")


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="root and Windows write everywhere"
)
def test_a_read_only_folder_is_refused_before_any_work(root: Path) -> None:
    root.mkdir(mode=0o555)
    with pytest.raises(OutputError, match="can't be written: Permission denied"):
        OutputFolder.open(root)


def test_a_folder_on_a_full_disk_is_refused_before_any_work(
    root: Path, disk_full_after: Callable[[int], AbstractContextManager[None]]
) -> None:
    with OutputFolder.open(root) as folder:
        folder.write("a.wav", "r", b"a")
    with disk_full_after(0), pytest.raises(OutputError, match="can't be written"):
        OutputFolder.open(root)
    with OutputFolder.open(root) as folder:  # and the lock was let go
        assert folder.is_right("a.wav", "r")


def test_a_folder_that_vanishes_is_told_and_not_made_again(
    folder: OutputFolder, root: Path
) -> None:
    root.rename(root.with_name("elsewhere"))
    with pytest.raises(OutputError, match="vanished"):
        folder.write("a.wav", "r", b"a")
    assert not root.exists()


def test_what_killed_runs_left_is_swept(root: Path) -> None:
    with OutputFolder.open(root):
        (root / ".musicgen-daw" / "0123.partial").write_bytes(b"half")
    with OutputFolder.open(root):
        assert own_files(root) == ["lock", "outputs.jsonl"]


HOLD = """
import sys
from pathlib import Path
from musicgen_daw.store.output import OutputFolder
with OutputFolder.open(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_held_by_one_run_and_a_dead_run_holds_nothing(root: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(FolderBusy, match="build: another run holds this folder"):
            OutputFolder.open(root)
        assert OutputFolder.records(root) == {}  # reading needs no lock
        holder.kill()
        holder.wait()
    with OutputFolder.open(root) as folder:
        folder.write("a.wav", "r", b"a")


def test_two_runs_in_one_process_do_not_share_a_folder(folder: OutputFolder, root: Path) -> None:
    with pytest.raises(FolderBusy):
        OutputFolder.open(root)
    folder.close()
    OutputFolder.open(root).close()


def test_a_folder_without_records_is_no_output_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is no output folder of musicgen-daw"):
        OutputFolder.records(tmp_path)


def test_a_folder_tells_its_sheet_also_after_both_were_moved(tmp_path: Path) -> None:
    reel = tmp_path / "reel"
    with OutputFolder.open(reel / "build") as folder:
        folder.remember_sheet(reel / "chase.mid")
    assert OutputFolder.sheet_of(reel / "build") == reel / "chase.mid"
    reel.rename(tmp_path / "moved")
    assert OutputFolder.sheet_of(tmp_path / "moved" / "build") == tmp_path / "moved" / "chase.mid"
    with pytest.raises(OutputError, match="render into it first"):
        OutputFolder.sheet_of(tmp_path)


def test_a_folder_stays_with_its_sheet_while_that_is_there(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.touch()
    second.touch()
    with OutputFolder.open(tmp_path / "build") as folder:
        folder.remember_sheet(first)
        folder.remember_sheet(first)
        with pytest.raises(OutputError, match=r"was made from .*first\.csv: choose another"):
            folder.remember_sheet(second)
        first.unlink()
        folder.remember_sheet(second)
    assert OutputFolder.sheet_of(tmp_path / "build") == second


def test_a_sheet_may_have_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    sheet = tmp_path / os.fsdecode(b"caf\xe9.csv")
    with OutputFolder.open(tmp_path / "build") as folder:
        folder.remember_sheet(sheet)
    assert OutputFolder.sheet_of(tmp_path / "build") == sheet


@pytest.mark.parametrize("noted", [b"", b"a\0b"])
def test_a_damaged_note_of_the_sheet_is_told_and_mended_by_the_next_run(
    folder: OutputFolder, root: Path, noted: bytes
) -> None:
    (root / ".musicgen-daw" / "sheet").write_bytes(noted)
    with pytest.raises(OutputError, match="render into it first"):
        OutputFolder.sheet_of(root)
    folder.remember_sheet(root.parent / "chase.mid")
    assert OutputFolder.sheet_of(root) == root.parent / "chase.mid"


# -- paths -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../x.wav",
        "stems/../../x.wav",
        "/etc/x.wav",
        "a\\..\\x",
        "a\0b",
        ".musicgen-daw/lock",
    ],
)
def test_a_path_that_leads_out_of_the_folder_is_refused(folder: OutputFolder, path: str) -> None:
    with pytest.raises(OutputError, match="leads out of the folder"):
        folder.write(path, "r", b"x")


def test_a_link_that_leads_out_of_the_folder_is_refused(
    folder: OutputFolder, root: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "stems").symlink_to(outside, target_is_directory=True)
    with pytest.raises(OutputError, match="leads out of the folder"):
        folder.write("stems/1M1/mix.wav", "r", b"x")
    assert list(outside.iterdir()) == []


def test_a_file_that_became_a_link_is_replaced_and_its_target_untouched(
    folder: OutputFolder, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "precious").write_bytes(b"mine")
    (root / "a.wav").symlink_to(tmp_path / "precious")
    folder.write("a.wav", "r", b"x")
    assert (tmp_path / "precious").read_bytes() == b"mine"
    assert not (root / "a.wav").is_symlink()


def test_records_behind_a_link_are_refused(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (root / ".musicgen-daw").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(OutputError, match="remove this link"):
        OutputFolder.open(root)


def test_an_output_folder_may_itself_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    root.symlink_to(tmp_path / "disk", target_is_directory=True)
    with OutputFolder.open(root) as folder:
        folder.write("stems/a.wav", "r", b"x")
    assert (tmp_path / "disk" / "stems" / "a.wav").exists()


NAMES = """
import sys
from pathlib import Path
from musicgen_daw.errors import OutputError
from musicgen_daw.store.output import OutputFolder
with OutputFolder.open(Path(sys.argv[1])) as folder:
    try:
        folder.write("stems/T\\xfcr.wav", "r", b"x")
    except OutputError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are Unicode")
def test_a_name_that_the_system_can_not_write_is_told_with_the_remedy(root: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    told = subprocess.run(
        [sys.executable, "-c", NAMES, str(root)],
        env=os.environ | ascii_only,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "set a UTF-8 locale" in told.stdout


# -- what the user works on --------------------------------------------------------------------


def test_a_session_nobody_touched_is_written_anew(folder: OutputFolder, root: Path) -> None:
    assert folder.deliver("chase.rpp", "r1", b"one").path == "chase.rpp"
    assert folder.deliver("chase.rpp", "r2", b"two").path == "chase.rpp"
    assert (root / "chase.rpp").read_bytes() == b"two"


def test_a_session_that_the_user_changed_stays_and_the_new_one_goes_beside_it(
    folder: OutputFolder, root: Path
) -> None:
    folder.deliver("chase.rpp", "r1", b"one")
    (root / "chase.rpp").write_bytes(b"mixed for three days")
    assert folder.deliver("chase.rpp", "r1", b"one").path == "chase.rpp"  # nothing new to hand over
    assert folder.deliver("chase.rpp", "r2", b"two").path == "chase (2).rpp"
    assert folder.deliver("chase.rpp", "r3", b"three").path == "chase (2).rpp"
    (root / "chase (2).rpp").write_bytes(b"mixed again")
    assert folder.deliver("chase.rpp", "r4", b"four").path == "chase (3).rpp"
    folder.prune(["chase (3).rpp"])
    assert folder.deliver("chase.rpp", "r4", b"four").path == "chase (3).rpp"

    assert {path.name: path.read_bytes() for path in root.glob("*.rpp")} == {
        "chase.rpp": b"mixed for three days",
        "chase (2).rpp": b"mixed again",
        "chase (3).rpp": b"four",
    }


def test_a_foreign_file_is_never_overwritten_by_a_delivery(
    folder: OutputFolder, root: Path
) -> None:
    (root / "chase.rpp").write_bytes(b"from elsewhere")
    assert folder.deliver("chase.rpp", "r1", b"one").path == "chase (2).rpp"
    assert (root / "chase.rpp").read_bytes() == b"from elsewhere"


def test_a_folder_in_the_place_of_a_delivery_stays_and_the_file_goes_beside_it(
    folder: OutputFolder, root: Path
) -> None:
    folder.deliver("chase.rpp", "r1", b"one")
    (root / "chase.rpp").unlink()
    (root / "chase.rpp").mkdir()
    assert folder.deliver("chase.rpp", "r1", b"one").path == "chase (2).rpp"
    assert (root / "chase (2).rpp").read_bytes() == b"one"


def test_a_delivery_that_was_killed_before_its_record_is_taken_up(
    folder: OutputFolder, root: Path
) -> None:
    (root / "chase.rpp").write_bytes(b"one")
    assert folder.deliver("chase.rpp", "r1", b"one").path == "chase.rpp"


def test_what_is_not_as_we_wrote_it_is_set_aside_and_never_lost(root: Path) -> None:
    events: list[Event] = []
    (root / "stems").mkdir(parents=True)
    (root / "stems/mix.wav").write_bytes(b"mine")
    with OutputFolder.open(root, events.append) as folder:
        folder.write("stems/mix.wav", "r1", b"one")
        folder.write("stems/mix.wav", "r2", b"two")  # ours: simply replaced
        (root / "stems/mix.wav").write_bytes(b"edited")
        folder.write("stems/mix.wav", "r3", b"three")
        (root / "stems/mix.wav").unlink()
        (root / "stems/mix.wav").mkdir()
        (root / "stems/mix.wav/notes.txt").write_text("notes")
        folder.write("stems/mix.wav", "r4", b"four")
        folder.prune([])
    assert {path.name: path.read_bytes() for path in root.rglob("*.*") if path.is_file()} == {
        "mix (set aside).wav": b"mine",
        "mix (set aside 2).wav": b"edited",
        "notes.txt": b"notes",
        "outputs.jsonl": (root / ".musicgen-daw/outputs.jsonl").read_bytes(),
    }
    assert events[0] == Warned(
        "stems/mix.wav", "was not as it was written: it is now stems/mix (set aside).wav"
    )
    assert len(events) == 3


def test_the_same_bytes_without_a_record_are_taken_up(root: Path) -> None:
    events: list[Event] = []
    with OutputFolder.open(root, events.append) as folder:
        (root / "mix.wav").write_bytes(b"one")
        folder.write("mix.wav", "r", b"one")
        assert folder.is_right("mix.wav", "r")
    assert events == []


def test_pruning_removes_only_what_we_wrote_and_nobody_changed(
    folder: OutputFolder, root: Path
) -> None:
    for path in ("stems/1M1/mix.wav", "stems/2M1/mix.wav", "stems/2M1/pad.wav", "markers.csv"):
        folder.write(path, "r", path.encode())
    (root / "stems" / "notes.txt").write_text("mine")
    (root / "stems/2M1/pad.wav").write_bytes(b"edited")
    (root / "markers.csv").unlink()

    assert folder.prune(["stems/1M1/mix.wav"]) == ["stems/2M1/mix.wav"]
    assert (root / "stems/2M1/pad.wav").read_bytes() == b"edited"
    assert list(OutputFolder.records(root)) == ["stems/1M1/mix.wav"]

    assert folder.prune([]) == ["stems/1M1/mix.wav"]
    assert not (root / "stems/1M1").exists()
    assert (root / "stems" / "notes.txt").exists()
