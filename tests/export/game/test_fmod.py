"""The kit for FMOD Studio; its script is run in ``tests/external``."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicgen_daw.export import export
from musicgen_daw.export.game.manifest import packaged
from musicgen_daw.session import Session


def kit(session: Session) -> dict[str, str]:
    files = {file.path: file.content for file in export(session, "fmod")}
    return {
        path: content.decode("utf-8")
        for path, content in files.items()
        if isinstance(content, bytes)
    }


def told(script: str) -> dict[str, Any]:
    """Return what a script holds in front of its own text: nothing but JSON in ASCII."""
    assert script.isascii()
    data, mark, _ = script.partition(";\n\n" + packaged("fmod_import.js").decode("ascii")[:40])
    assert mark
    return json.loads(data.removeprefix("var GENERATED_MUSIC = "))  # type: ignore[no-any-return]


def test_each_layer_is_a_track_and_each_take_of_a_loop_an_event(game: Session) -> None:
    events = {event["name"]: event for event in told(kit(game)["fmod/import_music.js"])["events"]}
    assert list(events) == [
        "Village_full",
        "Village_calm",
        "Village_alert",
        "Village_alert_t1",
        "Stinger_victory",
        "Credits_roll",
    ]
    loop = events["Village_alert_t1"]
    assert loop["loop"] == {"at": 0, "length": 8}
    assert loop["tempo"] == {"bpm": 120, "numerator": 4, "denominator": 4}
    assert [track["name"] for track in loop["tracks"]] == ["drums", "bass"]


def test_takes_of_a_stinger_are_alternatives_on_one_track(game: Session) -> None:
    events = {event["name"]: event for event in told(kit(game)["fmod/import_music.js"])["events"]}
    (track,) = events["Stinger_victory"]["tracks"]
    assert track["files"] == [
        "stems/victory/victory_t1_mix.wav",
        "stems/victory/victory_t2_mix.wav",
    ]


def test_hits_and_the_exit_in_front_of_a_tail_are_markers(game: Session) -> None:
    events = {event["name"]: event for event in told(kit(game)["fmod/import_music.js"])["events"]}
    assert events["Credits_roll"]["markers"] == [
        {"name": "logo appears", "at": 2.5},
        {"name": "exit", "at": 20},
    ]
    assert events["Village_calm"]["markers"] == []


def test_the_table_tells_times_in_seconds(game: Session) -> None:
    rows = list(csv.DictReader(io.StringIO(kit(game)["fmod/music.csv"])))
    first = rows[0]
    assert (first["event"], first["track"], first["loop start s"], first["loop end s"]) == (
        "Village_full",
        "drums",
        "0",
        "8",
    )
    assert (rows[-1]["length s"], rows[-1]["exit s"], rows[-1]["loop end s"]) == ("20.5", "20", "")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_no_name_can_leave_the_data_of_the_script(
    named: Callable[[Sequence[str]], Session], names: list[str]
) -> None:
    events = told(kit(named(names))["fmod/import_music.js"])["events"]
    assert len(events) == 3 * len(names)


def test_formulas_in_the_table_are_neutralised(named: Callable[[Sequence[str]], Session]) -> None:
    rows = list(csv.DictReader(io.StringIO(kit(named(["=cmd()"]))["fmod/music.csv"])))
    assert {row["licence"] for row in rows} == {"'=cmd()"}
