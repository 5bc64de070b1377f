"""FMOD's script in node: its syntax, and what it asks of FMOD Studio."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from musicgen_daw.export import export
from musicgen_daw.session import Session

# Stands in for FMOD Studio: keeps a tree of folders, and records what an event is made of.
STUDIO = r"""
"use strict";
const fs = require("fs"), vm = require("vm");
const told = JSON.parse(fs.readFileSync(0, "utf8"));
const log = { messages: [], errors: [], imported: [], questions: [], banks: [] };
class Folder {
  constructor(name) { this.name = name; this.items = {}; }
  set folder(parent) { parent.items[this.name] = this; }
  getItem(name) { return this.items[name]; }
}
class Sound { set owner(multi) { multi.sounds.push(this.audioFile.path); } }
class Event {
  constructor() {
    this.timeline = { of: this };
    this.tracks = []; this.markers = []; this.regions = []; this.tempos = []; this.banks = [];
    this.relationships = { banks: { add: (bank) => this.banks.push(bank.name) } };
  }
  set folder(parent) { parent.items[this.name] = this; }
  addGroupTrack(name) {
    const track = { name, sounds: [], kind: null };
    this.tracks.push(track);
    track.addSound = (timeline, kind, start, length) => {
      if (timeline.of !== this) { throw new Error("a timeline of another event"); }
      Object.assign(track, { kind, start, length });
      return { sounds: track.sounds, set audioFile(asset) { track.sounds.push(asset.path); } };
    };
    return track;
  }
  addMarkerTrack() {
    return {
      relationships: { markers: { add: (marker) => this.tempos.push(
        [marker.position, marker.tempo, marker.timeSignatureNumerator,
         marker.timeSignatureDenominator]) } },
      addRegion: (at, length, name, mode) => this.regions.push([at, length, name, mode]),
      addNamedMarker: (name, at) => this.markers.push([name, at]),
    };
  }
}
const root = new Folder("");
const made = { EventFolder: () => new Folder(), Event: () => new Event(),
  SingleSound: () => new Sound(), TempoMarker: () => ({}), Bank: () => ({}) };
