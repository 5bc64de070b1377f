from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The generator of these tests is also served by a script, in a process of its own.
sys.path.insert(0, str(Path(__file__).parent))

from tones import Served, served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for the tests of a module that leave nothing behind but calls."""
    with served(tmp_path_factory.mktemp("serve")) as running:
        yield running
