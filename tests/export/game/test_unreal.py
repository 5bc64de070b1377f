"""The kit for Unreal: its script is compiled, and run against a module that records the calls."""

from __future__ import annotations

import json
import os
import py_compile
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from musicgen_daw.export import export
from musicgen_daw.session import Session

STAND_IN = '''
"""Stands in for the editor: records what is asked of it, and holds the assets that were made."""
import atexit, json, os

CALLS, ASSETS = [], json.loads(os.environ["EXISTING"])
REFUSED = json.loads(os.environ["REFUSED"])


@atexit.register
def _record():
    with open(os.environ["RECORD"], "w") as file:
        json.dump(CALLS, file)



class _Object:
    def __init__(self):
        self.values = {}

    def set_editor_property(self, name, value):
        self.values[name] = value


class AssetImportTask(_Object): pass
class SoundCueFactoryNew(_Object): pass
class SoundWave(_Object): pass
class SoundCue(_Object): pass


class _Tools:
    def import_asset_tasks(self, tasks):
        for task in tasks:
            path = task.values["destination_path"] + "/" + task.values["destination_name"]
            CALLS.append(["import", task.values])
            if task.values["destination_name"] not in REFUSED:
                ASSETS[path] = SoundWave()
                ASSETS[path].path = path

    def create_asset(self, name, folder, kind, factory):
        waves = [wave.path for wave in factory.values["initial_sound_waves"]]
        CALLS.append(["create", folder + "/" + name, kind.__name__, waves])
        cue = ASSETS[folder + "/" + name] = kind()
        cue.path = folder + "/" + name
        return cue


class AssetToolsHelpers:
    get_asset_tools = staticmethod(_Tools)


class EditorAssetLibrary:
    @staticmethod
    def load_asset(path): return ASSETS.get(path)
    @staticmethod
    def does_asset_exist(path): return path in ASSETS
    @staticmethod
    def set_metadata_tag(asset, tag, value):
        assert isinstance(tag, str) and isinstance(value, str)
        CALLS.append(["tag", asset.path, tag, value])
    @staticmethod
    def save_loaded_asset(asset):
        CALLS.append(["save", asset.path, asset.values.get("looping")])


class ScopedSlowTask:
    def __init__(self, amount, title): pass
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def make_dialog(self, can_cancel): pass
    def should_cancel(self): return False
    def enter_progress_frame(self, amount, title): pass


def log(text): CALLS.append(["log", text])
def log_warning(text): CALLS.append(["warning", text])
def log_error(text): CALLS.append(["error", text])
'''


def unpack(session: Session, folder: Path) -> Path:
    for file in export(session, "unreal"):
        assert isinstance(file.content, bytes)
        (folder / file.path).parent.mkdir(exist_ok=True)
        (folder / file.path).write_bytes(file.content)
    return folder / "unreal"


def run(kit: Path, existing: tuple[str, ...] = (), refused: tuple[str, ...] = ()) -> list[Any]:
    """Run the script as the editor would, and return what it asked for."""
    editor = kit.parent / "editor"
    editor.mkdir()
    (editor / "unreal.py").write_text(STAND_IN)
    record = kit.parent / "calls.json"
    environment = {
        **os.environ,
        "PYTHONPATH": str(editor),
        "RECORD": str(record),
        "EXISTING": json.dumps(dict.fromkeys(existing)),
        "REFUSED": json.dumps(refused),
    }
    done = subprocess.run(
        [sys.executable, str(kit / "import_music.py")],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(record.read_text())  # type: ignore[no-any-return]


def test_the_script_compiles(game: Session, tmp_path: Path) -> None:
    kit = unpack(game, tmp_path)
    py_compile.compile(str(kit / "import_music.py"), str(tmp_path / "c"), doraise=True)


def test_each_sound_is_imported_once_from_beside_the_kit(game: Session, tmp_path: Path) -> None:
    calls = run(unpack(game, tmp_path))
    imports = [told for call, told in (entry[:2] for entry in calls) if call == "import"]
    assert len(imports) == 4 * 3 + 2 + 1
    assert imports[0] == {
        "filename": str((tmp_path / "stems/village-full/village-full_t1_mix.wav").resolve()),
        "destination_path": "/Game/Music/My_game/Village_full",
        "destination_name": "Village_full_mix",
        "automated": True,
        "replace_existing": True,
        "save": False,
    }


def test_loops_loop_and_the_rest_does_not(game: Session, tmp_path: Path) -> None:
    saved = {entry[1]: entry[2] for entry in run(unpack(game, tmp_path)) if entry[0] == "save"}
    top = "/Game/Music/My_game"
    assert saved[f"{top}/Village_calm/Village_calm_drums"] is True
    assert saved[f"{top}/Stinger_victory/Stinger_victory_mix"] is False


def test_each_mix_gets_a_sound_cue_and_one_that_exists_is_kept(
    game: Session, tmp_path: Path
) -> None:
    top = "/Game/Music/My_game"
    existing = f"{top}/Village_full/Village_full"
    made = [entry[1:] for entry in run(unpack(game, tmp_path), (existing,)) if entry[0] == "create"]
    assert len(made) == 6
    assert existing not in [path for path, _, _ in made]
    calm = f"{top}/Village_calm/Village_calm"
    assert [calm, "SoundCue", [f"{calm}_mix"]] in made


def test_tempo_and_licence_become_tags(game: Session, tmp_path: Path) -> None:
    calls = run(unpack(game, tmp_path))
    wave = "/Game/Music/My_game/Village_full/Village_full_mix"
    tags = {entry[2]: entry[3] for entry in calls if entry[:2] == ["tag", wave]}
    assert tags["Bpm"] == "120"
    assert tags["Licence"] == "CC0-1.0"
    assert tags["AiGenerated"] == "true"


def test_a_sound_that_unreal_refuses_is_told_and_the_rest_goes_on(
    game: Session, tmp_path: Path
) -> None:
    calls = run(unpack(game, tmp_path), refused=("Village_full_mix",))
    source = (tmp_path / "stems/village-full/village-full_t1_mix.wav").resolve()
    assert [entry for entry in calls if entry[0] == "error"] == [
        ["error", f"can't import {source}"]
    ]
    assert calls[-1] == ["warning", "imported My_game, 1 failed"]


@pytest.mark.parametrize(
    ("loop", "fault"),
    [
        ({"start_samples": 0, "end_samples": 384_001}, "its loop lies outside the file"),
        ({"start_samples": 7, "end_samples": 8}, "its loop lies outside the file"),
        ({"start_samples": 1, "end_samples": 384_000}, "a sound wave loops as a whole"),
    ],
)
def test_a_loop_that_would_fail_is_not_imported(
    game: Session, tmp_path: Path, loop: dict[str, int], fault: str
) -> None:
    kit = unpack(game, tmp_path)
    values = json.loads((kit / "game.json").read_text())
    values["segments"] = values["segments"][:1]
    values["segments"][0]["loop"] = loop
    (kit / "game.json").write_text(json.dumps(values))
    told, *_ = calls = run(kit)
    assert told[1].startswith(f"Village_full: {fault}")
    assert not [entry for entry in calls if entry[0] == "import"]
