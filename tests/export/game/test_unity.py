"""The kit for Unity; its scripts are compiled in ``tests/external``."""

import json
import re
from collections.abc import Callable

import pytest

from musicgen_daw.errors import ExportError
from musicgen_daw.export import CopyOf, export
from musicgen_daw.export.game.manifest import packaged
from musicgen_daw.session import Session

TOP = "unity/GeneratedMusic"


def test_the_manifest_names_the_copies_of_the_kit(game: Session) -> None:
    files = {file.path: file.content for file in export(game, "unity")}
    content = files[f"{TOP}/My_game/game.json"]
    assert isinstance(content, bytes)
    told = {
        f"{TOP}/My_game/{file['path']}"
        for segment in json.loads(content)["segments"]
        for variation in segment["variations"]
        for file in (variation["mix"], *variation["layers"])
    }
    assert told == {path for path, one in files.items() if isinstance(one, CopyOf)}


def test_scripts_are_shared_by_all_kits(game: Session) -> None:
    paths = [file.path for file in export(game, "unity") if file.path.endswith(".cs")]
    assert paths == [f"{TOP}/Editor/GeneratedMusicImporter.cs", f"{TOP}/GeneratedMusic.cs"]


def test_each_field_that_the_script_reads_is_in_the_schema() -> None:
    script = packaged("GeneratedMusic.cs").decode()
    schema = json.loads(packaged("game.schema.json"))
    known = set(schema["properties"]).union(
        *(one["properties"] for one in schema["$defs"].values())
    )
    fields = re.findall(r"^ +public (?!class)[\w\[\]]+ ([a-z_]+);$", script, re.MULTILINE)
    assert len(fields) > 20
    assert set(fields) <= known


def test_unity_gets_no_flac(game: Session, with_suffix: Callable[[Session, str], Session]) -> None:
    with pytest.raises(ExportError, match=r"Unity imports no \.flac files"):
        export(with_suffix(game, ".flac"), "unity")
