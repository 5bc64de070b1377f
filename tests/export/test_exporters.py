"""The table of exporters."""

import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from musicgen_daw.errors import UsageError
from musicgen_daw.export import (
    DEFAULT_EXPORTERS,
    EXPORTERS,
    export,
    exporter_names,
    exporters_named,
)
from musicgen_daw.session import Session


def test_each_exporter_writes_relative_paths(session: Session) -> None:
    paths = [file.path for name in DEFAULT_EXPORTERS for file in export(session, name)]
    assert paths == ["manifest.json", "markers.csv", "Film.mid", "Film.rpp"]


@pytest.mark.parametrize("is_list", [False, True])
def test_no_two_hand_offs_have_one_path_and_none_leads_out(session: Session, is_list: bool) -> None:
    session = replace(session, sheet=replace(session.sheet, is_list=is_list), title="../x")
    paths = [file.path for name in EXPORTERS for file in export(session, name)]
    assert len({path.casefold() for path in paths}) == len(paths)
    for path in paths:
        assert not PurePosixPath(path).is_absolute()
        assert ".." not in PurePosixPath(path).parts


def test_the_same_session_gives_the_same_files(session: Session) -> None:
    for name in EXPORTERS:
        assert export(session, name) == export(session, name), name


def test_the_cues_of_a_list_get_a_midi_file_each(session: Session) -> None:
    alone = replace(session, sheet=replace(session.sheet, is_list=True))
    files = export(alone, "midi")
    assert [file.path for file in files] == ["midi/1M1_Chase.mid", "midi/1M2_Calm.mid"]


def test_a_title_makes_a_safe_file_name(session: Session) -> None:
    assert export(replace(session, title="../../x"), "midi")[0].path == "x.mid"


def test_the_manifest_file_is_json(session: Session) -> None:
    (file,) = export(session, "manifest")
    assert json.loads(file.content)["title"] == "Film"


def test_an_unknown_exporter_is_named_with_the_nearest(session: Session) -> None:
    with pytest.raises(UsageError, match="did you mean 'markers'"):
        export(session, "marker")
    assert set(EXPORTERS) <= set(exporter_names())


def test_the_case_of_an_exporters_name_does_not_count(session: Session) -> None:
    assert exporters_named(["MIDI", "Reaper-CSV", "midi"]) == ("midi", "reaper-csv")
    assert export(session, "Midi") == export(session, "midi")
