"""One SQLite file, shared by all threads of a process and by any number of processes.

To make something durable takes a disk some milliseconds, whatever its size: threads that write at
the same time share one commit. Who reads has a connection of its own and waits for no disk.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from musicgen_daw.errors import StoreError
from musicgen_daw.store.atomic import make_folder

__all__ = ["Database"]

_BUSY_TIMEOUT_S = 30.0
_MOST_TOGETHER = 64
"""How many transactions share a commit at most, so that the first one does not wait for ever."""
_PATIENCE_S = 0.05
"""How long to wait for a thread that was about to write and may have been interrupted."""
_MAGIC = b"SQLite format 3\0"
_WAL = b"\2\2"
"""Bytes 18 and 19 of a file that was changed to a write-ahead log."""


@dataclass(slots=True, eq=False)
class _Commit:
    """A commit to come, which several transactions share; ``error`` tells why it failed."""

    transactions: int = 0
    error: BaseException | None = None
    is_over: threading.Event = field(default_factory=threading.Event)


class Database:
    """A file of one schema. Each process opens its own; all its threads may share that.

    ``steps`` are SQL scripts: the first one makes the first version of the schema, each further
    one turns a version into the next; a semicolon ends a statement and stands nowhere else. An
    older file is brought up to date when it is opened. ``title`` is what messages call it, and
    ``remedy`` what they advise where it can't be used. What a transaction wrote is durable when
    it ends, but where ``durable`` is false, for what need not outlive a power cut.

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
        remedy: str = "choose another store with --store",
    ) -> None:
        self.path = path
        self._title = title
        self._remedy = remedy
        self._steps = steps
        self._durable = durable
        self._lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._coming = 0
        self._coming_lock = threading.Lock()
        self._commit: _Commit | None = None
        with self._store_errors():
            if not existing:
                make_folder(path.parent)
            self._connection = _connected(path, existing=existing)
            try:
                self._prepare(existing=existing)
                self._reader = _connected(path, existing=existing)
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
        with self._lock, self._read_lock:
            self._reader.close()
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for one statement that reads; it sees what is durable."""
        with self._read_lock, self._store_errors():
            yield self._reader

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction: nobody else writes between its reads and writes, of whatever process.

        It sees what other threads wrote that is about to be durable, and becomes so with it; it
        ends when it is. Where it fails, nothing of it is written, and the others are.
        """
        with self._store_errors():
            commit = self._begin()
            try:
                with self._all_or_nothing(commit):
                    yield self._connection
            finally:
                self._end(commit)
            if not commit.is_over.wait(_PATIENCE_S):
                with self._lock:
                    self._do(commit)
            if commit.error is not None:
                raise commit.error

    # -- writing together ----------------------------------------------------------------------

    def _begin(self) -> _Commit:
        """Wait for the connection; open the transaction that others may share."""
        with self._coming_lock:
            self._coming += 1
        try:
            self._lock.acquire()
        finally:
            with self._coming_lock:
                self._coming -= 1
        try:
            if self._commit is None:
                self._connection.execute("BEGIN IMMEDIATE")
                self._commit = _Commit()
        except BaseException:
            self._lock.release()
            raise
        return self._commit

    @contextmanager
    def _all_or_nothing(self, commit: _Commit) -> Iterator[None]:
        """Undo what was written where something is raised, and nothing of what others wrote."""
        try:
            self._connection.execute("SAVEPOINT one")
            yield
            self._connection.execute("RELEASE one")
        except BaseException as error:
            # A full disk may have ended the transaction already, for all who share it.
            if not self._connection.in_transaction:
                self._over(commit, error)
            else:
                self._connection.execute("ROLLBACK TO one")
                self._connection.execute("RELEASE one")
            raise

    def _end(self, commit: _Commit) -> None:
        """Let the next one write, who commits this, too; the last one does so at once."""
        try:
            commit.transactions += 1
            if not self._coming or commit.transactions >= _MOST_TOGETHER:
                self._do(commit)
        finally:
            self._lock.release()

    def _do(self, commit: _Commit) -> None:
        """Commit, unless somebody did. Who shares it is told where that fails."""
        if commit.is_over.is_set():
            return
        try:
            self._connection.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):  # it may have been ended already
                self._connection.execute("ROLLBACK")
            self._over(commit, error)
            raise
        self._over(commit, None)

    def _over(self, commit: _Commit, error: BaseException | None) -> None:
        self._commit = None
        is_usual = error is None or isinstance(error, Exception)
        # The interrupt of one thread is none of the others.
        commit.error = error if is_usual else sqlite3.OperationalError("interrupted")
        commit.is_over.set()

    # -- opening -------------------------------------------------------------------------------

    def _prepare(self, *, existing: bool) -> None:
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
                f"or {self._remedy}",
                path=self.path,
            ) from error


def _connected(path: Path, *, existing: bool) -> sqlite3.Connection:
    """Return a connection for all threads, one at a time; it opens no transaction by itself."""
    connection = sqlite3.connect(
        _address(path, existing=existing),
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_TIMEOUT_S,
    )
    connection.row_factory = sqlite3.Row
    return connection


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
