"""The film example, rendered once for all tests that look at it from outside, and a short list."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from musicgen_daw import Project
from musicgen_daw.events import Event

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Rendered:
    """An example and what a render made of it."""

    sheet: Path
    output: Path
    store: Path

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.output / "manifest.json").read_text())

    def stems(self) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
        """Every (cue, take, stem) of the manifest."""
        return [
            (cue, take, stem)
            for cue in self.manifest["cues"]
            for take in cue["takes"]
            for stem in take["stems"]
        ]

    def mixes(self) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
        return [entry for entry in self.stems() if entry[2]["name"] == "mix"]


def _render(sheet: Path, output: Path, store: Path, **wishes: Any) -> list[Event]:
    events: list[Event] = []
    project = Project.open(sheet, output=output, store=store)
    for _ in project.render(project.plan(**wishes), events.append):
        pass
    return events


@pytest.fixture(scope="session")
def render() -> Callable[..., list[Event]]:
    """Renders a sheet into a folder with a store, and returns the events."""
    return _render


@pytest.fixture(scope="session")
def chase(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    folder = tmp_path_factory.mktemp("chase")
    sheet = Path(shutil.copy(EXAMPLES / "chase" / "chase.mid", folder))
    rendered = Rendered(sheet, folder / "out", folder / "store")
    _render(sheet, rendered.output, rendered.store)
    return rendered


@pytest.fixture
def short_sheet(tmp_path: Path) -> Path:
    """Three short cues, quick to make."""
    sheet = tmp_path / "short.csv"
    sheet.write_text(
        "name,start,length,preset,prompt\n"
        "Door,0,2,lofi-study,soft\n"
        "Hall,3,2.5,deep-drone,dark\n"
        "Roof,6,1.5,chiptune-adventure,bright\n"
    )
    return sheet
