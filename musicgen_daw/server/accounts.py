"""Who may call and what they have: API keys, which are kept as hashes, and credits."""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from musicgen_daw.errors import UsageError, did_you_mean
from musicgen_daw.server.database import Database
from musicgen_daw.server.money import MAX_USD, to_micro_usd, to_usd

__all__ = ["Account", "Accounts"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,63}")
_LONGEST_KEY = 256
_COLUMNS = "id, name, credits, held, created_s, revoked_s"


@dataclass(frozen=True, slots=True)
class Account:
    """The holder of a key. ``held_usd`` of the credits are for calls that are not at their end.

    Times are seconds since the epoch; ``revoked_s`` is ``None`` while the key is good.
    """

    id: int
    name: str
    credits_usd: Decimal
    held_usd: Decimal
    created_s: float
    revoked_s: float | None


class Accounts:
    """All accounts. A key is told once, when it is made: only a salted hash of it is kept.

    A key has 128 random bits, so that a quick hash withstands guessing as well as a slow one.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        ((self._salt,),) = database.rows("SELECT value FROM salt")

    def add(self, name: str, credits_usd: Decimal) -> str:
        """Make an account and return its key.

        Raises:
            UsageError: for a name that is no name or taken, or an amount that is none.
        """
        if _NAME.fullmatch(name) is None:
            raise UsageError(
                f"{name!r} is no name for a key: use up to 64 letters, digits, blanks and ._@+-"
            )
        micro = _amount(credits_usd)
        key = f"SG_{secrets.token_hex(16)}"
        with self._database.transaction() as connection:
            taken = connection.execute("SELECT 1 FROM accounts WHERE name = ?", (name,))
            if taken.fetchone():
                raise UsageError(f"there is a key named {name!r} already: choose another name")
            connection.execute(
                "INSERT INTO accounts (name, key_hash, credits, created_s) VALUES (?, ?, ?, ?)",
                (name, self._hash(key), micro, self._clock()),
            )
        return key

    def find(self, key: str) -> Account | None:
        """Return whose key it is, ``None`` for a wrong or revoked one."""
        if not 0 < len(key) <= _LONGEST_KEY:
            return None
        found = self._database.rows(
            f"SELECT {_COLUMNS} FROM accounts WHERE key_hash = ? AND revoked_s IS NULL",  # noqa: S608 - a constant
            self._hash(key),
        )
        return _account(found[0]) if found else None

    def listed(self) -> tuple[Account, ...]:
        """Return all accounts, in the order in which they were made."""
        return tuple(map(_account, self._database.rows(f"SELECT {_COLUMNS} FROM accounts")))  # noqa: S608 - a constant

    def credits_usd(self, account_id: int) -> Decimal:
        """Return what an account has, before what is held of it is charged."""
        ((micro,),) = self._database.rows("SELECT credits FROM accounts WHERE id = ?", account_id)
        return to_usd(micro)

    def revoke(self, name: str) -> Account:
        """Let a key be refused from now on; its account and history stay. Return the account.

        Raises:
            UsageError: for a name that nobody has.
        """
        change = "revoked_s = coalesce(revoked_s, ?)"
        with self._database.transaction() as connection:
            return self._change(connection, name, change, self._clock())

    def credit(self, name: str, usd: Decimal) -> Account:
        """Add credits to an account and return it.

        Raises:
            UsageError: for a name that nobody has, or an amount that is none or too much.
        """
        micro = _amount(usd)
        with self._database.transaction() as connection:
            account = self._change(connection, name, "credits = credits + ?", micro)
            if account.credits_usd > MAX_USD:
                raise UsageError(f"an account holds at most {MAX_USD} USD")
        return account

    def _change(
        self, connection: sqlite3.Connection, name: str, change: str, value: object
    ) -> Account:
        row = connection.execute(
            f"UPDATE accounts SET {change} WHERE name = ? RETURNING {_COLUMNS}",  # noqa: S608 - constants
            (value, name),
        ).fetchone()
        if row is None:
            known = [name for (name,) in connection.execute("SELECT name FROM accounts")]
            raise UsageError(f"no key is named {name!r}{did_you_mean(name, known)}")
        return _account(row)

    def _hash(self, key: str) -> bytes:
        return hashlib.sha256(self._salt + key.encode("utf-8", "replace")).digest()


def _amount(usd: Decimal) -> int:
    try:
        micro = to_micro_usd(usd)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if micro < 0:
        raise UsageError(f"{usd} is no amount of credits: it must not be negative")
    return micro


def _account(row: tuple[Any, ...]) -> Account:
    account_id, name, micro, held, created_s, revoked_s = row
    return Account(account_id, name, to_usd(micro), to_usd(held), created_s, revoked_s)
