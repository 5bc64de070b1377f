"""The game manifest, judged by its own schema."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicgen_daw.export import export
from musicgen_daw.export.game.manifest import packaged
from musicgen_daw.session import Session
from musicgen_daw.timeline import TempoMap

VALIDATOR = jsonschema_rs.validator_for(json.loads(packaged("game.schema.json")))


def manifest(session: Session) -> dict[str, Any]:
    files = {file.path: file.content for file in export(session, "game")}
    assert files["game.schema.json"] == packaged("game.schema.json")
    content = files["game.json"]
    assert isinstance(content, bytes)
    return json.loads(content)  # type: ignore[no-any-return]


def test_the_schema_is_a_schema() -> None:
    jsonschema_rs.meta.validate(json.loads(packaged("game.schema.json")))


def test_the_manifest_fits_its_schema(game: Session) -> None:
    VALIDATOR.validate(manifest(game))


def test_a_film_fits_the_schema_as_well(session: Session) -> None:
    values = manifest(session)
    VALIDATOR.validate(values)
    assert [segment["kind"] for segment in values["segments"]] == ["stinger", "stinger"]


def test_each_layer_tells_the_intensity_at_which_it_enters(game: Session) -> None:
    first, *others = game.cues
    drums, bass, mix = first.stems
    entering = replace(first, stems=(replace(drums, enters=0.35), bass, mix))
    values = manifest(replace(game, cues=(entering, *others)))
    VALIDATOR.validate(values)
    told = values["segments"][0]["variations"][0]
    assert [layer["enters_at_intensity"] for layer in told["layers"]] == [0.35, None]
    assert told["mix"]["enters_at_intensity"] is None


def test_the_groups_of_a_meter_are_told_where_they_are_known(game: Session) -> None:
    grouped = replace(game.cues[0], tempo_map=TempoMap.constant(90, 7, 8, (2, 2, 3)))
    values = manifest(replace(game, cues=(grouped, *game.cues[1:])))
    VALIDATOR.validate(values)
    assert values["segments"][0]["meter"] == "7/8"
    assert values["segments"][0]["meters"][0]["groups"] == [2, 2, 3]
    assert "groups" not in values["segments"][1]["meters"][0]


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("format_version",), 2),
        (("segments", 0, "kind"), "song"),
        (("segments", 0, "name"), "no name"),
        (("segments", 0, "loop", "end_samples"), 1),
        (("segments", 0, "variations"), []),
        (("themes", 0, "states"), ["only one"]),
        (("surprise",), 1),
    ],
)
def test_the_schema_refuses_what_is_wrong(
    game: Session, place: tuple[str | int, ...], wrong: object
) -> None:
    values: Any = manifest(game)
    inner = values
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = wrong
    assert not VALIDATOR.is_valid(values)


def test_a_loop_tells_everything_that_an_engine_needs(game: Session) -> None:
    segment = manifest(game)["segments"][0]
    told = {key: segment[key] for key in ("loop", "bpm", "meter", "bars", "exit_samples")}
    assert told == {
        "loop": {"start_samples": 0, "end_samples": 384_000},
        "bpm": 120,
        "meter": "4/4",
        "bars": 4,
        "exit_samples": 384_000,
    }
    (variation,) = segment["variations"]
    assert [layer["path"] for layer in variation["layers"]] == [
        "stems/village-full/village-full_t1_drums.wav",
        "stems/village-full/village-full_t1_bass.wav",
    ]
    assert variation["mix"]["integrated_lufs"] == -18.25
    assert segment["licence"] == "CC0-1.0"


def test_what_no_tempo_tells_is_null(game: Session) -> None:
    stinger = manifest(game)["segments"][3]
    assert (stinger["loop"], stinger["bpm"], stinger["bars"], stinger["tempo"]) == (
        None,
        None,
        None,
        [],
    )


def test_silence_is_null(game: Session) -> None:
    first, *others = game.cues
    silent = replace(first.stems[0], integrated_lufs=None, true_peak_dbtp=float("-inf"))
    changed = replace(first, stems=(silent, *first.stems[1:]))
    values = manifest(replace(game, cues=(changed, *others)))
    drums = values["segments"][0]["variations"][0]["layers"][0]
    assert (drums["integrated_lufs"], drums["true_peak_dbtp"]) == (None, None)


def test_the_same_session_gives_the_same_bytes(game: Session) -> None:
    assert export(game, "game") == export(game, "game")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_any_names_fit_the_schema(
    named: Callable[[Sequence[str]], Session], names: list[str]
) -> None:
    VALIDATOR.validate(manifest(named(names)))


def test_the_example_plays_layers_two_states_and_a_stinger(game: Session, tmp_path: Path) -> None:
    for placed in game.cues:
        for number, stem in enumerate(placed.stems):
            path = tmp_path / stem.path
            path.parent.mkdir(parents=True, exist_ok=True)
            level = {"village-full": 0.2, "village-calm": 0.05}.get(placed.id, 0.1)
            steady = np.full((placed.span.length_samples, 2), level * (number + 1) / 4)
            soundfile.write(path, steady, game.sample_rate, subtype="FLOAT")
    for file in export(game, "game"):
        assert isinstance(file.content, bytes)
        (tmp_path / file.path).write_bytes(file.content)
    script = Path(__file__).parents[3] / "examples" / "game" / "adaptive.py"
    output = tmp_path / "heard.wav"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(output)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    heard, rate = soundfile.read(output)
    assert len(heard) == 2 * 384_000
    bar = 2 * rate
    # The first of two layers alone; both, in the calm state; in the full one; with the stinger.
    places = (bar // 2, bar, 4 * bar, 6 * bar, 8 * bar - bar // 2)
    at = [heard[place, 0] for place in places]
    assert at == pytest.approx([0.0125, 0.0375, 0.15, 0.175, 0.175], abs=1e-4)
