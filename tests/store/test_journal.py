from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from musicgen_daw.errors import Ambiguous, StoreError
from musicgen_daw.store.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    ticks = count(100)
    with Journal(path, clock=lambda: float(next(ticks))) as journal:
        yield journal


def test_an_attempt_is_followed_from_intent_to_its_end(journal: Journal) -> None:
    assert journal.state_of("k") is None
    journal.started("k", "hosted")
    assert journal.state_of("k") == "intended"
    journal.accepted("k", "request-17")
    journal.finished("k", Decimal("0.0410"))

    attempt = journal.latest("k")
    assert attempt is not None
    assert (attempt.state, attempt.provider_id, attempt.backend) == (
        "finished",
        "request-17",
        "hosted",
    )
    assert str(attempt.cost_usd) == "0.0410"
    assert (attempt.started_s, attempt.changed_s) == (100.0, 102.0)


def test_only_the_latest_attempts_without_an_end_are_unsettled(journal: Journal) -> None:
    journal.started("retried", "sketch")
    journal.started("retried", "sketch")
    journal.finished("retried")
    for key in ("begun", "taken", "lost", "refused"):
        journal.started(key, "hosted")
    journal.accepted("taken", "17")
    journal.unknown("lost", "the connection broke")
    journal.failed("refused", "no such model")

    assert [(a.key, a.state) for a in journal.unsettled()] == [
        ("begun", "intended"),
        ("taken", "accepted"),
        ("lost", "unknown"),
    ]
    lost = journal.latest("lost")
    assert lost is not None
    assert lost.reason == "the connection broke"


@pytest.mark.parametrize("state", ["intended", "accepted", "unknown"])
def test_a_paid_attempt_is_refused_while_an_earlier_one_may_have_been_paid(
    journal: Journal, state: str
) -> None:
    journal.started("k", "hosted", exclusive=True)
    if state == "accepted":
        journal.accepted("k", "17")
    if state == "unknown":
        journal.unknown("k", "time-out")
    with pytest.raises(Ambiguous, match="may have been paid"):
        journal.started("k", "hosted", exclusive=True)

    journal.failed("k", "settled by hand")
    journal.started("k", "hosted", exclusive=True)
    assert journal.state_of("k") == "intended"


def test_an_end_without_a_beginning_is_an_error(journal: Journal) -> None:
    with pytest.raises(StoreError, match="knows no attempt at clip k"):
        journal.finished("k")


IN_ANOTHER_PROCESS = """
import os, sys
from pathlib import Path
from musicgen_daw.store.journal import Journal
journal = Journal(Path(sys.argv[1]), clock=lambda: 5.0)
journal.started("theirs", "hosted", exclusive=True)
journal.accepted("theirs", "id-1")
os._exit(9)  # without closing anything
"""


def test_what_a_process_wrote_before_it_died_is_read_by_the_next(
    journal: Journal, path: Path
) -> None:
    done = subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS, str(path)], check=False)
    assert done.returncode == 9
    theirs = journal.latest("theirs")
    assert theirs is not None
    assert (theirs.state, theirs.provider_id, theirs.started_s) == ("accepted", "id-1", 5.0)


def test_of_many_threads_and_connections_one_wins_a_paid_attempt(path: Path) -> None:
    def claim(journal: Journal) -> bool:
        try:
            journal.started("k", "hosted", exclusive=True)
        except Ambiguous:
            return False
        return True

    with (
        Journal(path, lambda: 0.0) as one,
        Journal(path, lambda: 0.0) as other,
        ThreadPoolExecutor(8) as pool,
    ):
        claims = list(pool.map(claim, [one, other] * 8))
    assert claims.count(True) == 1


def test_a_journal_is_opened_by_many_at_once_while_it_is_new(path: Path) -> None:
    def open_and_write(number: int) -> None:
        with Journal(path, lambda: 0.0) as journal:
            journal.started(f"k{number}", "sketch")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_and_write, range(8)))
    with Journal(path, lambda: 0.0) as journal:
        assert len(journal.unsettled()) == 8


def test_a_file_that_is_no_journal_is_an_error_with_its_path(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to be looked at " * 100)
    with pytest.raises(StoreError, match=r"journal\.sqlite: the journal can't be used"):
        Journal(path, lambda: 0.0)


def test_a_journal_of_a_newer_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match=r"version 99.*use the newer program"):
        Journal(path, lambda: 0.0)
