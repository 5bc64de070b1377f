"""The rules between rooms, and what a start must not cost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "pedalboard", "httpx", "ray", "dask", "starlette", "soundfile", "soxr", "rich"}


def test_rooms_import_downwards_only() -> None:
    # In a process of its own, as it switches off every logger that it finds.
    program = (
        "import sys; from importlinter.cli import lint_imports\n"
        "sys.exit(lint_imports(config_filename=sys.argv[1], no_cache=True))"
    )
    command = [sys.executable, "-c", program, str(ROOT / "pyproject.toml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def modules_after(program: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after a program."""
    program += "\nimport sys; print('\\n' + ' '.join(sys.modules))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


@pytest.mark.parametrize(
    "start",
    [
        "import musicgen_daw",
        "import musicgen_daw; musicgen_daw.Project",
        "from musicgen_daw.cli import run; run(['--help'])",
    ],
)
def test_a_start_loads_nothing_heavy(start: str) -> None:
    assert not modules_after(start) & HEAVY


def test_help_does_not_load_numpy() -> None:
    assert "numpy" not in modules_after("from musicgen_daw.cli import run; run(['--help'])")


def test_every_public_name_exists() -> None:
    import musicgen_daw

    for name in musicgen_daw.__all__:
        assert getattr(musicgen_daw, name) is not None
