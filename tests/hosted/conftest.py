from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The generator behind the server, the scripted server and the bench are those of their rooms.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "server"))
sys.path.insert(0, str(Path(__file__).parent.parent / "backends/segmind"))
sys.path.insert(0, str(Path(__file__).parent.parent / "execution"))

from studio import Studio
from tones import served


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A server of tones with a funded key, and a producer's folder that points at it."""
    with served(tmp_path / "serve", usd="1000") as server:
        yield Studio(tmp_path, server)
