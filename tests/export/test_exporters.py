"""The table of exporters."""

import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from musicgen_daw.errors import ExportError
from musicgen_daw.export import DEFAULT_EXPORTERS, EXPORTERS, export, exporter_names
from musicgen_daw.session import Session


def test_each_exporter_writes_relative_paths(session: Session) -> None:
    for name in EXPORTERS:
        paths = [PurePosixPath(file.path) for file in export(session, name)]
        assert paths, name
        assert not any(path.is_absolute() or ".." in path.parts for path in paths), name


def test_by_default_manifest_markers_and_midi_are_written(session: Session) -> None:
    paths = [file.path for name in DEFAULT_EXPORTERS for file in export(session, name)]
    assert paths == ["manifest.json", "markers.csv", "Film.mid"]


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
    with pytest.raises(ExportError, match="did you mean 'markers'"):
        export(session, "marker")
    assert set(EXPORTERS) <= set(exporter_names())
