"""Programs of others, which judge what we write; a test without its program is skipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Returns the path of the first of several programs that is installed, or skips the test."""

    def found(*names: str) -> str:
        for name in names:
            path = shutil.which(name)
            if path is not None:
                return path
        pytest.skip(f"{' or '.join(names)} is not installed")

    return found
