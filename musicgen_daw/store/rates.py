"""How many calls a minute: one row for all processes, by the generic cell rate algorithm.

The row holds the second at which calls that come evenly would be due next. A call may come
earlier by a small burst. A provider that refuses for too many calls blocks all of them until the
second that it tells, and halves the rate, which comes back slowly.

Clocks are not trusted: whatever a row says, nobody waits longer than ``LONGEST_BLOCK_S`` or the
time between two calls.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from musicgen_daw.store.database import Database

__all__ = ["LONGEST_BLOCK_S", "SharedRate"]

LONGEST_BLOCK_S = 900.0
_MARGIN = 0.9
"""The share of a provider's limit that is used: its minute may begin elsewhere than ours."""
_BURST_SHARE = 0.1
_LARGEST_BURST = 8
_SLOWDOWN = 0.5
_FLOOR_SHARE = 0.1
_RECOVERY_PER_MINUTE = 0.05
"""The share of the full rate that comes back each minute."""
_ONE_REFUSAL_S = 5.0
"""Calls that were under way together are refused together: within this time they count as one."""

_TICK_S = 1e-6
"""Seconds since the epoch are told no finer."""

_SCHEMA = """
CREATE TABLE limits (
    name              TEXT PRIMARY KEY,
    due_s             REAL NOT NULL,  -- seconds since the epoch, as all times here
    blocked_until_s   REAL NOT NULL,
    slowed_per_minute REAL,           -- the rate at slowed_s, after the last refusal
    slowed_s          REAL NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class _Row:
    due_s: float = 0.0
    blocked_until_s: float = 0.0
    slowed_per_minute: float | None = None
    slowed_s: float = 0.0

    def believed(self, now_s: float) -> _Row:
        """Return the row without what a clock that was put back since makes impossible."""
        block_s = self.blocked_until_s
        return replace(
            self,
            blocked_until_s=block_s if block_s - now_s <= LONGEST_BLOCK_S else 0.0,
            slowed_s=min(self.slowed_s, now_s),
        )


class SharedRate:
    """At most ``per_minute`` calls a minute (``None`` without limit) by all who use ``name``.

    Raises:
        StoreError: where the file can't be opened, read or written (all methods).
    """

    def __init__(
        self, path: Path, name: str, per_minute: float | None, *, clock: Callable[[], float]
    ) -> None:
        self._name = name
        self._per_minute = per_minute
        self._clock = clock
        self._database = Database(path, "record of calls", (_SCHEMA,), durable=False)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def take(self) -> float:
        """Count a call and return 0, or return in how many seconds to ask again."""
        with self._database.transaction() as connection:
            now_s = self._clock()
            told = self._row(connection)
            row, wait_s = self._counted(told.believed(now_s), now_s)
            if row != told:
                self._write(connection, row)
            return wait_s

    def slow_down(self, until_s: float) -> None:
        """Let nobody call before ``until_s`` (seconds since the epoch), and slower from then on."""
        with self._database.transaction() as connection:
            now_s = self._clock()
            row = self._row(connection).believed(now_s)
            until_s = min(until_s, now_s + LONGEST_BLOCK_S)
            row = replace(row, blocked_until_s=max(row.blocked_until_s, until_s))
            per_minute = self._current_per_minute(row, now_s)
            is_new = row.slowed_per_minute is None or now_s - row.slowed_s >= _ONE_REFUSAL_S
            if self._per_minute is not None and per_minute is not None and is_new:
                slowed = max(self._per_minute * _FLOOR_SHARE, per_minute * _SLOWDOWN)
                row = replace(row, slowed_per_minute=slowed, slowed_s=now_s)
            self._write(connection, row)

    def _counted(self, row: _Row, now_s: float) -> tuple[_Row, float]:
        """Return the row with a call of now counted in, or how long to wait for one."""
        if now_s < row.blocked_until_s:
            return row, row.blocked_until_s - now_s
        per_minute = self._current_per_minute(row, now_s)
        if per_minute is None:
            return row, 0.0
        interval_s = 60 / (per_minute * _MARGIN)
        early_s = interval_s * (self._burst(per_minute) - 1)
        # No call makes the next one due later than this: the clock was put back, or the rate is
        # another one now.
        due_s = min(max(row.due_s, now_s), now_s + early_s + interval_s)
        wait_s = due_s - early_s - now_s
        if wait_s > _TICK_S:
            return replace(row, due_s=min(row.due_s, due_s)), wait_s
        return replace(row, due_s=due_s + interval_s), 0.0

    def _current_per_minute(self, row: _Row, now_s: float) -> float | None:
        """Return the rate of now: the full one, or what has come back of it."""
        if self._per_minute is None or row.slowed_per_minute is None:
            return self._per_minute
        came_back = self._per_minute * _RECOVERY_PER_MINUTE * (now_s - row.slowed_s) / 60
        return min(self._per_minute, row.slowed_per_minute + came_back)

    def _burst(self, per_minute: float) -> int:
        """Return how many calls may come at once: none beside another after a refusal."""
        if self._per_minute is None or per_minute < self._per_minute:
            return 1
        return max(1, min(_LARGEST_BURST, int(per_minute * _BURST_SHARE)))

    def _row(self, connection: sqlite3.Connection) -> _Row:
        row = connection.execute(
            "SELECT due_s, blocked_until_s, slowed_per_minute, slowed_s FROM limits WHERE name = ?",
            (self._name,),
        ).fetchone()
        return _Row() if row is None else _Row(*row)

    def _write(self, connection: sqlite3.Connection, row: _Row) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO limits "
            "(name, due_s, blocked_until_s, slowed_per_minute, slowed_s) VALUES (?, ?, ?, ?, ?)",
            (self._name, *astuple(row)),
        )