let items = [];
const studio = {
  menu: { addMenuItem: (item) => items.push(item) },
  system: {
    getText: (question) => { log.questions.push(question); return told.folder; },
    message: (text) => log.messages.push(text),
    error: (text) => log.errors.push(text),
  },
  project: {
    regionLoopMode: { None: 0, Looping: 1, Magnet: 2 },
    workspace: { masterEventFolder: root, masterBankFolder: {} },
    create: (kind) => made[kind](),
    lookup: (path) => log.banks.find((bank) => "bank:/" + bank.name === path),
    importAudioFile: (path) => {
      if (told.missing.some((name) => path.endsWith(name))) { return null; }
      log.imported.push(path);
      return { path, length: 1 };
    },
  },
};
const keep = studio.project.create;
studio.project.create = (kind) => {
  const one = keep(kind);
  if (kind === "Bank") { log.banks.push(one); }
  return one;
};
vm.runInNewContext(fs.readFileSync(process.argv[2], "utf8"), { studio });
for (let turn = 0; turn < told.turns; turn += 1) { items.forEach((item) => item.execute()); }
const events = {};
(function walk(folder, path) {
  for (const [name, item] of Object.entries(folder.items)) {
    if (item instanceof Folder) { walk(item, path + name + "/"); } else {
      const { tracks, markers, regions, tempos, banks } = item;
      events[path + name] = { tracks, markers, regions, tempos, banks };
    }
  }
}(root, ""));
process.stdout.write(JSON.stringify({ ...log, events, items: items.map((item) => item.name) }));
"""


@pytest.fixture
def node(program: Callable[..., str]) -> str:
    return program("node", "nodejs")


def unpack(session: Session, folder: Path) -> Path:
    (file,) = [file for file in export(session, "fmod") if file.path.endswith(".js")]
    assert isinstance(file.content, bytes)
    script = folder / "import_music.js"
    script.write_bytes(file.content)
    return script


def run(
    node: str,
    script: Path,
    *,
    folder: str = "D:\\game\\music\\",
    turns: int = 1,
    missing: Sequence[str] = (),
) -> dict[str, Any]:
    studio = script.with_name("studio.js")
    studio.write_text(STUDIO)
    done = subprocess.run(
        [node, str(studio), str(script)],
        input=json.dumps({"folder": folder, "turns": turns, "missing": list(missing)}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_the_script_has_no_fault_of_syntax(node: str, game: Session, tmp_path: Path) -> None:
    script = unpack(game, tmp_path)
    done = subprocess.run([node, "--check", str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_script_makes_an_event_with_a_track_a_layer(
    node: str, game: Session, tmp_path: Path
) -> None:
    seen = run(node, unpack(game, tmp_path))
    assert seen["errors"] == []
    event = seen["events"]["Music/My_game/Village_calm"]
    top = "D:/game/music/stems/village-calm/village-calm_t1"
    assert [(track["name"], track["sounds"]) for track in event["tracks"]] == [
        ("drums", [f"{top}_drums.wav"]),
        ("bass", [f"{top}_bass.wav"]),
    ]
    assert {(track["kind"], track["start"], track["length"]) for track in event["tracks"]} == {
        ("SingleSound", 0, 8)
    }
    assert event["regions"] == [[0, 8, "loop", 1]]
    assert event["tempos"] == [[0, 120, 4, 4]]
    assert event["banks"] == ["Music"]


def test_takes_of_a_stinger_become_one_instrument_of_several(
    node: str, game: Session, tmp_path: Path
) -> None:
    (track,) = run(node, unpack(game, tmp_path))["events"]["Music/My_game/Stinger_victory"][
        "tracks"
    ]
    assert track["kind"] == "MultiSound"
    assert [path[-10:] for path in track["sounds"]] == ["t1_mix.wav", "t2_mix.wav"]


def test_hits_and_exits_become_markers(node: str, game: Session, tmp_path: Path) -> None:
    event = run(node, unpack(game, tmp_path))["events"]["Music/My_game/Credits_roll"]
    assert event["markers"] == [["logo appears", 2.5], ["exit", 20]]
    assert event["regions"] == []


def test_a_second_run_makes_nothing_again(node: str, game: Session, tmp_path: Path) -> None:
    seen = run(node, unpack(game, tmp_path), turns=2)
    first, second = seen["messages"]
    assert first.startswith("6 events made, 0 were there, 0 failed")
    assert second.startswith("0 events made, 6 were there, 0 failed")
    assert len(seen["imported"]) == 4 * 2 + 2 + 1
    assert len(seen["banks"]) == 1


def test_an_event_whose_sound_is_missing_is_not_made(
    node: str, game: Session, tmp_path: Path
) -> None:
    seen = run(node, unpack(game, tmp_path), missing=["village-calm_t1_bass.wav"])
    assert "Music/My_game/Village_calm" not in seen["events"]
    assert len(seen["events"]) == 5
    (error,) = seen["errors"]
    assert error.startswith("Village_calm: can't import D:/game/music/stems/village-calm/")


def test_without_a_folder_nothing_happens(node: str, game: Session, tmp_path: Path) -> None:
    seen = run(node, unpack(game, tmp_path), folder="")
    assert seen["events"] == {}
    assert seen["messages"] == []
    assert seen["items"] == ["Import generated music"]


@pytest.mark.parametrize(
    "name", ['"; throw 1; "', "</script>", "\u2028", "${1}", "*/ alert(1) /*", "\\", "__proto__"]
)
def test_no_name_becomes_code(
    node: str, named: Callable[[Sequence[str]], Session], name: str, tmp_path: Path
) -> None:
    seen = run(node, unpack(named([name]), tmp_path))
    assert seen["errors"] == []
    assert len(seen["events"]) == 3
