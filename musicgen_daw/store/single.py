"""A single file that the user names: a new one, never in place of another."""

from __future__ import annotations

from pathlib import Path

from musicgen_daw.errors import OutputError
from musicgen_daw.store.atomic import Content, write_whole

__all__ = ["refuse_existing", "write_single"]


def refuse_existing(path: Path) -> None:
    """Refuse a name that is taken; to be asked before any work.

    Raises:
        OutputError: where something is there already.
    """
    if path.exists():
        raise OutputError("is there already: name another file, or remove it first", path=path)


def write_single(path: Path, content: Content) -> None:
    """Write the whole file, or nothing.

    Raises:
        OutputError: where it can't be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise OutputError(f"can't be written: {error.strerror or error}", path=path) from error
