"""What was tried, sent and paid, durably and across processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from musicgen_daw.errors import Ambiguous, FolderBusy, StoreError, UsageError
from musicgen_daw.planning import ClipRequest
from musicgen_daw.planning.price import Paid
from musicgen_daw.store.attempts import (
    AT_WORK,
    MAY_FOLLOW,
    REPEATABLE,
    SCHEMA_STEPS,
    UNDER_WAY,
    Attempt,
    AttemptState,
    Purpose,
    amount,
    doubt,
    from_row,
    storable,
    to_row,
)
from musicgen_daw.store.database import Database
from musicgen_daw.store.runs import Runs

__all__ = ["Attempt", "AttemptState", "Journal", "Purpose"]

_LARGEST_ID = 2**63 - 1


class Journal:
    """The journal in one SQLite file. What a method wrote is durable when it returns.

    All threads of a process may share one; each process opens its own. ``clock`` tells seconds
    since the epoch. What is noted under the key of a clip concerns the attempt that this journal
    has started or taken up, or else the latest one. An attempt that is finished stays so.

    Each open journal is a run of its own. What it has started or taken up is *under way* for the
    others until that has an end, or the run is closed or dies.

    Raises:
        StoreError: where the file can't be opened, read or written (all methods).
    """

    def __init__(self, path: Path, clock: Callable[[], float], *, existing: bool = False) -> None:
        self._path = path
        self._clock = clock
        self._begun: dict[str, int] = {}
        self._runs = Runs(path.with_name("runs"))
        self._database = Database(path, "journal", SCHEMA_STEPS, existing=existing)

    @classmethod
    def open_existing(cls, path: Path, clock: Callable[[], float]) -> Self | None:
        """Open the journal of a store, or return ``None`` where there is none; nothing is made."""
        return cls(path, clock, existing=True) if Database.is_there(path) else None

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
        """Close the file. What this run had under way is so no more."""
        try:
            self._database.close()
        finally:
            self._runs.close()

    # -- writing -------------------------------------------------------------------------------

    def started(
        self, request: ClipRequest, *, exclusive: bool = False, purpose: Purpose | None = None
    ) -> None:
        """Note that work on a clip begins or that its request is about to be sent.

        ``exclusive`` is for what costs money: no second attempt may begin while an earlier one,
        of whatever process, is not settled, or was given up by the user.

        Raises:
            Ambiguous: for an exclusive attempt beside such a one.
        """
        values = to_row(request, purpose) | {"run": self._runs.own()}
        columns = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        with self._database.transaction() as connection:
            latest = self._latest(connection, request.key()) if exclusive else None
            if latest is not None and latest.state not in REPEATABLE:
                raise Ambiguous(UNDER_WAY if self.is_under_way(latest) else doubt(latest))
            number = connection.execute(
                f"INSERT INTO attempts ({columns}, state, started_s, changed_s) "  # noqa: S608 - names of columns
                f"VALUES ({marks}, 'intended', :now_s, :now_s)",
                values | {"now_s": self._clock()},
            ).lastrowid
            self._begun[request.key()] = number or 0

    def take_up(self, attempt: Attempt) -> bool:
        """Let what is noted from now on concern an attempt of an earlier run, whatever follows.

        Returns false, and does nothing, where it is under way in another run.
        """
        run = self._runs.own()
        with self._database.transaction() as connection:
            now = self._by_id(connection, attempt.id)
            if now is not None and self.is_under_way(now):
                return False
            connection.execute("UPDATE attempts SET run = ? WHERE id = ?", (run, attempt.id))
        self._begun[attempt.key] = attempt.id
        return True

    def accepted(self, key: str, provider_id: str) -> None:
        """Note the id under which the provider took an attempt."""
        self._change(key, "accepted", None, provider_id=provider_id)

    def finished(self, key: str, cost_usd: Decimal | None = None) -> None:
        """Note that the clip is in the store, and what it cost where that was told."""
        self._change(key, "finished", None, cost_usd=cost_usd)

    def failed(self, key: str, reason: str) -> None:
        """Note that there is no clip and nothing was paid: it may be tried again."""
        self._change(key, "failed", reason)

    def unknown(
        self,
        key: str,
        reason: str,
        *,
        cost_usd: Decimal | None = None,
        evidence: str | None = None,
    ) -> None:
        """Note that there is no clip and it may have been paid: it is not sent again by itself.

        ``cost_usd`` is what it cost where that was told, ``evidence`` the name of what the
        provider sent instead.
        """
        self._change(key, "unknown", reason, cost_usd=cost_usd, evidence=evidence)

    def lost(self, number: int, reason: str) -> None:
        """Note the user's word that an attempt is given up: its clip stays unmade.

        Raises:
            UsageError: where the attempt is finished or failed, not the latest at its clip, or
                not there.
            FolderBusy: where it is under way in another run.
        """
        self._decide(number, "lost", reason)

    def released(self, number: int, reason: str) -> None:
        """Note the user's word that a clip may be sent again, whatever was paid for it.

        Raises:
            UsageError, FolderBusy: as ``lost``.
        """
        self._decide(number, "released", reason)

    # -- reading -------------------------------------------------------------------------------

    def is_under_way(self, attempt: Attempt) -> bool:
        """Tell whether another run, that lives, works on an attempt."""
        return attempt.state in AT_WORK and self._runs.is_another(attempt.run)

    def latest(self, key: str) -> Attempt | None:
        """Return the latest attempt at a clip."""
        with self._database.reading() as connection:
            return self._latest(connection, key)

    def state_of(self, key: str) -> AttemptState | None:
        """Return the state of the latest attempt at a clip, ``None`` where there is none."""
        attempt = self.latest(key)
        return None if attempt is None else attempt.state

    def attempt(self, number: int) -> Attempt | None:
        """Return the attempt of an id."""
        with self._database.reading() as connection:
            return self._by_id(connection, number)

    def attempts(self, folder: str | None = None) -> tuple[Attempt, ...]:
        """Return all attempts, or those for an output folder, oldest first."""
        if folder is None:
            return self._read("SELECT * FROM attempts ORDER BY id")
        return self._read(
            "SELECT * FROM attempts WHERE folder = ? ORDER BY id", (storable(folder),)
        )

    def unsettled(self) -> tuple[Attempt, ...]:
        """Return the latest attempts whose end is not known, oldest first."""
        return self._read(
            "SELECT * FROM attempts AS attempt "
            "WHERE state IN ('intended', 'accepted', 'unknown') AND NOT EXISTS "
            "(SELECT 1 FROM attempts WHERE key = attempt.key AND id > attempt.id) ORDER BY id"
        )

    def prices(self, backend: str, revision: str, limit: int = 200) -> tuple[Paid, ...]:
        """Return what the clips of a generator cost where that was told, newest first."""
        attempts = self._read(
            "SELECT * FROM attempts WHERE backend = ? AND revision = ? AND cost_usd IS NOT NULL "
            "AND length_s IS NOT NULL AND state <> 'failed' ORDER BY id DESC LIMIT ?",
            (storable(backend), storable(revision), limit),
        )
        return tuple(
            Paid(attempt.length_s, attempt.cost_usd)
            for attempt in attempts
            if attempt.length_s is not None and attempt.cost_usd is not None
        )

    def spent(self, folder: str | None = None) -> Decimal:
        """Return what all attempts, or those for an output folder, cost as far as it was told.

        What may have been paid without being told is not in it.
        """
        paid = "SELECT * FROM attempts WHERE cost_usd IS NOT NULL AND state <> 'failed'"
        attempts = (
            self._read(paid)
            if folder is None
            else self._read(f"{paid} AND folder = ?", (storable(folder),))
        )
        return sum((a.cost_usd for a in attempts if a.cost_usd is not None), Decimal(0))

    # -- inside --------------------------------------------------------------------------------

    def _change(
        self,
        key: str,
        state: AttemptState,
        reason: str | None,
        *,
        provider_id: str | None = None,
        cost_usd: Decimal | None = None,
        evidence: str | None = None,
    ) -> None:
        with self._database.transaction() as connection:
            number = self._begun.get(key)
            attempt = (
                self._latest(connection, key) if number is None else self._by_id(connection, number)
            )
            if attempt is None:
                raise StoreError(f"knows no attempt at clip {key}", path=self._path)
            if attempt.state in MAY_FOLLOW[state]:
                self._set_state(connection, attempt.id, state, reason)
            connection.execute(
                "UPDATE attempts SET provider_id = coalesce(?, provider_id), "
                "cost_usd = coalesce(?, cost_usd), evidence = coalesce(?, evidence) WHERE id = ?",
                (provider_id, amount(cost_usd), evidence, attempt.id),
            )

    def _decide(self, number: int, state: AttemptState, reason: str) -> None:
        """Note the user's word on an attempt."""
        with self._database.transaction() as connection:
            attempt = self._by_id(connection, number)
            if attempt is None:
                raise UsageError(f"knows no attempt {number}", path=self._path)
            if attempt.state in ("finished", "failed"):
                raise UsageError(f"attempt {number} is {attempt.state}: nothing is left to settle")
            latest = self._latest(connection, attempt.key)
            if latest is not None and latest.id != number:
                raise UsageError(f"attempt {number} was followed by {latest.id}: settle that one")
            if self.is_under_way(attempt):
                raise FolderBusy(f"attempt {number} is under way: wait for the run that makes it")
            self._set_state(connection, number, state, reason)

    def _set_state(
        self, connection: sqlite3.Connection, number: int, state: AttemptState, reason: str | None
    ) -> None:
        told = None if reason is None else storable(reason)
        connection.execute(
            "UPDATE attempts SET state = ?, reason = ?, changed_s = ? WHERE id = ?",
            (state, told, self._clock(), number),
        )

    def _latest(self, connection: sqlite3.Connection, key: str) -> Attempt | None:
        row = connection.execute(
            "SELECT * FROM attempts WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)
        ).fetchone()
        return None if row is None else self._attempt(row)

    def _by_id(self, connection: sqlite3.Connection, number: int) -> Attempt | None:
        if not 0 < number <= _LARGEST_ID:
            return None
        row = connection.execute("SELECT * FROM attempts WHERE id = ?", (number,)).fetchone()
        return None if row is None else self._attempt(row)

    def _read(self, statement: str, values: Iterable[str | int] = ()) -> tuple[Attempt, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(statement, tuple(values)).fetchall()
        return tuple(self._attempt(row) for row in rows)

    def _attempt(self, row: sqlite3.Row) -> Attempt:
        try:
            return from_row(row)
        except (ValueError, ArithmeticError) as error:
            raise StoreError(f"attempt {row['id']} is damaged: {error}", path=self._path) from error
