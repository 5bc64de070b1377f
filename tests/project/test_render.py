"""A render as a build: only what changed is made, what is finished is kept."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from musicgen_daw import Project
from musicgen_daw.errors import OutputError, UsageError
from musicgen_daw.events import ClipFinished, RunFinished, TakeFinished, Warned
from musicgen_daw.project.listening import judge, list_takes, unlock
from musicgen_daw.project.verification import verify
from musicgen_daw.store.clips import ClipStore


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".musicgen-daw" not in path.parts
    }


def made(events) -> list[str]:
    return [e.cue for e in events if isinstance(e, ClipFinished) and not e.from_store]


def written(events) -> int:
    return sum(e.written for e in events if isinstance(e, TakeFinished))


def test_deleting_the_output_loses_nothing(render, short_sheet: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    render(short_sheet, first, tmp_path / "store")
    events = render(short_sheet, second, tmp_path / "store")
    assert made(events) == []
    assert hashes(second) == hashes(first)


def test_two_stores_give_the_same_bytes(render, short_sheet: Path, tmp_path: Path) -> None:
    render(short_sheet, tmp_path / "a", tmp_path / "store a")
    render(short_sheet, tmp_path / "b", tmp_path / "store b")
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_a_second_run_makes_and_writes_nothing(render, short_sheet: Path, tmp_path: Path) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.*")}
    events = render(short_sheet, tmp_path / "out", tmp_path / "store")
    assert made(events) == []
    assert written(events) == 0
    files = [path for path in times if ".musicgen-daw" not in path.parts]
    assert all(path.stat().st_mtime_ns == times[path] for path in files)


def test_changing_one_cue_makes_one_cue(render, short_sheet: Path, tmp_path: Path) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    short_sheet.write_text(short_sheet.read_text().replace("dark", "dark and low"))
    events = render(short_sheet, tmp_path / "out", tmp_path / "store")
    assert made(events) == ["Hall"]
    assert sum(e.written > 0 for e in events if isinstance(e, TakeFinished)) == 1


def test_moving_a_cue_generates_nothing(render, short_sheet: Path, tmp_path: Path) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    short_sheet.write_text(short_sheet.read_text().replace("Roof,6", "Roof,7.25"))
    assert made(render(short_sheet, tmp_path / "out", tmp_path / "store")) == []


def test_a_cue_that_is_gone_takes_its_files_along(
    render, short_sheet: Path, tmp_path: Path
) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    lines = [line for line in short_sheet.read_text().splitlines() if "Hall" not in line]
    short_sheet.write_text("\n".join(lines))
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    assert not (tmp_path / "out" / "stems" / "Hall").exists()


def test_a_damaged_stem_is_written_anew(render, short_sheet: Path, tmp_path: Path) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    before = hashes(tmp_path / "out")
    (tmp_path / "out" / "stems" / "Door" / "Door_mix.wav").write_bytes(b"torn")
    assert [fault.where for fault in faults(tmp_path)][:1] == ["stems/Door/Door_mix.wav"]
    events = render(short_sheet, tmp_path / "out", tmp_path / "store")
    after = hashes(tmp_path / "out")
    assert before.items() <= after.items()
    assert set(after) - set(before) == {"stems/Door/Door_mix (set aside).wav"}
    assert [e.subject for e in events if isinstance(e, Warned)] == ["stems/Door/Door_mix.wav"]
    assert faults(tmp_path) == []


def faults(folder: Path):
    return list(verify(folder / "out", ClipStore(folder / "store")))


def test_a_damaged_clip_in_the_store_is_found(render, short_sheet: Path, tmp_path: Path) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    blob = next((tmp_path / "store").rglob("*.wav"))
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.write_bytes(content)
    assert any("clip" in fault.where for fault in faults(tmp_path))


def test_only_one_cue_is_worked_on_and_the_others_stay(
    render, short_sheet: Path, tmp_path: Path
) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store", only=["Door"])
    events = render(short_sheet, tmp_path / "out", tmp_path / "store", only=["Roof"])
    assert made(events) == ["Roof"]
    names = {path.parent.name for path in (tmp_path / "out").rglob("*_mix.wav")}
    assert names == {"Door", "Roof"}


def test_a_session_file_that_the_user_changed_is_never_overwritten(
    render, short_sheet: Path, tmp_path: Path
) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    (tmp_path / "out" / "short.mid").write_bytes(b"my own work")
    short_sheet.write_text(short_sheet.read_text().replace("Roof", "Tower"))
    events = render(short_sheet, tmp_path / "out", tmp_path / "store")
    assert (tmp_path / "out" / "short.mid").read_bytes() == b"my own work"
    assert (tmp_path / "out" / "short (2).mid").exists()
    assert any(isinstance(e, Warned) and "short.mid" in e.subject for e in events)


# -- takes -----------------------------------------------------------------------------------------


@pytest.fixture
def one_cue(tmp_path: Path) -> Path:
    sheet = tmp_path / "one.csv"
    sheet.write_text("name,length,preset,prompt,takes\nDoor,2,chiptune-adventure,bright,2\n")
    return sheet


def test_takes_are_siblings_with_seeds_of_their_own(render, one_cue: Path, tmp_path: Path) -> None:
    render(one_cue, tmp_path / "out", tmp_path / "store")
    takes = list_takes(tmp_path / "out")
    assert [take.take for take in takes] == [1, 2]
    assert takes[0].seed != takes[1].seed
    assert len(set(hashes(tmp_path / "out").values())) == len(hashes(tmp_path / "out"))


@pytest.mark.parametrize("verdict", ["keep", "lock"])
def test_a_kept_take_is_never_replaced(render, one_cue: Path, tmp_path: Path, verdict: str) -> None:
    render(one_cue, tmp_path / "out", tmp_path / "store")
    second = (tmp_path / "out/stems/Door/Door_t2_mix.wav").read_bytes()
    judge(tmp_path / "out", "Door", 2, verdict)
    one_cue.write_text(one_cue.read_text().replace("bright", "gloomy and slow"))
    events = render(one_cue, tmp_path / "out", tmp_path / "store")
    assert made(events) == []
    assert (tmp_path / "out/stems/Door/Door_t2_mix.wav").read_bytes() == second
    assert not (tmp_path / "out/stems/Door/Door_mix.wav").exists()


def test_a_cue_that_several_share_has_to_be_named_by_its_id(render, tmp_path: Path) -> None:
    sheet = tmp_path / "twins.csv"
    sheet.write_text("id,name,length,preset\na,Door,1,stinger\nA,Door,1,stinger\n")
    render(sheet, tmp_path / "out", tmp_path / "store")
    with pytest.raises(UsageError, match="by its id: a, A"):
        judge(tmp_path / "out", "Door", 1, "keep")
    judge(tmp_path / "out", "A", 1, "keep")
    assert [take.cue for take in list_takes(tmp_path / "out") if take.verdict] == ["A"]


def test_a_file_claims_no_frame_rate_that_nobody_told(render, short_sheet, tmp_path: Path) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store", only=["Roof"])
    content = (tmp_path / "out/stems/Roof/Roof_mix.wav").read_bytes()
    assert b"<BWFXML>" in content
    assert b"MASTER_SPEED" not in content


def test_a_rejected_take_gives_way_to_the_next(render, one_cue: Path, tmp_path: Path) -> None:
    render(one_cue, tmp_path / "out", tmp_path / "store")
    judge(tmp_path / "out", "door", 1, "reject")
    events = render(one_cue, tmp_path / "out", tmp_path / "store")
    assert len(made(events)) == 1
    listed = {take.take: take for take in list_takes(tmp_path / "out")}
    assert list(listed) == [1, 2, 3]
    assert (listed[1].verdict, listed[1].mix, listed[1].loudness_lufs) == ("reject", "", None)
    assert listed[2].mix
    assert listed[3].mix


def test_a_locked_take_is_refitted_when_its_cue_grows(
    render, one_cue: Path, tmp_path: Path
) -> None:
    import soundfile

    render(one_cue, tmp_path / "out", tmp_path / "store")
    judge(tmp_path / "out", "Door", 1, "lock")
    one_cue.write_text(one_cue.read_text().replace("Door,2,", "Door,3,"))
    assert made(render(one_cue, tmp_path / "out", tmp_path / "store")) == []
    assert soundfile.info(tmp_path / "out/stems/Door/Door_mix.wav").frames == 3 * 48_000


def test_a_locked_take_has_to_be_unlocked_before_it_is_rejected(
    render, one_cue: Path, tmp_path: Path
) -> None:
    render(one_cue, tmp_path / "out", tmp_path / "store")
    judge(tmp_path / "out", "Door", 1, "lock")
    with pytest.raises(UsageError, match="unlock"):
        judge(tmp_path / "out", "Door", 1, "reject")
    unlock(tmp_path / "out", "Door", 1)
    judge(tmp_path / "out", "Door", 1, "reject")


def test_a_take_that_is_not_there_is_named_with_those_that_are(
    render, one_cue: Path, tmp_path: Path
) -> None:
    render(one_cue, tmp_path / "out", tmp_path / "store")
    with pytest.raises(UsageError, match="it has 1, 2"):
        judge(tmp_path / "out", "Door", 9, "keep")
    with pytest.raises(UsageError, match="did you mean 'Door'"):
        judge(tmp_path / "out", "Dor", 1, "keep")


# -- formats and loops -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "subtype"),
    [
        ({"bit_depth": "16"}, "PCM_16"),
        ({"bit_depth": "32f"}, "FLOAT"),
        ({"sample_rate": 44_100}, "PCM_24"),
        ({"file_format": "flac"}, "PCM_24"),
    ],
)
def test_files_have_the_format_that_was_asked(
    render, one_cue: Path, tmp_path: Path, wishes, subtype: str
) -> None:
    import soundfile

    render(one_cue, tmp_path / "out", tmp_path / "store", **wishes)
    info = soundfile.info(next((tmp_path / "out").rglob("Door_mix.*")))
    assert info.subtype == subtype
    assert info.frames == 2 * wishes.get("sample_rate", 48_000)


def test_a_loop_has_its_points_in_the_file_and_no_seam(render, tmp_path: Path) -> None:
    import numpy as np
    import soundfile
    import wavinfo

    sheet = tmp_path / "loop.csv"
    sheet.write_text("name,bars,bpm,preset,end\nLoop,2,120,chiptune-adventure,loop\n")
    render(sheet, tmp_path / "out", tmp_path / "store")
    mix = tmp_path / "out/stems/Loop/Loop_mix.wav"
    (loop,) = wavinfo.WavInfoReader(str(mix)).smpl.sample_loops
    assert (loop.start, loop.end) == (0, 4 * 48_000 - 1)
    samples, _ = soundfile.read(mix)
    steps = np.abs(np.diff(samples, axis=0)).max()
    assert np.abs(samples[0] - samples[-1]).max() <= steps


# -- what is refused -------------------------------------------------------------------------------


def test_an_output_folder_that_can_not_be_written_is_found_before_any_work(
    render, short_sheet: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError):
        render(short_sheet, tmp_path / "file" / "out", tmp_path / "store")
    assert not list((tmp_path / "store").rglob("*.wav"))


def test_the_run_ends_with_its_sums(render, short_sheet: Path, tmp_path: Path) -> None:
    end = render(short_sheet, tmp_path / "out", tmp_path / "store")[-1]
    assert isinstance(end, RunFinished)
    assert (end.made, end.from_store, end.failed) == (3, 0, 0)


def test_closing_a_render_early_keeps_what_is_finished(
    render, short_sheet: Path, tmp_path: Path
) -> None:
    project = Project.open(short_sheet, output=tmp_path / "out", store=tmp_path / "store")
    stems = project.render(project.plan())
    first = next(stems)
    stems.close()
    assert first.path.exists()
    assert first.cue not in made(render(short_sheet, tmp_path / "out", tmp_path / "store"))


def test_an_output_folder_can_be_moved(render, short_sheet: Path, tmp_path: Path) -> None:
    render(short_sheet, tmp_path / "out", tmp_path / "store")
    shutil.move(tmp_path / "out", tmp_path / "elsewhere")
    assert written(render(short_sheet, tmp_path / "elsewhere", tmp_path / "store")) == 0
