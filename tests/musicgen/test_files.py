"""Finding a checkpoint and telling which it is: no torch is needed for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicgen_daw.errors import BackendError
from musicgen_daw.musicgen.files import find, fingerprint, locate


def checkpoint(folder: Path, content: bytes = b"weights") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(content)
    return folder


def test_a_folder_is_itself(tmp_path: Path) -> None:
    assert locate(str(checkpoint(tmp_path / "x")), {}) == tmp_path / "x"


@pytest.mark.parametrize(
    ("variable", "below"),
    [("HF_HUB_CACHE", "."), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub")],
)
def test_an_id_is_found_where_the_hub_keeps_it(tmp_path: Path, variable: str, below: str) -> None:
    model = tmp_path / below / "models--some--model"
    snapshot = checkpoint(model / "snapshots" / "abc123")
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("abc123")
    assert locate("some/model", {variable: str(tmp_path)}) == snapshot
    (model / "refs" / "main").write_text("def456")
    with pytest.raises(BackendError, match="in part only"):
        locate("some/model", {variable: str(tmp_path)})


def test_what_is_not_there_is_told_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="'musicgen-daw models pull some/model' gets it"):
        locate("some/model", {"HF_HOME": str(tmp_path)})
    with pytest.raises(BackendError, match="is no folder"):
        locate("/no/such/folder", {"HF_HOME": str(tmp_path)})


def test_a_reference_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    model = tmp_path / "models--some--model"
    (model / "refs").mkdir(parents=True)
    (model / "snapshots").mkdir()
    checkpoint(tmp_path / "elsewhere")
    (model / "refs" / "main").write_text("../../elsewhere")
    with pytest.raises(BackendError, match="in part only"):
        locate("some/model", {"HF_HUB_CACHE": str(tmp_path)})


def test_safetensors_come_before_the_older_forms(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "x")
    (folder / "pytorch_model.bin").touch()
    (folder / "state_dict.bin").touch()
    assert find(folder).layout == "safetensors"
    (folder / "model.safetensors").unlink()
    assert find(folder).layout == "bin"
    (folder / "pytorch_model.bin").unlink()
    assert find(folder).layout == "audiocraft"


def test_a_fingerprint_tells_two_trainings_apart(tmp_path: Path) -> None:
    content = bytes(range(256)) * 64
    marks = {fingerprint(find(checkpoint(tmp_path / "a", content)))}
    marks.add(fingerprint(find(checkpoint(tmp_path / "b", content[:-1] + b"x"))))
    marks.add(fingerprint(find(checkpoint(tmp_path / "c", content + b"x"))))
    other = checkpoint(tmp_path / "d", content)
    assert fingerprint(find(other)) in marks  # the same, wherever it lies
    (other / "config.json").write_text('{"model_type": "musicgen"}')
    marks.add(fingerprint(find(other)))
    assert len(marks) == 4


def test_a_fingerprint_of_a_missing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state_dict.bin").touch()
    with pytest.raises(BackendError, match="can't be read"):
        fingerprint(find(tmp_path))
