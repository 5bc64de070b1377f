"""What stands at the paths of an output folder: some of it may be somebody's work."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path, PurePosixPath

from musicgen_daw.errors import OutputError
from musicgen_daw.store.ledger import OWN_FOLDER, is_plain

__all__ = ["NO_FILE", "OutputFiles", "names_beside", "output_errors", "sha256_of"]

NO_FILE = "no file"
"""The digest of what is there and is no file: a folder, or a link that leads nowhere."""


class OutputFiles:
    """The files of an output folder, by relative paths with forward slashes.

    Methods raise ``OutputError`` where a path leads out of the folder, through ``..`` or a link,
    and where the system refuses.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def locate(self, path: str) -> Path:
        """Return where a path of this folder lies.

        Raises:
            OutputError: also where the system's character set lacks its name.
        """
        if not (self.root / OWN_FOLDER).is_dir():
            raise OutputError("the output folder has vanished", path=self.root)
        plain = is_plain(path)
        if plain:
            _refuse_unwritable_name(path)
        target = self.root / path if plain else self.root
        with output_errors(target):
            # Path.resolve() would trip over links that lead in a circle.
            if not plain or not Path(os.path.realpath(target.parent)).is_relative_to(self.root):
                raise OutputError(f"the path {path!r} leads out of the folder", path=self.root)
        return target

    def size_bytes(self, path: str) -> int | None:
        """Return the size of a file as it is now, ``None`` where there is none."""
        target = self.locate(path)
        with output_errors(target):
            return target.stat().st_size if target.is_file() else None

    def digest(self, path: str) -> str | None:
        """Return the sha256 of a file as it is now, ``None`` where there is nothing."""
        target = self.locate(path)
        with output_errors(target):
            try:
                if target.is_file():
                    return sha256_of(target)
            except (FileNotFoundError, NotADirectoryError):
                return None
            return NO_FILE if os.path.lexists(target) else None

    def has_file(self, path: str) -> bool:
        """Tell whether a file stands at a path."""
        return self.digest(path) not in (None, NO_FILE)

    def set_aside(self, path: str) -> str:
        """Give what stands at a path a free name, as ``mix (set aside).wav``, and return it."""
        name = PurePosixPath(path)
        numbers = chain([""], (f" {number}" for number in count(2)))
        names = (f"{name.stem} (set aside{number}){name.suffix}" for number in numbers)
        free = next(
            aside
            for aside in (str(name.with_name(aside)) for aside in names)
            if self.digest(aside) is None
        )
        target = self.locate(path)
        with output_errors(target):
            target.rename(self.locate(free))
        return free

    def remove(self, path: str) -> None:
        """Remove a file, and the folders that this leaves empty."""
        target = self.locate(path)
        with output_errors(target):
            target.unlink()
        folder = target.parent
        with suppress(OSError):  # not empty
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent


def names_beside(path: str) -> Iterator[str]:
    """Yield ``chase.rpp``, ``chase (2).rpp``, ``chase (3).rpp`` and so on."""
    yield path
    name = PurePosixPath(path)
    for number in count(2):
        yield str(name.with_name(f"{name.stem} ({number}){name.suffix}"))


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Tell as ``OutputError`` what the system refuses inside the block."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"can't be written: {error.strerror or error}; check space and rights, "
            "or choose another folder with -o",
            path=error.filename or path,
        ) from error


def _refuse_unwritable_name(path: str) -> None:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        charset = sys.getfilesystemencoding()
        raise OutputError(
            f"the file name {path!a} can't be written, as file names here are {charset}: "
            "set a UTF-8 locale, such as LC_ALL=C.UTF-8"
        ) from None
