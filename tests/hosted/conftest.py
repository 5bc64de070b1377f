from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The generator behind the server and the scripted server are those of the rooms they belong to.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "server"))
sys.path.insert(0, str(Path(__file__).parent.parent / "backends/segmind"))

from studio import Studio
from tones import served


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A server of tones with a funded key, and a producer's folder that points at it."""
    with served(tmp_path / "serve", usd="1000") as server:
        yield Studio(tmp_path, server)
