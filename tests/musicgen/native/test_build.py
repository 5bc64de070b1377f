from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.musicgen.native.build import compiled, library  # noqa: E402


@pytest.fixture(autouse=True)
def _machine_that_can() -> None:
    """A source that does not compile is no reason to skip: whatever should be there must be."""
    knows = torch.backends.cpu.get_cpu_capability().startswith("AVX")
    if shutil.which("gcc") is None or not knows:
        pytest.skip("this machine has no C compiler, or a processor of another kind")


def test_a_machine_with_a_compiler_has_the_step() -> None:
    assert library() is not None


@pytest.fixture(scope="module")
def strict() -> dict[str, str]:
    """An environment whose compiler takes no warning."""
    return {**os.environ, "CC": "gcc -Wall -Wextra -Werror"}


@pytest.fixture(scope="module")
def kept(strict: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was compiled without a warning, in its folder."""
    folder = tmp_path_factory.mktemp("native") / "cache"
    assert compiled(folder, strict) is not None
    (found,) = folder.iterdir()
    return found


def test_what_was_compiled_is_kept_and_found_again(kept: Path, strict: dict[str, str]) -> None:
    made = kept.stat().st_mtime_ns
    assert compiled(kept.parent, strict) is not None
    assert [(path, path.stat().st_mtime_ns) for path in kept.parent.iterdir()] == [(kept, made)]


@pytest.mark.parametrize("compiler", ["false", "no-such-compiler", "'", "cc --no-such-flag"])
def test_without_a_compiler_that_works_there_is_none(tmp_path: Path, compiler: str) -> None:
    assert compiled(tmp_path, {**os.environ, "CC": compiler}) is None
    assert list(tmp_path.iterdir()) == []


def test_a_machine_without_programs_has_none(tmp_path: Path) -> None:
    assert compiled(tmp_path, {"PATH": str(tmp_path)}) is None


def test_a_folder_that_can_not_be_made_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert compiled(tmp_path / "file" / "cache", os.environ) is None


def test_a_damaged_result_is_made_anew(kept: Path, strict: dict[str, str], tmp_path: Path) -> None:
    damaged = tmp_path / kept.name
    damaged.write_bytes(kept.read_bytes()[:100])
    assert compiled(tmp_path, strict) is not None
    assert damaged.stat().st_size > 100
