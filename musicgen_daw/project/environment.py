"""Where the store and the journal of this user are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import platformdirs

from musicgen_daw.settings import Settings

__all__ = ["content_digest", "journal_path", "store_root"]


def store_root(settings: Settings, chosen: Path | None = None) -> Path:
    """Return the folder of the clip store: it is the user's, not the output folder's."""
    return (
        chosen
        or settings.store
        or platformdirs.user_data_path("musicgen-daw", appauthor=False) / "store"
    )


def journal_path(store: Path) -> Path:
    """Return where the journal of a clip store lies."""
    return store / "journal.sqlite"


def content_digest(path: str) -> str:
    """Return a digest of a file, or of all in a folder; of what is not there, that it isn't.

    A plug-in of many megabytes is read once, as long as it stays as it is.
    """
    files = tuple(_as_they_are(Path(path)))
    return _digest_of_all(files) if files else "missing"


def _as_they_are(root: Path) -> Iterator[tuple[str, int, int]]:
    for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
        if file.is_file():
            told = file.stat()
            yield str(file), told.st_size, told.st_mtime_ns


@lru_cache(maxsize=64)
def _digest_of_all(files: tuple[tuple[str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, _, _ in files:
        with Path(path).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
