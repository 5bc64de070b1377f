"""The examples and the README are run, as a reader would run them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from musicgen_daw.sketch.styles import STYLES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPTS = sorted((ROOT / "examples" / "library").glob("*.py"))
TELLING = {
    "game/game.csv": (
        "village-calm",
        "village-alert",
        "village-full",
        "stinger-victory",
        "stinger-chest",
        "stinger-danger",
    ),
    "sound-design/sound-design.csv": ("Alarm bed", "Impact hall", "Reactor bed"),
}
"""Cues of the lists that between them have layers, takes, loops, tails and three kinds of end."""

IS_WHOLE = bool(os.environ.get("MUSICGEN_DAW_WHOLE_EXAMPLES"))
"""Whether all cues of the lists are rendered."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Stores of its own, shared by the examples."""
    return {**os.environ, "XDG_DATA_HOME": str(tmp_path_factory.mktemp("data"))}


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_library_script_runs(script: Path, environment, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("sheet", TELLING)
def test_an_example_list_is_rendered_and_verified(sheet: str, environment, tmp_path: Path) -> None:
    def answer(*words: str) -> str:
        command = [sys.executable, "-m", "musicgen_daw", *words]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout

    path, out = str(ROOT / "examples" / sheet), str(tmp_path / "out")
    only = () if IS_WHOLE else [word for cue in TELLING[sheet] for word in ("--only", cue)]
    answer("plan", path)
    assert json.loads(answer("render", path, "-o", out, "--json", *only))["failed"] == 0
    answer("verify", out)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    for cue in manifest["cues"]:
        for take in cue["takes"]:
            for stem in take["stems"]:
                info = soundfile.info(tmp_path / "out" / stem["path"])
                assert info.frames == take["end_samples"] - take["start_samples"]


def test_the_readme_leads_with_the_two_commands() -> None:
    quick_start = README.split("## Quick start")[1].split("\n## ")[0]
    commands = re.findall(r"```\n(.+?)\n```", quick_start, re.DOTALL)
    venv = "python3 -m venv .venv && .venv/bin/pip install"
    assert commands[0] == (
        f"{venv} . && .venv/bin/musicgen-daw render examples/chase/chase.mid -o build/chase"
    )
    assert commands[1] == f"{venv} '.[test]' && .venv/bin/pytest -n auto"


def test_the_readme_names_every_style_of_the_composer() -> None:
    (names,) = re.findall(r"Styles of the built-in composer: `([^`]+)`", README)
    assert names.split() == sorted(STYLES)


def test_every_link_in_the_readme_leads_to_a_file() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target


@pytest.mark.slow
def test_the_python_of_the_readme_runs(environment, tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    (tmp_path / "chase.mid").write_bytes((ROOT / "examples/chase/chase.mid").read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
