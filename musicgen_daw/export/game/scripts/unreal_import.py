"""Imports generated music into Unreal Engine: Tools > Execute Python Script, and choose this file.

It needs the plug-in "Python Editor Script Plugin". Sounds go to /Game/Music. Running it again
imports changed sounds anew; sound cues that exist are left as they are.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

import unreal

ROOT = "/Game/Music"


def check_loop(segment: dict[str, Any]) -> str | None:
    """Tell what is wrong with a segment's loop, on which the import would fail; None if nothing."""
    loop, length = segment["loop"], segment["length_samples"]
    if loop is None:
        return None
    if not 0 <= loop["start_samples"] < loop["end_samples"] - 1 <= length - 1:
        return "its loop lies outside the file"
    if (loop["start_samples"], loop["end_samples"]) != (0, length):
        return "a sound wave loops as a whole, and this loop is a part of the file"
    return None


def tags_of(
    segment: dict[str, Any], variation: dict[str, Any], layer: dict[str, Any]
) -> dict[str, str]:
    """Return what goes with a sound as metadata."""
    tags = {
        "AiGenerated": "true",
        "Title": segment["title"],
        "Segment": segment["name"],
        "Layer": layer["name"],
        "Take": variation["take"],
        "Theme": segment["theme"],
        "Intensity": segment["intensity"],
        "Bpm": segment["bpm"],
        "Meter": segment["meter"],
        "Bars": segment["bars"],
        "ExitSample": segment["exit_samples"],
        "Prompt": segment["prompt"],
        "Licence": segment["licence"],
    }
    return {tag: str(value) for tag, value in tags.items() if value not in (None, "")}


def import_sound(
    source: pathlib.Path, folder: str, name: str, looping: bool, tags: dict[str, str]
) -> Any:
    """Import one file as a sound wave; return it, or None where Unreal refused it."""
    task = unreal.AssetImportTask()
    task.set_editor_property("filename", str(source))
    task.set_editor_property("destination_path", folder)
    task.set_editor_property("destination_name", name)
    task.set_editor_property("automated", True)
    task.set_editor_property("replace_existing", True)
    task.set_editor_property("save", False)
    unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])
    wave = unreal.EditorAssetLibrary.load_asset(folder + "/" + name)
    if not isinstance(wave, unreal.SoundWave):
        return None
    wave.set_editor_property("looping", looping)
    for tag, value in sorted(tags.items()):
        unreal.EditorAssetLibrary.set_metadata_tag(wave, tag, value)
    unreal.EditorAssetLibrary.save_loaded_asset(wave)
    return wave


def make_cue(wave: Any, folder: str, name: str) -> None:
    """Make a sound cue that plays one wave, if there is none of this name."""
    if unreal.EditorAssetLibrary.does_asset_exist(folder + "/" + name):
        return
    factory = unreal.SoundCueFactoryNew()
    factory.set_editor_property("initial_sound_waves", [wave])
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    cue = tools.create_asset(name, folder, unreal.SoundCue, factory)
    if cue is not None:
        unreal.EditorAssetLibrary.save_loaded_asset(cue)


def import_segment(here: pathlib.Path, parent: str, segment: dict[str, Any]) -> int:
    """Import all sounds of a segment; return how many could not be."""
    failed = 0
    looping = segment["loop"] is not None
    for variation in segment["variations"]:
        folder = "/".join((parent, variation["name"]))
        for layer in [variation["mix"], *variation["layers"]]:
            name = variation["name"] + "_" + layer["name"]
            source = (here / layer["path"]).resolve()
            tags = tags_of(segment, variation, layer)
            wave = import_sound(source, folder, name, looping, tags)
            if wave is None:
                unreal.log_error("can't import " + str(source))
                failed += 1
            elif layer is variation["mix"]:
                make_cue(wave, folder, variation["name"])
    return failed


def main() -> None:
    """Import everything that the JSON beside this file tells."""
    here = pathlib.Path(__file__).resolve().parent
    music = json.loads((here / "game.json").read_text(encoding="utf-8"))
    failed = 0
    with unreal.ScopedSlowTask(len(music["segments"]), "Importing music") as progress:
        progress.make_dialog(True)
        for segment in music["segments"]:
            if progress.should_cancel():
                break
            progress.enter_progress_frame(1, segment["name"])
            fault = check_loop(segment)
            if fault is not None:
                unreal.log_error(segment["name"] + ": " + fault)
                failed += 1
                continue
            failed += import_segment(here, "/".join((ROOT, music["name"])), segment)
    told = "imported " + music["name"] + ", " + str(failed) + " failed"
    (unreal.log_warning if failed else unreal.log)(told)


main()
