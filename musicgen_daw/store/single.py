"""A single file that the user names: a new one, never in place of another."""

from __future__ import annotations

from pathlib import Path

from musicgen_daw.errors import OutputError
from musicgen_daw.store.atomic import Content, try_to_write_in, write_whole

__all__ = ["refuse_existing", "refuse_unwritable", "write_single"]


def refuse_existing(path: Path) -> None:
    """Refuse a name that is taken; to be asked before any work.

    Raises:
        OutputError: where something is there already, or nothing of this name can be.
    """
    try:
        is_there = path.exists()
    except OSError as error:  # such as a name that is too long
        raise _unwritable(path, error) from error
    if is_there:
        raise OutputError("is there already: name another file, or remove it first", path=path)


def refuse_unwritable(path: Path) -> None:
    """Refuse a file whose folder takes none, by trying one; to be asked before any work.

    Raises:
        OutputError: where it can't be written.
    """
    try:
        try_to_write_in(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_single(path: Path, content: Content) -> None:
    """Write the whole file, or nothing.

    Raises:
        OutputError: where it can't be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"can't be written: {error.strerror or error}", path=path)
