"""One SQLite file, shared by all threads of a process and by any number of processes."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from musicgen_daw.errors import StoreError
from musicgen_daw.store.atomic import make_folder

__all__ = ["Database"]

_BUSY_TIMEOUT_MS = 30_000
_MAGIC = b"SQLite format 3\0"
_WAL = b"\2\2"
"""Bytes 18 and 19 of a file that was changed to a write-ahead log."""


class Database:
    """A file of one schema. Each process opens its own; all its threads may share that.

    ``steps`` are SQL scripts: the first one makes the first version of the schema, each further
    one turns a version into the next; a semicolon ends a statement and stands nowhere else. An
    older file is brought up to date when it is opened. ``title`` is what messages call it. What
    a transaction wrote is durable when it ends, but where ``durable`` is false, for what need not
    outlive a power cut.

    A file that must be there already (``existing``) is neither made nor is its folder.

    Raises:
        StoreError: where the file can't be opened, read or written (all methods).
    """

    def __init__(
        self,
        path: Path,
        title: str,
        steps: Sequence[str],
        *,
        durable: bool = True,
        existing: bool = False,
    ) -> None:
        self.path = path
        self._title = title
        self._steps = steps
        self._durable = durable
        self._lock = threading.Lock()
        with self._store_errors():
            if not existing:
                make_folder(path.parent)
            # Transactions are opened by hand; the lock makes one connection fit for all threads.
            self._connection = sqlite3.connect(
                _address(path, existing=existing),
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.row_factory = sqlite3.Row
            try:
                self._prepare(existing=existing)
            except BaseException:
                self._connection.close()
                raise

    @staticmethod
    def is_there(path: Path) -> bool:
        """Tell whether there is a file to open as an existing one; one in the making is not."""
        try:
            with path.open("rb") as file:
                header = file.read(len(_MAGIC) + len(_WAL) + 2)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"can't be read: {error.strerror}", path=path) from error
        is_in_the_making = header == b"" or (header.startswith(_MAGIC) and header[18:20] != _WAL)
        return not is_in_the_making

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for one statement that reads."""
        with self._lock, self._store_errors():
            yield self._connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One immediate transaction: no other process writes between its reads and writes."""
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

    # -- inside --------------------------------------------------------------------------------

    def _prepare(self, *, existing: bool) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        if existing and self._version() == len(self._steps):
            return
        # SQLite doesn't wait for others when it changes a new file to WAL: it fails.
        with FileLock(self.path.with_name(f"{self.path.name}.opening")):
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._bring_up_to_date()
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _bring_up_to_date(self) -> None:
        version = self._version()
        if version > len(self._steps):
            raise StoreError(
                f"is a {self._title} of version {version}, and this program knows version "
                f"{len(self._steps)}: use the newer program",
                path=self.path,
            )
        for step in self._steps[version:]:
            for statement in step.split(";"):
                self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {len(self._steps)}")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            told = error.strerror if isinstance(error, OSError) else None
            raise StoreError(
                f"the {self._title} can't be used: {told or error}; check space and rights, "
                "or choose another store with --store",
                path=self.path,
            ) from error


def _address(path: Path, *, existing: bool) -> str:
    """Return the address of a file in SQLite's terms."""
    address = path.absolute().as_uri()
    if not existing:
        return address
    # In a folder that can't be written SQLite can't make the files that go with a log. There it
    # reads a file without a log as one that doesn't change.
    log = path.with_name(f"{path.name}-wal")
    if not os.access(path.parent, os.W_OK) and not log.exists():
        return f"{address}?mode=ro&immutable=1"
    return f"{address}?mode=rw"
