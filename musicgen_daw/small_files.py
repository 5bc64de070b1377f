"""Small files that a user names, such as settings, presets and keys: none of them holds a run up.

Opening a named pipe waits until somebody writes to it, perhaps for ever: here it is empty as long
as nobody does, and a shell's ``<(command)`` is read to its end. What is larger than such a file can
be, as a device that never ends, is refused before it fills the memory.
"""

from __future__ import annotations

import errno
import os
from io import BufferedReader
from pathlib import Path

__all__ = ["MOST_BYTES", "open_at_once", "read_small"]

MOST_BYTES = 1 << 22
"""A file of words that people write is far smaller."""


def read_small(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the content of a file, which has ``most_bytes`` at most.

    Raises:
        OSError: as the system tells it, and for a file that is larger.
    """
    with open_at_once(path) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def open_at_once(path: Path) -> BufferedReader:
    """Open a file for reading; a named pipe that nobody writes to is empty.

    Raises:
        OSError: as the system tells it.
        ValueError: for a path with a NUL in it.
    """
    return open(path, "rb", opener=_without_waiting)


def _without_waiting(path: str, flags: int) -> int:
    if os.name == "nt":  # whose named pipes are no files
        return os.open(path, flags)
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)  # what is being written is waited for
    return descriptor
