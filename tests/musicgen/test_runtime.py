from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")

PROGRAM = """
import os
from musicgen_daw.musicgen.runtime import load_torch
before = dict(os.environ)
load_torch()
import sys
assert "torch" in sys.modules
assert dict(os.environ) == before
memory = __import__("torch").ones(64_000_000)
print(open("/proc/self/smaps_rollup").read() if os.path.exists("/proc/self/smaps_rollup") else "")
"""


def huge_pages_kib(**settings: str) -> int | None:
    """Return how much memory lay in huge pages after a quarter of a gigabyte was filled."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line for line in done.stdout.splitlines() if line.startswith("AnonHugePages")]
    return int(found[0].split()[1]) if found else None


def test_large_blocks_lie_in_huge_pages_unless_the_user_says_otherwise() -> None:
    with_them = huge_pages_kib()
    if not with_them:
        pytest.skip("this system gives no huge pages")
    assert huge_pages_kib(THP_MEM_ALLOC_ENABLE="0") < with_them
