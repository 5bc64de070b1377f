from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from musicgen_daw.errors import StoreError
from musicgen_daw.store.evidence import EvidenceFolder

KEY = "ab" * 32


def test_a_body_is_kept_byte_for_byte_under_the_key_of_its_clip(tmp_path: Path) -> None:
    evidence = EvidenceFolder(tmp_path / "evidence")
    name = evidence.keep(KEY, b"<html>\0\xff oops")

    assert name.startswith(KEY)
    assert evidence.path_of(name).read_bytes() == b"<html>\0\xff oops"
    assert evidence.path_of(name).parent == tmp_path / "evidence"


def test_the_same_body_is_one_file_and_another_is_another(tmp_path: Path) -> None:
    evidence = EvidenceFolder(tmp_path / "evidence")
    first = evidence.keep(KEY, b"one")

    assert evidence.keep(KEY, b"one") == first
    assert evidence.keep(KEY, b"two") != first
    assert evidence.path_of(first).read_bytes() == b"one"
    assert len(list((tmp_path / "evidence").iterdir())) == 2


def test_a_large_body_is_cut(tmp_path: Path) -> None:
    evidence = EvidenceFolder(tmp_path / "evidence")
    name = evidence.keep(KEY, b"0123456789", at_most_bytes=4)
    assert evidence.path_of(name).read_bytes() == b"0123"


def test_a_full_disk_is_an_error_that_leaves_nothing_half_written(
    tmp_path: Path, disk_full_after: Callable[[int], AbstractContextManager[None]]
) -> None:
    evidence = EvidenceFolder(tmp_path / "evidence")
    with disk_full_after(1000), pytest.raises(StoreError, match="can't be written"):
        evidence.keep(KEY, bytes(5000))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("key", ["", "../" * 21 + "a", "AB" * 32, KEY + "\n"])
def test_only_the_key_of_a_clip_names_evidence(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="no key of a clip"):
        EvidenceFolder(tmp_path / "evidence").keep(key, b"x")


@pytest.mark.parametrize("name", ["", "..", "../journal.sqlite", f"{KEY}-{'0' * 16}.body/.."])
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="names no evidence"):
        EvidenceFolder(tmp_path / "evidence").path_of(name)
