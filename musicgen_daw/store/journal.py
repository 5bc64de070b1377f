"""What was tried, sent and paid, durably and across processes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from filelock import FileLock

from musicgen_daw.errors import Ambiguous, StoreError
from musicgen_daw.store.atomic import make_folder

__all__ = ["Attempt", "AttemptState", "Journal"]

AttemptState = Literal["intended", "accepted", "finished", "failed", "unknown"]

SCHEMA_VERSION = 1
_BUSY_TIMEOUT_MS = 30_000

_SCHEMA = """
CREATE TABLE attempts (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL,
    backend     TEXT NOT NULL,
    state       TEXT NOT NULL
                CHECK (state IN ('intended', 'accepted', 'finished', 'failed', 'unknown')),
    provider_id TEXT,
    reason      TEXT,
    cost_usd    TEXT,           -- a decimal number, exactly as it was told
    started_s   REAL NOT NULL,  -- seconds since the epoch
    changed_s   REAL NOT NULL
);
CREATE INDEX attempts_by_key ON attempts (key, id);
CREATE INDEX attempts_unsettled ON attempts (id)
    WHERE state IN ('intended', 'accepted', 'unknown');
"""
_COLUMNS = "key, backend, state, provider_id, reason, cost_usd, started_s, changed_s"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a clip.

    ``intended``: it was begun or is about to be sent. ``accepted``: the provider took it, under
    ``provider_id``. ``finished``: the clip is in the store. ``failed``: there is no clip and
    nothing was paid. ``unknown``: there is no clip and it may have been paid. The first two and
    the last are not settled. Times are seconds since the epoch.
    """

    key: str
    backend: str
    state: AttemptState
    provider_id: str | None
    reason: str | None
    cost_usd: Decimal | None
    started_s: float
    changed_s: float

    @property
    def is_settled(self) -> bool:
        """Tell whether the end of the attempt is known."""
        return self.state in ("finished", "failed")


class Journal:
    """The journal in one SQLite file. What a method wrote is durable when it returns.

    All threads of a process may share one; each process opens its own. ``clock`` tells seconds
    since the epoch.

    Raises:
        StoreError: where the file can't be opened, read or written (all methods).
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        with self._store_errors():
            make_folder(path.parent)
            # Transactions are opened by hand; the lock makes one connection fit for all threads.
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            # SQLite doesn't wait for others when it changes a new file to WAL: it fails.
            try:
                with FileLock(path.with_name(f"{path.name}.opening")):
                    self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    # -- writing -------------------------------------------------------------------------------

    def started(self, key: str, backend: str, *, exclusive: bool = False) -> None:
        """Note that work on a clip begins or that its request is about to be sent.

        ``exclusive`` is for what costs money: no second attempt may begin while an earlier one,
        of whatever process, is not settled.

        Raises:
            Ambiguous: for an exclusive attempt beside one that is not settled.
        """
        with self._transaction() as connection:
            latest = self._latest(connection, key)
            if exclusive and latest is not None and not latest.is_settled:
                raise Ambiguous(
                    "this clip was sent before and what became of it is not known: it may have "
                    "been paid, so it is not sent again by itself"
                )
            now_s = self._clock()
            connection.execute(
                "INSERT INTO attempts (key, backend, state, started_s, changed_s) "
                "VALUES (?, ?, 'intended', ?, ?)",
                (key, backend, now_s, now_s),
            )

    def accepted(self, key: str, provider_id: str) -> None:
        """Note the id under which the provider took the latest attempt."""
        self._change(key, "accepted", provider_id=provider_id)

    def finished(self, key: str, cost_usd: Decimal | None = None) -> None:
        """Note that the clip is in the store, and what it cost where that was told."""
        self._change(key, "finished", cost_usd=cost_usd)

    def failed(self, key: str, reason: str) -> None:
        """Note that there is no clip and nothing was paid: it may be tried again."""
        self._change(key, "failed", reason=reason)

    def unknown(self, key: str, reason: str) -> None:
        """Note that there is no clip and it may have been paid: it is never sent again."""
        self._change(key, "unknown", reason=reason)

    # -- reading -------------------------------------------------------------------------------

    def latest(self, key: str) -> Attempt | None:
        """Return the latest attempt at a clip."""
        with self._lock, self._store_errors():
            return self._latest(self._connection, key)

    def state_of(self, key: str) -> AttemptState | None:
        """Return the state of the latest attempt at a clip, ``None`` where there is none."""
        attempt = self.latest(key)
        return None if attempt is None else attempt.state

    def unsettled(self) -> tuple[Attempt, ...]:
        """Return the latest attempts whose end is not known, oldest first."""
        with self._lock, self._store_errors():
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM attempts AS attempt "  # noqa: S608 - a constant
                "WHERE state IN ('intended', 'accepted', 'unknown') AND NOT EXISTS "
                "(SELECT 1 FROM attempts WHERE key = attempt.key AND id > attempt.id) ORDER BY id"
            ).fetchall()
        return tuple(_attempt(row) for row in rows)

    # -- inside --------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        with self._transaction() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise StoreError(
                    f"is a journal of version {version}, and this program knows version "
                    f"{SCHEMA_VERSION}: use the newer program",
                    path=self._path,
                )

    def _change(
        self,
        key: str,
        state: AttemptState,
        *,
        provider_id: str | None = None,
        reason: str | None = None,
        cost_usd: Decimal | None = None,
    ) -> None:
        cost = None if cost_usd is None else str(cost_usd)
        with self._transaction() as connection:
            changed = connection.execute(
                "UPDATE attempts SET state = ?, provider_id = coalesce(?, provider_id), "
                "reason = ?, cost_usd = coalesce(?, cost_usd), changed_s = ? "
                "WHERE id = (SELECT max(id) FROM attempts WHERE key = ?)",
                (state, provider_id, reason, cost, self._clock(), key),
            ).rowcount
            if changed != 1:
                raise StoreError(f"knows no attempt at clip {key}", path=self._path)

    @staticmethod
    def _latest(connection: sqlite3.Connection, key: str) -> Attempt | None:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM attempts WHERE key = ? ORDER BY id DESC LIMIT 1",  # noqa: S608 - a constant
            (key,),
        ).fetchone()
        return None if row is None else _attempt(row)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
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

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            told = error.strerror if isinstance(error, OSError) else None
            raise StoreError(
                f"the journal can't be used: {told or error}; check space and rights, "
                "or choose another store with --store",
                path=self._path,
            ) from error


def _attempt(row: tuple[Any, ...]) -> Attempt:
    key, backend, state, provider_id, reason, cost, started_s, changed_s = row
    cost_usd = None if cost is None else Decimal(cost)
    return Attempt(key, backend, state, provider_id, reason, cost_usd, started_s, changed_s)
