"""Generators are found by their entry points: these tests install real ones into a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicgen_daw.backends import registry
from musicgen_daw.backends.sketch import SketchBackend
from musicgen_daw.errors import BackendError, UsageError


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path with a distribution that names generators."""
    info = tmp_path / "plugins-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugins\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[musicgen_daw.backends]\n"
        "theremin = theremin_plugin:Theremin\n"
        "nowhere = no_such_module:Backend\n"
        "misspelt = theremin_plugin:Therenim\n"
        "number = theremin_plugin:SEVEN\n"
    )
    (tmp_path / "theremin_plugin.py").write_text(
        "SEVEN = 7\nclass Theremin:\n    name = 'theremin'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_built_in_generator_enters_by_the_same_door() -> None:
    assert "sketch" in registry.names()
    assert isinstance(registry.load("sketch"), SketchBackend)


def test_an_installed_generator_is_found_and_made(plugins: Path) -> None:
    assert {"sketch", "theremin"} <= set(registry.names())
    assert registry.load("theremin").name == "theremin"


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown backend 'scetch' \(did you mean 'sketch'\?\)"):
        registry.load("scetch")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "'nowhere' (no_such_module:Backend) can't be imported: No module named"),
        ("misspelt", "can't be imported: module 'theremin_plugin' has no attribute 'Therenim'"),
        ("number", "'number' (theremin_plugin:SEVEN) is nothing that makes a generator"),
    ],
)
def test_a_generator_that_can_not_be_loaded_is_told(plugins: Path, name: str, message: str) -> None:
    with pytest.raises(BackendError) as caught:
        registry.load(name)
    assert message in str(caught.value)
