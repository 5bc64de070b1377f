from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The generator of these tests is also run by a script, in a process that is killed.
sys.path.insert(0, str(Path(__file__).parent))

from hosted_backend import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    with bench.journal:
        yield bench
