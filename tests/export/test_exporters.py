"""The table of exporters."""

import json
from dataclasses import replace

import pytest

from musicgen_daw.errors import UsageError
from musicgen_daw.export import EXPORTERS, export, exporter_names
from musicgen_daw.session import Session


def test_each_exporter_writes_relative_paths(session: Session) -> None:
    paths = [file.path for name in EXPORTERS for file in export(session, name)]
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
    with pytest.raises(UsageError, match="did you mean 'markers'"):
        export(session, "marker")
    assert set(EXPORTERS) <= set(exporter_names())
