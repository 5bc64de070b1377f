"""What other packages add to this one by their entry points."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

__all__ = ["added", "imported"]


def added(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group, of all packages on the import path.

    To look reads a file of every installed package, so each path is looked at once: what is
    installed later is found by the next process.
    """
    return _on(tuple(sys.path), group)


def imported(point: EntryPoint) -> Any:
    """Return what an entry point names.

    Raises:
        ImportError: where it can't be had, with its name, the reason and what to do.
    """
    try:
        return point.load()
    except (ImportError, AttributeError, SyntaxError) as error:
        raise ImportError(
            f"{point.name!r} ({point.value}) can't be imported: {error}; "
            "install what it needs, or remove its package"
        ) from error


@lru_cache(maxsize=16)
def _on(path: tuple[str, ...], group: str) -> tuple[EntryPoint, ...]:  # noqa: ARG001 - the cache's
    return tuple(entry_points(group=group))
