"""What the journal knows of one attempt at a clip, as a value and as a row."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from musicgen_daw.planning import ClipRequest

__all__ = [
    "AT_WORK",
    "MAY_FOLLOW",
    "REPEATABLE",
    "SCHEMA_STEPS",
    "UNDER_WAY",
    "UNSETTLED",
    "Attempt",
    "AttemptState",
    "Purpose",
    "amount",
    "doubt",
    "from_row",
    "storable",
    "to_row",
]

AttemptState = Literal["intended", "accepted", "finished", "failed", "unknown", "lost", "released"]

UNSETTLED: tuple[AttemptState, ...] = ("intended", "accepted", "unknown")
"""The states of an attempt whose end is not known and on which nobody has decided."""

REPEATABLE: tuple[AttemptState, ...] = ("finished", "failed", "released")
"""After these a clip that costs money may be sent again."""

MAY_FOLLOW: dict[AttemptState, tuple[AttemptState, ...]] = {
    "accepted": UNSETTLED,
    "unknown": UNSETTLED,
    "failed": (*UNSETTLED, "lost", "released", "failed"),
    "finished": (*UNSETTLED, "lost", "released", "failed", "finished"),
}
"""What a run finds out undoes neither a clip that is there nor, by a doubt, the user's word."""

AT_WORK: tuple[AttemptState, ...] = ("intended", "accepted")
"""In these states a run that lives is about to note what becomes of an attempt."""

UNDER_WAY = "another run is making this clip now: run this again when it is done"

_LARGEST_USD = Decimal(1_000_000)

_VERSION_1 = """
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
# A check can't be changed: the table is made anew. The indexes go with the old one.
_VERSION_2 = """
ALTER TABLE attempts RENAME TO attempts_1;
CREATE TABLE attempts (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL,
    backend     TEXT NOT NULL,
    revision    TEXT NOT NULL DEFAULT '',
    state       TEXT NOT NULL
                CHECK (state IN ('intended', 'accepted', 'finished', 'failed', 'unknown',
                                 'lost', 'released')),
    provider_id TEXT,
    reason      TEXT,
    cost_usd    TEXT,           -- a decimal number, exactly as it was told
    length_s    TEXT,           -- with the tail, a fraction, as '11/2'
    request     TEXT,           -- canonical, as the hash that is the key counts it
    folder      TEXT,           -- what the clip was wanted for: output folder, cue and take
    cue         TEXT,
    take        INTEGER,
    evidence    TEXT,           -- a name in the folder of evidence
    run         TEXT,           -- who works on it or did last, a name in the folder of runs
    started_s   REAL NOT NULL,  -- seconds since the epoch
    changed_s   REAL NOT NULL
);
INSERT INTO attempts (id, key, backend, state, provider_id, reason, cost_usd, started_s, changed_s)
    SELECT id, key, backend, state, provider_id, reason, cost_usd, started_s, changed_s
    FROM attempts_1;
DROP TABLE attempts_1;
CREATE INDEX attempts_by_key ON attempts (key, id);
CREATE INDEX attempts_unsettled ON attempts (id)
    WHERE state IN ('intended', 'accepted', 'unknown');
CREATE INDEX attempts_by_folder ON attempts (folder, id);
CREATE INDEX attempts_priced ON attempts (backend, revision, id) WHERE cost_usd IS NOT NULL;
"""
SCHEMA_STEPS = (_VERSION_1, _VERSION_2)
"""The scripts that make the journal's file, a version each."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a clip was wanted for: a take of a cue in an output folder."""

    folder: str
    cue: str
    take: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a clip; ``id`` counts the attempts of a journal.

    ``intended``: it was begun or is about to be sent. ``accepted``: the provider took it, under
    ``provider_id``. ``finished``: the clip is in the store. ``failed``: there is no clip and
    nothing was paid. ``unknown``: there is no clip and it may have been paid.

    Two states are the user's word on an attempt of which nothing else is known: ``lost``, perhaps
    paid and given up, and ``released``, perhaps paid and to be sent once more.

    ``canonical`` is the request as it was sent and ``length_s`` its length with its tail; both are
    ``None``, and ``revision`` is empty, in attempts of journals that did not note them.
    ``evidence`` names what the provider sent instead of a clip, ``run`` who works on the attempt or
    did last. Times are seconds since the epoch.
    """

    id: int
    key: str
    backend: str
    revision: str
    state: AttemptState
    provider_id: str | None
    reason: str | None
    cost_usd: Decimal | None
    length_s: Fraction | None
    canonical: str | None
    purpose: Purpose | None
    evidence: str | None
    run: str | None
    started_s: float
    changed_s: float

    @property
    def is_settled(self) -> bool:
        """Tell whether the end of the attempt is known, or the user has decided on it."""
        return self.state not in UNSETTLED

    @property
    def request(self) -> ClipRequest | None:
        """The request that was sent, ``None`` where it was not noted or can't be read."""
        if self.canonical is None:
            return None
        try:
            return ClipRequest.from_canonical(self.canonical)
        except ValueError:
            return None


def from_row(row: sqlite3.Row) -> Attempt:
    """Return the attempt of a row.

    Raises:
        ValueError, ArithmeticError: where it holds numbers that are none.
    """
    return Attempt(
        id=row["id"],
        key=row["key"],
        backend=row["backend"],
        revision=row["revision"],
        state=row["state"],
        provider_id=row["provider_id"],
        reason=row["reason"],
        cost_usd=None if row["cost_usd"] is None else Decimal(row["cost_usd"]),
        length_s=None if row["length_s"] is None else Fraction(row["length_s"]),
        canonical=row["request"],
        purpose=(
            None
            if row["folder"] is None
            else Purpose(row["folder"], row["cue"] or "", row["take"] or 0)
        ),
        evidence=row["evidence"],
        run=row["run"],
        started_s=row["started_s"],
        changed_s=row["changed_s"],
    )


def to_row(request: ClipRequest, purpose: Purpose | None) -> dict[str, str | int | None]:
    """Return what is noted of a request and its purpose before it is sent, by column."""
    return {
        "key": request.key(),
        "backend": storable(request.backend),
        "revision": storable(request.revision),
        "length_s": "{}/{}".format(*(request.length_s + request.tail_s).as_integer_ratio()),
        "request": request.canonical(),
        "folder": None if purpose is None else storable(purpose.folder),
        "cue": None if purpose is None else storable(purpose.cue),
        "take": None if purpose is None else purpose.take,
    }


def storable(text: str) -> str:
    """Return a text without the halves of characters that file names may hold and SQLite can't."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def amount(cost_usd: Decimal | None) -> str | None:
    """Return an amount exactly as it was told; one that can't be an amount was not told."""
    if cost_usd is None or not cost_usd.is_finite() or not 0 <= cost_usd <= _LARGEST_USD:
        return None
    return str(cost_usd)


def doubt(attempt: Attempt) -> str:
    """Tell why a clip isn't sent after an attempt that may have been paid."""
    again = f"'musicgen-daw jobs DIR again {attempt.id}' lets it be sent again"
    if attempt.state == "lost":
        return f"this clip was sent before, perhaps paid, and given up: {again}"
    told = f" ({attempt.reason})" if attempt.reason else ""
    return (
        f"this clip was sent before and what became of it is not known{told}: it may have been "
        f"paid, so it is not sent again by itself; 'musicgen-daw jobs' shows it, {again}"
    )
