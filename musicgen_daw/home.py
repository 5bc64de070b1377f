"""Paths as people write them, with ``~`` for a home folder."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["in_home"]


def in_home(path: Path | str) -> Path:
    """Return a path with ``~``, or ``~NAME``, as the home folder of that user.

    A name that no user has stays as it is, and is a file that isn't there; ``Path.expanduser``
    would raise ``RuntimeError``.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111
