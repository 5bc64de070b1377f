"""Where the store and the journal of this user are."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from musicgen_daw.settings import Settings

__all__ = ["journal_path", "store_root"]


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
