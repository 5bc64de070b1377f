"""The server's SQLite file: accounts with their credits, and every call with its price.

One file, so that a clip and what it costs change together or not at all.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from musicgen_daw.errors import StoreError
from musicgen_daw.store.atomic import make_folder

__all__ = ["Database"]

_SCHEMA_VERSION = 1
_BUSY_TIMEOUT_MS = 30_000
_PRIVATE = 0o700

_SCHEMA = """
CREATE TABLE salt (value BLOB NOT NULL);
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


class Database:
    """The open file. All threads share it; other processes may have it open, too.

    Raises:
        StoreError: where the file can't be opened, read or written (all methods).
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "serve.sqlite"
        self._lock = threading.Lock()
        with self._store_errors():
            _make_private(folder)
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False
            )
            try:
                # SQLite doesn't wait for others when it changes a new file to WAL: it fails.
                with FileLock(self._path.with_name(f"{self._path.name}.opening")):
                    self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self._lock, self._store_errors():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, durable at its end, and nobody else writes in between."""
        with self._lock, self._store_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        connection = self._connection
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}")
            connection.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(16),))
            connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
            connection.execute("COMMIT")
        elif version != _SCHEMA_VERSION:
            raise StoreError(
                f"has version {version}, and this program knows {_SCHEMA_VERSION}: "
                "use the newer program, or another folder with --data",
                path=self._path,
            )

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            told = error.strerror if isinstance(error, OSError) else None
            raise StoreError(
                f"the server's accounts can't be used: {told or error}; check space and rights, "
                "or choose another folder with --data",
                path=self._path,
            ) from error


def _make_private(folder: Path) -> None:
    """Make the folder; what callers asked for is nobody else's business."""
    if not folder.is_dir():
        make_folder(folder)
        folder.chmod(_PRIVATE)
