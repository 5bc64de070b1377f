"""The server's SQLite file: accounts with their credits, and every call with its price.

One file, so that a clip and what it costs change together or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from musicgen_daw.errors import StoreError
from musicgen_daw.store import database
from musicgen_daw.store.atomic import make_folder

__all__ = ["Database"]

_PRIVATE = 0o700

_SCHEMA = """
CREATE TABLE salt (value BLOB NOT NULL);
INSERT INTO salt VALUES (randomblob(16));
CREATE TABLE accounts (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    key_hash   BLOB NOT NULL UNIQUE,
    credits    INTEGER NOT NULL,              -- millionths of a US dollar
    held       INTEGER NOT NULL DEFAULT 0,    -- for calls that are not at their end
    created_s  REAL NOT NULL,                 -- seconds since the epoch
    revoked_s  REAL,
    CHECK (held >= 0 AND credits >= held)
);
CREATE TABLE calls (
    id           TEXT PRIMARY KEY,
    account      INTEGER NOT NULL REFERENCES accounts (id),
    state        TEXT NOT NULL CHECK (state IN ('QUEUED', 'COMPLETED', 'FAILED')),
    prompt       TEXT NOT NULL,
    duration_s   TEXT NOT NULL,               -- a decimal number
    seed         INTEGER NOT NULL,
    price        INTEGER NOT NULL,            -- millionths of a US dollar
    error        TEXT,
    created_s    REAL NOT NULL,
    finished_s   REAL,
    generation_s REAL
);
CREATE INDEX calls_by_account ON calls (account, created_s);
CREATE INDEX calls_queued ON calls (id) WHERE state = 'QUEUED';
"""


class Database(database.Database):
    """The open file. All threads share it; other processes may have it open, too.

    Raises:
        StoreError: where the file can't be opened, read or written (all methods).
    """

    def __init__(self, folder: Path) -> None:
        _make_private(folder)
        super().__init__(
            folder / "serve.sqlite",
            "record of accounts",
            (_SCHEMA,),
            remedy="choose another folder with --data",
        )

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self.reading() as connection:
            return connection.execute(query, values).fetchall()


def _make_private(folder: Path) -> None:
    """Make the folder; what callers asked for is nobody else's business."""
    try:
        if not folder.is_dir():
            make_folder(folder)
            folder.chmod(_PRIVATE)
    except OSError as error:
        raise StoreError(
            f"can't be made: {error.strerror or error}; choose another folder with --data",
            path=folder,
        ) from error
