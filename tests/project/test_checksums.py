"""The checksum of a checkpoint: every byte, once, until a file changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from musicgen_daw.errors import BackendError, VerificationFailed
from musicgen_daw.musicgen.files import CheckpointFiles
from musicgen_daw.project.checksums import Checksums


def checkpoint(folder: Path, *contents: bytes) -> CheckpointFiles:
    folder.mkdir(exist_ok=True)
    paths = tuple(folder / f"model-{n}.safetensors" for n in range(len(contents)))
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return CheckpointFiles(folder, "safetensors", paths)


def test_a_checksum_is_known_once_it_was_read_and_until_a_file_changes(tmp_path: Path) -> None:
    files = checkpoint(tmp_path / "model", b"abc")
    checksums = Checksums(tmp_path / "cache")
    assert checksums.known(files) is None
    sha256, (one,) = checksums.read(files)
    assert sha256 == one.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert Checksums(tmp_path / "cache").known(files) == sha256
    told = files.weights[0].stat()
    files.weights[0].write_bytes(b"abd")
    os.utime(files.weights[0], ns=(told.st_atime_ns, told.st_mtime_ns + 1))
    assert checksums.known(files) is None
    assert checksums.read(files)[0] != sha256


def test_several_files_have_one_checksum_over_all(tmp_path: Path) -> None:
    files = checkpoint(tmp_path / "model", b"abc", b"def")
    checksums = Checksums(tmp_path / "cache")
    sha256, found = checksums.read(files)
    lines = [f"{one.sha256}  {one.path.name}" for one in found]
    assert sha256 == hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert checksums.known(files) == sha256
    files.weights[1].write_bytes(b"longer")
    assert checksums.known(files) is None


def test_what_the_hub_named_by_its_checksum_must_have_it(tmp_path: Path) -> None:
    blobs, folder = tmp_path / "blobs", tmp_path / "snapshot"
    blobs.mkdir()
    folder.mkdir()
    blob = blobs / hashlib.sha256(b"weights").hexdigest()
    blob.write_bytes(b"weights")
    path = folder / "model.safetensors"
    path.symlink_to(blob)
    files = CheckpointFiles(folder, "safetensors", (path,))
    checksums = Checksums(tmp_path / "cache")
    _, (one,) = checksums.read(files)
    assert one.promised == one.sha256 == blob.name
    blob.write_bytes(b"weighty")
    with pytest.raises(VerificationFailed, match="where the hub promised"):
        checksums.read(files)


@pytest.mark.parametrize("note", [b"", b"[]", b"{", b'{"sha256": 3}', b"[" * 5000])
def test_a_damaged_note_is_no_checksum(tmp_path: Path, note: bytes) -> None:
    files = checkpoint(tmp_path / "model", b"abc")
    checksums = Checksums(tmp_path / "cache")
    sha256, _ = checksums.read(files)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(note)
    assert checksums.known(files) is None
    assert checksums.read(files)[0] == sha256


def test_a_cache_that_can_not_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"in the way")
    files = checkpoint(tmp_path / "model", b"abc")
    checksums = Checksums(tmp_path / "cache")
    assert checksums.read(files)[0] == hashlib.sha256(b"abc").hexdigest()
    assert checksums.known(files) is None


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    files = checkpoint(tmp_path / "model", b"abc")
    files.weights[0].unlink()
    with pytest.raises(BackendError, match="can't be read: No such file"):
        Checksums(tmp_path / "cache").read(files)
