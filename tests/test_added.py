"""What other packages add is found on the import path as it is now."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicgen_daw.added import added


def install(folder: Path, name: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[musicgen_daw.tests]\n{name} = {name}:Thing\n")


def test_what_comes_onto_the_import_path_is_found_and_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        install(tmp_path / name, name)
    assert added("musicgen_daw.tests") == ()
    for name in ("first", "second"):
        with monkeypatch.context() as here:
            here.syspath_prepend(tmp_path / name)
            assert [point.value for point in added("musicgen_daw.tests")] == [f"{name}:Thing"]
            assert added("musicgen_daw.nobodys") == ()
    assert added("musicgen_daw.tests") == ()


def test_a_path_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    assert added("musicgen_daw.tests") == ()
    install(tmp_path, "late")
    assert added("musicgen_daw.tests") == ()
