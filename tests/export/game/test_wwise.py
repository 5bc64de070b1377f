"""The tables for Wwise, read by a grammar of what its importer takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicgen_daw.errors import ExportError
from musicgen_daw.export import export
from musicgen_daw.session import Session

ROOTS = {"2024.1": r"\Actor-Mixer Hierarchy", "2025.1": r"\Containers"}
MUSIC = r"\Interactive Music Hierarchy"
NAME = r"[^:<>%*?\"/\\|.\t\r\n]+"  # the characters that Wwise refuses in a name

# What may hold what, as the Project Explorer allows it.
CHILDREN = {
    "Virtual Folder": {
        "Music Switch Container",
        "Music Playlist Container",
        "Music Segment",
        "Random Container",
        "Sound SFX",
    },
    "Music Switch Container": {"Music Playlist Container", "Music Segment"},
    "Music Playlist Container": {"Music Segment"},
    "Music Segment": {"Music Track"},
    "Random Container": {"Sound SFX"},
}
WITH_SOUND = {"Music Track", "Sound SFX"}
STEP = re.compile(rf"<({'|'.join({*CHILDREN, *WITH_SOUND})})>({NAME})")
HEADER = re.compile(
    r"Audio File|Object Path|Object Type|Notes|Audio Source Notes|Event|Switch Assignation"
    r"|(Property|Reference)\[\w+\]"
)
EVENT = re.compile(rf"\\Events\\Default Work Unit\\{NAME}")
SOUND = re.compile(r"\.\./\.\./stems/[^\t\\]+\.wav")


def table(session: Session, version: str = "2025.1") -> str:
    files = {file.path: file.content for file in export(session, "wwise")}
    content = files[f"wwise/{version}/import.tsv"]
    assert isinstance(content, bytes)
    return content.decode("utf-8")


def steps_of(path: str, root: str) -> list[tuple[str, str]]:
    """Return the types and names of a path, or fail where Wwise would."""
    head = next(head for head in (root, MUSIC) if path.startswith(f"{head}\\"))
    empty, unit, *names = path.removeprefix(head).split("\\")
    assert (empty, unit) == ("", "Default Work Unit")
    matches = [STEP.fullmatch(name) for name in names]
    assert all(matches), path
    return [(match[1], match[2]) for match in matches if match]


def read(text: str, version: str) -> list[dict[str, str]]:
    """Read a table as Wwise does, and fail at whatever it would refuse."""
    assert "\r" not in text
    assert '"' not in text
    header, *lines = text.removesuffix("\n").split("\n")
    columns = header.split("\t")
    assert all(HEADER.fullmatch(column) for column in columns)
    assert len(set(columns)) == len(columns)
    rows = []
    made: set[tuple[str, ...]] = set()
    for line in lines:
        cells = line.split("\t")
        assert len(cells) == len(columns), line
        row = dict(zip(columns, cells, strict=True))
        steps = steps_of(row["Object Path"], ROOTS[version])
        kinds = [kind for kind, _ in steps]
        for outer, inner in pairwise(kinds):
            assert inner in CHILDREN[outer]
        is_music = row["Object Path"].startswith(MUSIC)
        assert is_music == any(kind.startswith("Music") for kind in kinds) or kinds == [
            "Virtual Folder"
        ]
        assert row["Object Type"] == kinds[-1]
        assert bool(SOUND.fullmatch(row["Audio File"])) == (kinds[-1] in WITH_SOUND)
        assert not row["Event"] or EVENT.fullmatch(row["Event"])
        names = (str(is_music), *(name.lower() for _, name in steps))
        assert names not in made, "siblings must differ"
        assert len(names) == 2 or names[:-1] in made, "an object comes after what holds it"
        made.add(names)
        rows.append(row)
    return rows


@pytest.mark.parametrize("version", ROOTS)
def test_a_table_follows_the_grammar(game: Session, version: str) -> None:
    rows = read(table(game, version), version)
    assert len(rows) == len({row["Object Path"] for row in rows})


def test_only_the_root_of_sounds_differs_between_versions(game: Session) -> None:
    old, new = table(game, "2024.1"), table(game, "2025.1")
    assert old.replace(r"\Actor-Mixer Hierarchy", r"\Containers") == new
    assert old != new


def test_states_stand_in_a_switch_container_and_loops_in_playlists(game: Session) -> None:
    paths = [row["Object Path"] for row in read(table(game), "2025.1")]
    top = rf"{MUSIC}\Default Work Unit\<Virtual Folder>My_game"
    state = rf"{top}\<Music Switch Container>village\<Music Playlist Container>Village_alert"
    assert rf"{state}\<Music Segment>Village_alert\<Music Track>drums" in paths
    assert rf"{state}\<Music Segment>Village_alert_t1\<Music Track>bass" in paths
    assert rf"{top}\<Music Segment>Credits_roll\<Music Track>mix" in paths


def test_takes_of_a_stinger_stand_in_a_random_container(game: Session) -> None:
    paths = [row["Object Path"] for row in read(table(game), "2025.1")]
    top = r"\Containers\Default Work Unit\<Virtual Folder>My_game\<Random Container>Stinger_victory"
    assert rf"{top}\<Sound SFX>Stinger_victory_t2" in paths


def test_each_segment_has_one_event_and_the_theme_another(game: Session) -> None:
    events = [row["Event"].rpartition("\\")[2] for row in read(table(game), "2025.1")]
    assert sorted(filter(None, events)) == [
        "Play_Credits_roll",
        "Play_Stinger_victory",
        "Play_Village_alert",
        "Play_Village_calm",
        "Play_Village_full",
        "Play_village",
    ]


def test_a_segment_has_its_own_clock(game: Session) -> None:
    rows = {row["Object Path"].rpartition("\\")[2]: row for row in read(table(game), "2025.1")}
    segment = rows["<Music Segment>Village_calm"]
    assert [segment[f"Property[{name}]"] for name in ("OverrideClockSettings", "Tempo")] == [
        "true",
        "120",
    ]
    assert rows["<Music Segment>Credits_roll"]["Property[Tempo]"] == ""
    assert rows["<Music Track>drums"]["Audio Source Notes"].startswith("take 1, seed ")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.lists(
        st.text(max_size=30) | st.sampled_from(["a\tb", "=1+1", '"', "x\n\\y", "<Sound SFX>z"]),
        min_size=1,
        max_size=3,
    )
)
def test_no_name_can_break_a_table(
    named: Callable[[Sequence[str]], Session], names: list[str]
) -> None:
    read(table(named(names)), "2025.1")


def test_a_leading_equals_sign_is_not_prefixed(
    named: Callable[[Sequence[str]], Session],
) -> None:
    notes = [row["Notes"] for row in read(table(named(["=SUM"])), "2025.1")]
    assert "=SUM: =SUM. AI-generated. Licence: =SUM." in notes


def test_a_licence_that_is_a_sentence_ends_with_one_full_stop(
    named: Callable[[Sequence[str]], Session],
) -> None:
    notes = [row["Notes"] for row in read(table(named(["It is yours."])), "2025.1")]
    assert any(note.endswith("Licence: It is yours.") for note in notes)


def test_wwise_gets_wav_files_only(
    game: Session, with_suffix: Callable[[Session, str], Session]
) -> None:
    with pytest.raises(ExportError, match=r"Wwise imports no \.ogg files"):
        export(with_suffix(game, ".ogg"), "wwise")


def calls(session: Session, version: str = "2025.1") -> list[dict[str, Any]]:
    files = {file.path: file.content for file in export(session, "wwise")}
    content = files[f"wwise/{version}/waapi.json"]
    assert isinstance(content, bytes)
    values = json.loads(content)
    assert "Never sent to a Wwise" in values["experimental"]
    return values["calls"]  # type: ignore[no-any-return]


def test_the_api_imports_what_the_table_does_and_keeps_what_exists(game: Session) -> None:
    first, _ = calls(game)
    assert first["uri"] == "ak.wwise.core.audio.import"
    arguments = first["arguments"]
    assert arguments["importOperation"] == "useExisting"
    in_table = [row for row in read(table(game), "2025.1") if row["Audio File"]]
    assert [(one["audioFile"], one["objectPath"]) for one in arguments["imports"]] == [
        (row["Audio File"], row["Object Path"]) for row in in_table
    ]


def test_the_api_is_told_exit_cues_and_what_playlists_play(game: Session) -> None:
    objects = calls(game)[1]["arguments"]["objects"]
    (ringing,) = [one for one in objects if one["object"].endswith("Credits_roll")]
    assert ringing["@EndPosition"] == 20_500
    assert [(cue["name"], cue["@CueType"], cue["@TimeMs"]) for cue in ringing["@Cues"]] == [
        ("Entry Cue", 0, 0),
        ("Exit Cue", 1, 20_000),
        ("logo appears", 2, 2_500),
    ]
    playlists = [one["@PlaylistRoot"] for one in objects if "@PlaylistRoot" in one]
    assert [len(root["children"]) for root in playlists] == [1, 2, 1]
    assert all(root["@LoopCount"] == 0 for root in playlists)


# What the SDK's page of ak.wwise.core.audio.import tells of its arguments.
_TOLD = {
    "audioFile": {"type": "string"},
    "audioSourceNotes": {"type": "string"},
    "dialogueEvent": {"type": "string"},
    "event": {"type": "string", "pattern": r"^\\Events\\"},
    "importLanguage": {"type": "string"},
    "importLocation": {"type": "string"},
    "notes": {"type": "string"},
    "objectPath": {"type": "string", "pattern": r"^\\"},
    "objectType": {"type": "string"},
    "originalsSubFolder": {"type": "string"},
    "switchAssignation": {"type": "string"},
}
IMPORT_ARGUMENTS = {
    "type": "object",
    "required": ["imports"],
    "additionalProperties": False,
    "properties": {
        "importOperation": {"enum": ["createNew", "useExisting", "replaceExisting"]},
        "autoAddToSourceControl": {"type": "boolean"},
        "default": {
            "type": "object",
            "properties": _TOLD,
            "patternProperties": {"^@": {}},
            "additionalProperties": False,
        },
        "imports": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["objectPath"],
                "properties": _TOLD,
                "patternProperties": {"^@": {}},
                "additionalProperties": False,
            },
        },
    },
}


@pytest.mark.parametrize("version", ROOTS)
def test_the_arguments_of_the_import_are_of_the_documented_form(
    game: Session, version: str
) -> None:
    judge = jsonschema_rs.validator_for(IMPORT_ARGUMENTS)
    judge.validate(calls(game, version)[0]["arguments"])
    with pytest.raises(jsonschema_rs.ValidationError):
        judge.validate({"imports": [{"audioFile": "a.wav", "path": "b"}]})


@pytest.mark.parametrize("version", ROOTS)
def test_the_states_of_a_theme_choose_its_playlists(game: Session, version: str) -> None:
    objects = calls(game, version)[1]["arguments"]["objects"]
    (made,) = [one for one in objects if one["object"] == r"\States\Default Work Unit"]
    (group,) = made["children"]
    assert (group["type"], group["name"]) == ("StateGroup", "village")
    states = [state["name"] for state in group["children"]]
    assert states == ["Village_calm", "Village_alert", "Village_full"]
    (theme,) = [one for one in objects if "@Entries" in one]
    assert objects.index(made) < objects.index(theme)

    def path(told: Any, key: str) -> str:
        """From 2025.1 on a reference stands in an object of its own."""
        assert isinstance(told, str) == (version == "2024.1")
        return str(told if version == "2024.1" else told[key])

    root = r"\States\Default Work Unit\village"
    assert [path(told, "@Argument") for told in theme["@Arguments"]] == [root]
    chosen = {
        path(entry["@EntryPath"][0], "@EntryPathObject"): entry["@AudioNode"]
        for entry in theme["@Entries"]
    }
    assert chosen == {rf"{root}\{state}": rf"{theme['object']}\{state}" for state in states}
    playlists = {one["object"] for one in objects if "@PlaylistRoot" in one}
    assert set(chosen.values()) <= playlists
