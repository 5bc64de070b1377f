"""One SQLite file for many threads: they share commits, and each keeps all it wrote or nothing."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from musicgen_daw.errors import StoreError, UsageError
from musicgen_daw.store.database import Database

SCHEMA = "CREATE TABLE notes (number INTEGER PRIMARY KEY, body TEXT)"
THREADS = 20


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "notes.sqlite", "notebook", (SCHEMA,))) as opened:
        yield opened


def note(database: Database, number: int, body: str = "") -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES (?, ?)", (number, body))


def noted(database: Database) -> set[int]:
    """Return what another process would see."""
    with closing(sqlite3.connect(database.path)) as connection:
        return {number for (number,) in connection.execute("SELECT number FROM notes")}


def all_at_once(database: Database, bodies: list[str]) -> list[Future[None]]:
    """Note each body in a thread of its own; all wait for one transaction and come after it.

    It shares its commit, so that it may fail with them.
    """
    with ThreadPoolExecutor(len(bodies)) as pool, suppress(StoreError), database.transaction():
        futures = [pool.submit(note, database, *each) for each in enumerate(bodies, 1)]
        while database._coming < len(bodies):
            time.sleep(0.001)
    return futures


def test_what_a_transaction_wrote_is_seen_by_others_when_it_ends(database: Database) -> None:
    def write(number: int) -> bool:
        note(database, number)
        return number in noted(database)

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(write, range(5 * THREADS)))


def test_threads_that_write_together_share_a_commit(database: Database) -> None:
    commits: list[str] = []
    with database.transaction() as connection:
        connection.set_trace_callback(lambda told: commits.append(told) if "MIT" in told else None)
    commits.clear()
    futures = all_at_once(database, [""] * THREADS)
    assert [future.exception() for future in futures] == [None] * THREADS
    assert len(noted(database)) == THREADS
    assert commits == ["COMMIT"]


def test_one_that_fails_undoes_its_own_alone(database: Database) -> None:
    def fail(number: int) -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO notes VALUES (?, '')", (number,))
            if number % 2:
                raise UsageError("changed its mind")

    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(fail, number) for number in range(THREADS)]
    failed = {number for number, future in enumerate(futures) if future.exception()}
    assert failed == set(range(1, THREADS, 2))
    assert noted(database) == set(range(0, THREADS, 2))


def test_on_a_full_disk_whoever_is_told_of_success_has_it(database: Database) -> None:
    with database.transaction() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 12}")
    futures = all_at_once(database, ["much to say" * 1000] * THREADS)
    errors = [future.exception() for future in futures]
    written = {number for number, error in enumerate(errors, 1) if error is None}
    assert noted(database) == written
    assert len(written) < THREADS  # such a disk may undo what others wrote, who are told
    assert all(isinstance(error, StoreError) for error in errors if error)
    note(database, 100)
    assert 100 in noted(database)


def test_a_commit_that_fails_is_told_to_all_who_share_it(tmp_path: Path) -> None:
    steps = (
        "CREATE TABLE notes (number INTEGER PRIMARY KEY, body TEXT"
        " REFERENCES bodies (name) DEFERRABLE INITIALLY DEFERRED);"
        " CREATE TABLE bodies (name TEXT PRIMARY KEY)",
    )
    with closing(Database(tmp_path / "notes.sqlite", "notebook", steps)) as database:
        database._connection.execute("PRAGMA foreign_keys = ON")
        futures = all_at_once(database, ["of nobody"] * THREADS)
        errors = [future.exception() for future in futures]
        assert all(isinstance(error, StoreError) for error in errors)
        assert noted(database) == set()
        with database.transaction() as connection:
            connection.execute("INSERT INTO bodies VALUES ('of somebody')")
        note(database, 1, "of somebody")
        assert noted(database) == {1}


def test_who_was_coming_and_never_came_is_not_waited_for(database: Database) -> None:
    database._coming += 1  # as of a thread that was interrupted
    note(database, 1)
    assert noted(database) == {1}


def test_a_reader_waits_for_no_writer_and_sees_what_is_durable(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES (1, '')")
        with database.reading() as reader:
            assert reader.execute("SELECT count(*) FROM notes").fetchone()[0] == 0
    with database.reading() as reader:
        assert reader.execute("SELECT count(*) FROM notes").fetchone()[0] == 1


def test_processes_and_threads_lose_nothing_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    with (
        closing(Database(path, "notebook", (SCHEMA,))) as one,
        closing(Database(path, "notebook", (SCHEMA,))) as other,
    ):
        threads = [
            threading.Thread(target=note, args=(database, number))
            for number, database in enumerate([one, other] * THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert noted(one) == set(range(2 * THREADS))
