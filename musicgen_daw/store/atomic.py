"""Files that are whole or not there: a temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["Content", "make_folder", "sweep", "try_to_write_in", "write_whole"]

Content = bytes | Callable[[BinaryIO], None]
"""The bytes of a file, or a function that writes them to an open file."""

_SUFFIX = ".partial"


def _nothing(fresh: Path) -> None:
    """Do nothing before a file is replaced."""


def write_whole(
    path: Path,
    content: Content,
    *,
    scratch: Path | None = None,
    make_room: Callable[[Path], None] = _nothing,
) -> None:
    """Write a file so that at every instant ``path`` is the old file or the whole new one.

    The temporary file lies in ``scratch``, a folder of the same file system, or beside the final
    one. When anything fails it is removed, and the old file stays. ``make_room`` gets its path
    when it is whole, just before it takes the place of the old file.

    Raises:
        OSError: as the system tells it.
    """
    make_folder(path.parent)
    folder = path.parent if scratch is None else scratch
    make_folder(folder)
    # The name is drawn, as writers on other machines may share the folder.
    partial = folder / f"{_drawn()}{_SUFFIX}"
    try:
        with partial.open("x+b") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                content(file)
            file.flush()
            os.fsync(file.fileno())
        make_room(partial)
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _drawn() -> str:
    return os.urandom(8).hex()


def try_to_write_in(folder: Path) -> None:
    """Make a small file in a folder and remove it.

    Raises:
        OSError: where the folder takes none.
    """
    trial = folder / f"{_drawn()}{_SUFFIX}"
    try:
        with trial.open("xb") as file:
            file.write(b"\0")
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each durable in its parent."""
    if folder.is_dir():
        return
    if folder.parent != folder:  # the root of a drive that isn't there has no parent to make
        make_folder(folder.parent)
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError:  # a device, say, which the system's words would call well there
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
    _sync_folder(folder.parent)


def sweep(scratch: Path, *, untouched_since_s: float) -> list[Path]:
    """Remove the temporary files that killed writers left in a folder; return their paths.

    A file that was written to after ``untouched_since_s`` (seconds since the epoch) may belong to
    a writer that lives, and stays.
    """
    removed = []
    for partial in sorted(scratch.glob(f"*{_SUFFIX}")):
        # Its writer, or another sweeper, may be quicker.
        with suppress(FileNotFoundError):
            if partial.stat().st_mtime <= untouched_since_s:
                partial.unlink()
                removed.append(partial)
    return removed


def _sync_folder(folder: Path) -> None:
    """Make a rename durable. Windows can't open a folder, and has no need to."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
