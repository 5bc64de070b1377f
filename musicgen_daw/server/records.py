"""Every call that was taken: what was asked, how it ended, what it cost.

The price of a call is held when it is taken, charged with its clip, and released when it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from musicgen_daw.server.database import Database
from musicgen_daw.server.money import to_micro_usd, to_usd

__all__ = ["Charged", "Record", "RecordState", "Records"]

RecordState = Literal["QUEUED", "COMPLETED", "FAILED"]

_COLUMNS = (
    "id, account, state, prompt, duration_s, seed, price, error, "
    "created_s, finished_s, generation_s"
)


@dataclass(frozen=True, slots=True)
class Record:
    """One call. ``QUEUED`` is every call that is not at its end.

    Times are seconds since the epoch; ``generation_s`` is how long its clip took.
    """

    id: str
    account_id: int
    state: RecordState
    prompt: str
    duration_s: Decimal
    seed: int
    price_usd: Decimal
    error: str | None
    created_s: float
    finished_s: float | None
    generation_s: float | None


@dataclass(frozen=True, slots=True)
class Charged:
    """A call that was charged, and what its account has then."""

    record: Record
    remaining_usd: Decimal


class Records:
    """All calls of all accounts."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def hold(
        self, call_id: str, account_id: int, prompt: str, duration_s: Decimal, seed: int,
        price_usd: Decimal,
    ) -> bool:  # fmt: skip
        """Take a call and hold its price; ``False``, and nothing is noted, where credits lack."""
        price = to_micro_usd(price_usd)
        with self._database.transaction() as connection:
            held = connection.execute(
                "UPDATE accounts SET held = held + :price "
                "WHERE id = :account AND credits - held >= :price",
                {"price": price, "account": account_id},
            )
            if held.rowcount != 1:
                return False
            connection.execute(
                "INSERT INTO calls (id, account, state, prompt, duration_s, seed, price, created_s)"
                " VALUES (?, ?, 'QUEUED', ?, ?, ?, ?, ?)",
                (call_id, account_id, prompt, str(duration_s), seed, price, self._clock()),
            )
        return True

    def complete(self, call_id: str, generation_s: float) -> Charged | None:
        """Charge a call whose clip is there; ``None`` where it was at its end before."""
        return self._end(call_id, "COMPLETED", None, generation_s)

    def fail(self, call_id: str, error: str) -> bool:
        """Release what was held for a call; ``False`` where it was at its end before."""
        return self._end(call_id, "FAILED", error, None) is not None

    def fail_all(self, error: str) -> None:
        """Fail all calls that are not at their end: those of a server that is no more."""
        for (call_id,) in self._database.rows("SELECT id FROM calls WHERE state = 'QUEUED'"):
            self.fail(call_id, error)

    def find(self, call_id: str, account_id: int) -> Record | None:
        """Return a call of an account; ``None`` where it has none of that id."""
        found = self._database.rows(
            f"SELECT {_COLUMNS} FROM calls WHERE id = ? AND account = ?",  # noqa: S608 - a constant
            call_id,
            account_id,
        )
        return _record(found[0]) if found else None

    def history(self, account_id: int, limit: int, since_s: float) -> list[Record]:
        """Return the latest calls of an account since a time, the latest first."""
        found = self._database.rows(
            f"SELECT {_COLUMNS} FROM calls WHERE account = ? AND created_s >= ? "  # noqa: S608 - a constant
            "ORDER BY created_s DESC, rowid DESC LIMIT ?",
            account_id,
            since_s,
            limit,
        )
        return list(map(_record, found))

    def _end(
        self, call_id: str, state: RecordState, error: str | None, generation_s: float | None
    ) -> Charged | None:
        charged = 1 if state == "COMPLETED" else 0
        with self._database.transaction() as connection:
            ended = connection.execute(
                "UPDATE calls SET state = ?, error = ?, finished_s = ?, generation_s = ? "  # noqa: S608 - a constant
                f"WHERE id = ? AND state = 'QUEUED' RETURNING {_COLUMNS}",
                (state, error, self._clock(), generation_s, call_id),
            ).fetchone()
            if ended is None:
                return None
            record = _record(ended)
            (remaining,) = connection.execute(
                "UPDATE accounts SET held = held - :price, credits = credits - :price * :charged "
                "WHERE id = :account RETURNING credits",
                {
                    "price": to_micro_usd(record.price_usd),
                    "charged": charged,
                    "account": record.account_id,
                },
            ).fetchone()
        return Charged(record, to_usd(remaining))


def _record(row: tuple[Any, ...]) -> Record:
    call_id, account_id, state, prompt, duration_s, seed, price, error, *times_s = row
    return Record(
        call_id,
        account_id,
        state,
        prompt,
        Decimal(duration_s),
        seed,
        to_usd(price),
        error,
        *times_s,
    )
