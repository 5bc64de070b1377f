"""The generators that are installed. The built-in one enters by the same door as all others: the
entry point group ``musicgen_daw.backends``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint

from musicgen_daw.added import added, imported
from musicgen_daw.backends.base import Backend
from musicgen_daw.errors import BackendError, UsageError, did_you_mean

__all__ = ["GROUP", "load", "names"]

GROUP = "musicgen_daw.backends"
"""An entry point of this group names a callable without arguments, such as a class, that returns
a ``Backend``. Making one is quick and opens nothing: entering it does.
"""


def names() -> list[str]:
    """Return the names of all installed generators, in order."""
    return sorted({point.name for point in added(GROUP)})


def load(name: str) -> Backend:
    """Return a new generator, not yet entered.

    Raises:
        UsageError: for a name that nobody installed.
        BackendError: where its package can't be imported.
    """
    found = _find(name)
    try:
        make: Callable[[], Backend] = imported(found)
    except ImportError as error:
        raise BackendError(f"backend {error}") from error
    if not callable(make):
        raise BackendError(f"backend {name!r} ({found.value}) is nothing that makes a generator")
    return make()


def _find(name: str) -> EntryPoint:
    points = [point for point in added(GROUP) if point.name == name]
    if not points:
        known = names()
        raise UsageError(
            f"unknown backend {name!r}{did_you_mean(name, known)}; installed: {', '.join(known)}"
        )
    return min(points, key=lambda point: point.value)
