"""Loudness by cue, by stem, or for a whole sheet."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from musicgen_daw import Project
from musicgen_daw.audio.codecs import decode
from musicgen_daw.audio.levels import measure
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.events import TakeFinished, Warned


def sheet_with(tmp_path: Path, normalise: str, lufs: float = -24) -> Path:
    presets = tmp_path / "presets"
    presets.mkdir(exist_ok=True)
    for name in ("lofi-study", "deep-drone"):
        (presets / f"{name}-x.toml").write_text(
            f"extends = '{name}'\n[master]\nlufs = {lufs}\nnormalise = '{normalise}'\n"
        )
    sheet = tmp_path / "short.csv"
    sheet.write_text(
        "name,start,length,preset,prompt,bpm\n"
        "Door,0,4,lofi-study-x,soft,90\n"
        "Hall,5,3,deep-drone-x,dark,90\n"
        "Roof,9,4,lofi-study-x,loud,120\n"
    )
    return sheet


def run(sheet: Path, **wishes):
    project = Project.open(sheet, output=sheet.parent / "out", store=sheet.parent / "store")
    events = []
    for _ in project.render(project.plan(**wishes), events.append):
        pass
    return project, json.loads((sheet.parent / "out" / "manifest.json").read_text()), events


def mixes(sheet: Path, manifest):
    out = sheet.parent / "out"
    return {
        cue["name"]: (
            cue["takes"][0],
            decode((out / cue["takes"][0]["stems"][-1]["path"]).read_bytes()),
        )
        for cue in manifest["cues"]
    }


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    sheet = sheet_with(tmp_path_factory.mktemp("together"), "sheet")
    return sheet, *run(sheet)


def test_a_sheet_has_the_loudness_and_its_cues_one_gain(together):
    sheet, project, manifest, events = together
    made = mixes(sheet, manifest)
    assert len({take["facts"]["gain_db"] for take, _ in made.values()}) == 1
    loudness = [Loudness.of(mix) for _, mix in made.values()]
    assert Loudness.together(loudness).integrated_lufs() == pytest.approx(-24, abs=0.02)
    alone = [each.integrated_lufs() for each in loudness]
    assert max(alone) - min(alone) > 1
    assert [take["stems"][-1]["asked_lufs"] for take, _ in made.values()] == [None] * 3
    assert [take["facts"]["normalised"] for take, _ in made.values()] == ["sheet"] * 3
    assert not [event for event in events if isinstance(event, Warned)]
    assert list(project.verify()) == []


def test_a_second_run_and_one_of_a_single_cue_write_nothing(together):
    sheet, _, manifest, _ = together
    for only in ((), ("Hall",)):
        _, again, events = run(sheet, only=only)
        assert [event.written for event in events if isinstance(event, TakeFinished)] == [0] * (
            1 if only else 3
        )
        assert not [event for event in events if isinstance(event, Warned)]
        assert again == manifest


def test_a_cue_that_asks_for_its_own_loudness_has_it(tmp_path):
    sheet = sheet_with(tmp_path, "sheet")
    rows = sheet.read_text().splitlines()
    with_lufs = [rows[0] + ",lufs", *(f"{row}," for row in rows[1:3]), f"{rows[3]},-30"]
    sheet.write_text("\n".join(with_lufs) + "\n")
    _, manifest, _ = run(sheet)
    made = mixes(sheet, manifest)
    assert measure(made["Roof"][1]).integrated_lufs == pytest.approx(-30, abs=0.02)
    rest = [Loudness.of(made[name][1]) for name in ("Door", "Hall")]
    assert Loudness.together(rest).integrated_lufs() == pytest.approx(-24, abs=0.02)


def test_each_stem_has_the_loudness_where_stems_are_asked_for(tmp_path):
    sheet = sheet_with(tmp_path, "stem", lufs=-30)
    _, manifest, _ = run(sheet, only=("Door",))
    (cue,) = manifest["cues"]
    *stems, mix = cue["takes"][0]["stems"]
    assert len(stems) > 2
    assert [stem["asked_lufs"] for stem in stems] == [-30.0] * len(stems)
    assert mix["asked_lufs"] is None
    heard = [stem["measured_lufs"] for stem in stems if stem["measured_lufs"] is not None]
    assert heard == pytest.approx([-30] * len(heard), abs=0.05)
    assert mix["measured_lufs"] > -28
    out = sheet.parent / "out"
    sounds = [decode((out / stem["path"]).read_bytes()).samples for stem in stems]
    total = np.sum(sounds, axis=0)
    np.testing.assert_allclose(total, decode((out / mix["path"]).read_bytes()).samples, atol=1e-6)
