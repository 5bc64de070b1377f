"""What people do to folders by hand, and sheets that ask for odd things: nothing of theirs is
lost, and one fault stops nothing else.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from musicgen_daw import Project
from musicgen_daw.errors import OutputError, RenderIncomplete
from musicgen_daw.events import ClipFinished, Event, TakeFinished, Warned
from musicgen_daw.project.listening import judge, list_takes
from musicgen_daw.project.manifest import read_takes
from musicgen_daw.project.verification import verify
from musicgen_daw.store.clips import ClipStore


@dataclass(frozen=True)
class Reel:
    """A rendered sheet of two short cues that a test may spoil."""

    root: Path

    @property
    def sheet(self) -> Path:
        return self.root / "reel.csv"

    @property
    def output(self) -> Path:
        return self.root / "out"

    @property
    def door(self) -> Path:
        return self.output / "stems/Door/Door_mix.wav"

    @property
    def roof(self) -> Path:
        return self.output / "stems/Roof/Roof_mix.wav"

    def edit(self, old: str, new: str) -> None:
        text = self.sheet.read_text()
        assert old in text
        self.sheet.write_text(text.replace(old, new))

    def render(self, **wishes: Any) -> list[Event]:
        events: list[Event] = []
        project = Project.open(self.sheet, output=self.output, store=self.root / "store")
        for _ in project.render(project.plan(**wishes), events.append):
            pass
        return events

    def warnings(self, **wishes: Any) -> list[str]:
        project = Project.open(self.sheet, store=self.root / "store")
        return [str(warning) for warning in project.plan(**wishes).warnings]

    def faults(self) -> list[str]:
        return [str(fault) for fault in verify(self.output, ClipStore(self.root / "store"))]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    reel = Reel(tmp_path_factory.mktemp("reel"))
    reel.sheet.write_text(
        "name,start,length,preset,prompt\n"
        "Door,0,0.5,chiptune-adventure,soft\n"
        "Roof,1,0.5,chiptune-adventure,bright\n"
    )
    reel.render()
    return reel


@pytest.fixture
def reel(finished: Reel, tmp_path: Path) -> Reel:
    return Reel(Path(shutil.copytree(finished.root, tmp_path / "reel")))


def warned(events: list[Event]) -> list[str]:
    return [f"{event.subject}: {event.message}" for event in events if isinstance(event, Warned)]


def made(events: list[Event]) -> list[str]:
    return [e.cue for e in events if isinstance(e, ClipFinished) and not e.from_store]


def damage_clip_of(reel: Reel, cue: str) -> Path:
    """Change one byte of the sound that a cue is made from."""
    store = ClipStore(reel.root / "store")
    key = next(take.clips[0].key for take in read_takes(reel.output) if take.name == cue)
    record = store.record_path(key)
    sha256 = json.loads(record.read_bytes())["stems"][0]["sha256"]
    blob = reel.root / "store" / "blobs" / sha256[:2] / f"{sha256}.wav"
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.write_bytes(content)
    return record


# -- only some cues ----------------------------------------------------------------------------


def test_finished_files_of_cues_that_a_run_may_not_touch_stay(reel: Reel) -> None:
    before = reel.door.read_bytes()
    reel.edit("0.5,chiptune-adventure,soft", "0.4,lofi-study,hard")
    events = reel.render(only=["Roof"])
    assert reel.door.read_bytes() == before
    assert [warning for warning in warned(events) if warning.startswith("Door: has files")]
    assert [take.name for take in read_takes(reel.output)] == ["Roof"]
    assert any("Door_mix.wav: was written by a render" in fault for fault in reel.faults())


def test_another_rate_for_one_cue_removes_no_file_of_another(reel: Reel) -> None:
    reel.render(only=["Roof"], file_format="flac")
    assert reel.door.exists()
    assert reel.roof.exists()
    assert reel.roof.with_suffix(".flac").exists()


# -- files that were changed -------------------------------------------------------------------


def test_a_stem_and_a_manifest_that_the_user_edited_are_set_aside(reel: Reel) -> None:
    reel.door.write_bytes(b"my own mix")
    (reel.output / "manifest.json").write_text("my own notes")
    told = warned(reel.render())
    assert len(told) == 2
    assert reel.door.with_name("Door_mix (set aside).wav").read_bytes() == b"my own mix"
    assert (reel.output / "manifest (set aside).json").read_text() == "my own notes"
    assert reel.faults() == []


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"levels": 1},
        {"gain_db": "loud"},
        {"loop": [9, 1]},
        {"loop": "xy"},
        {"channels": None},
        {"warnings": 3},
        {"told": ["x"]},
        {"integrated_lufs": float("inf")},
    ],
)
def test_a_record_with_unusable_facts_costs_the_file_and_nothing_else(
    reel: Reel, facts: dict[str, Any]
) -> None:
    ledger = reel.output / ".musicgen-daw" / "outputs.jsonl"
    records = [json.loads(line) for line in ledger.read_text().split("\n") if line.strip()]
    for record in records:
        if record["path"] == "stems/Door/Door_mix.wav":
            record["facts"] = facts and {**record["facts"], **facts}
    ledger.write_text("\n".join(map(json.dumps, records)))
    before = reel.door.read_bytes()
    events = reel.render()
    rewritten = [e.cue for e in events if isinstance(e, TakeFinished) and e.written]
    assert len(rewritten) == ("levels" not in facts)
    assert reel.door.read_bytes() == before
    assert warned(events) == []


# -- the manifest ------------------------------------------------------------------------------


def path_in(manifest: dict[str, Any]) -> dict[str, Any]:
    return manifest["cues"][0]["takes"][0]["stems"][0]


EDITS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "cues are a number": lambda m: m.update(cues=7),
    "a cue is text": lambda m: m.update(cues=["Door"]),
    "an id is a number": lambda m: m["cues"][0].update(id=7),
    "a name is a list": lambda m: m["cues"][0].update(name=["Door"]),
    "a length with an exponent": lambda m: m["cues"][0].update(length_s="1e99999999"),
    "a length over zero": lambda m: m["cues"][0].update(length_s="1/0"),
    "a take is infinite": lambda m: m["cues"][0]["takes"][0].update(take=float("inf")),
    "a seed is text": lambda m: m["cues"][0]["takes"][0].update(seed="7"),
    "no stems": lambda m: m["cues"][0]["takes"][0].update(stems=[]),
    "clips are null": lambda m: m["cues"][0]["takes"][0].update(clips=None),
    "a key is a number": lambda m: m["cues"][0]["takes"][0]["clips"][0].update(key=7),
    "a path with NUL": lambda m: path_in(m).update(path="a\0b"),
    "a path is missing": lambda m: path_in(m).pop("path"),
    "a level is text": lambda m: path_in(m).update(measured_lufs="loud"),
    "a level is beyond measure": lambda m: path_in(m).update(measured_lufs=10**400),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_manifest_of_wrong_types_is_one_error_with_the_remedy(
    reel: Reel, edit: Callable[[dict[str, Any]], Any]
) -> None:
    path = reel.output / "manifest.json"
    manifest = json.loads(path.read_bytes())
    edit(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(OutputError, match=r"is no manifest of this version .*run the render again"):
        read_takes(reel.output)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"null"])
def test_a_file_that_is_no_manifest_is_told_in_words(reel: Reel, content: bytes) -> None:
    (reel.output / "manifest.json").write_bytes(content)
    with pytest.raises(OutputError, match="run the render again") as caught:
        list_takes(reel.output)
    assert "Error" not in caught.value.reason


def test_verify_finds_stems_that_the_manifest_was_made_to_forget(reel: Reel) -> None:
    path = reel.output / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"cues": []}))
    faults = reel.faults()
    assert any("stems/Door/Door_mix.wav" in fault for fault in faults)
    assert any("stems/Roof/Roof_mix.wav" in fault for fault in faults)


def test_verify_tells_a_link_that_leads_in_a_circle(reel: Reel) -> None:
    reel.door.unlink()
    reel.door.symlink_to(reel.door.name)
    (reel.roof).unlink()
    reel.roof.mkdir()
    faults = reel.faults()
    assert any("Door_mix.wav: can't be read" in fault for fault in faults)
    assert any("Roof_mix.wav: is no file" in fault for fault in faults)


# -- the store ---------------------------------------------------------------------------------


def test_a_damaged_clip_fails_its_take_only_and_is_made_anew_by_the_next_run(reel: Reel) -> None:
    damage_clip_of(reel, "Door")
    reel.door.unlink()
    reel.roof.unlink()
    with pytest.raises(RenderIncomplete, match=r"Door take 1 failed.*damaged.*made anew"):
        reel.render()
    assert reel.roof.exists()
    assert [take.name for take in read_takes(reel.output)] == ["Roof"]
    assert len(made(reel.render())) == 1
    assert reel.faults() == []


def test_the_damaged_clip_of_a_kept_take_is_told_and_never_made_again(reel: Reel) -> None:
    judge(reel.output, "Door", 1, "keep")
    record = damage_clip_of(reel, "Door")
    reel.door.unlink()
    for _ in range(2):
        with pytest.raises(RenderIncomplete, match=r"Door take 1 failed.*damaged"):
            reel.render()
    assert record.exists()


def test_a_loop_that_is_too_short_fails_alone(reel: Reel) -> None:
    reel.edit("preset,prompt", "preset,prompt,end")
    reel.edit("soft", "soft,ring")
    reel.edit("bright", "bright,ring\nTick,3,0.00002,chiptune-adventure,tick,loop")
    with pytest.raises(RenderIncomplete, match="too short to loop"):
        reel.render()
    assert len(read_takes(reel.output)) == 2


# -- sheets and verdicts -----------------------------------------------------------------------


def test_a_folder_of_another_sheet_is_refused_before_any_work(reel: Reel) -> None:
    other = reel.root / "other.csv"
    shutil.copy(reel.sheet, other)
    project = Project.open(other, output=reel.output, store=reel.root / "store")
    with pytest.raises(OutputError, match=r"was made from .*reel\.csv"):
        next(project.render(project.plan()))
    reel.sheet.unlink()
    assert next(project.render(project.plan()))


def test_verdicts_on_a_cue_that_is_not_there_are_told(reel: Reel) -> None:
    judge(reel.output, "Door", 1, "keep")
    takes = reel.root / "reel.takes.toml"
    takes.write_text(takes.read_text().replace("[[cue.Door", "[[cue.Doors"))
    (warning,) = reel.warnings()
    assert "Doors" in warning
    assert "did you mean 'Door'?" in warning


def test_a_kept_take_whose_clips_are_lost_is_told_by_the_plan(reel: Reel) -> None:
    judge(reel.output, "Door", 1, "keep")
    assert reel.warnings() == []
    shutil.rmtree(reel.root / "store")
    (warning,) = reel.warnings()
    assert "take 1 of 'Door' is kept, but its clips are not in the store" in warning
