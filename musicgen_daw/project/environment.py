"""What a project needs beside its sheet: generators, presets and the store of this user."""

from __future__ import annotations

import hashlib
from pathlib import Path

import platformdirs

from musicgen_daw.backends import registry
from musicgen_daw.errors import AudioError
from musicgen_daw.planning import Generator
from musicgen_daw.settings import Settings

__all__ = ["digest_of", "generator", "journal_path", "store_root"]


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


def generator(name: str) -> Generator:
    """Return what planning needs to know of an installed generator.

    Raises:
        UsageError: for a name that nobody installed.
        BackendError: where it can't be imported.
    """
    backend = registry.load(name)
    return Generator(name, backend.revision, backend.capabilities)


def digest_of(path: str) -> str:
    """Return the sha256 hex digest of a sound file that guides a generator.

    Raises:
        AudioError: where it can't be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioError(f"can't be read: {error.strerror}", path=path) from None
