from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest

from musicgen_daw.errors import Ambiguous, StoreError, UsageError
from musicgen_daw.planning import ClipRequest
from musicgen_daw.planning.price import Paid
from musicgen_daw.store.journal import Attempt, Journal, Purpose

REQUEST = ClipRequest("hosted", "medium", "calm", Fraction(21, 2), 42, tail_s=Fraction(1))
KEY = REQUEST.key()
PURPOSE = Purpose("/scores/chase", "1M1", 2)


def of_prompt(prompt: str) -> ClipRequest:
    return replace(REQUEST, prompt=prompt)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    ticks = count(100)
    with Journal(path, clock=lambda: float(next(ticks))) as journal:
        yield journal


def content_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def latest(journal: Journal, request: ClipRequest = REQUEST) -> Attempt:
    attempt = journal.latest(request.key())
    assert attempt is not None
    return attempt


def test_an_attempt_is_followed_from_intent_to_its_end(journal: Journal) -> None:
    assert journal.state_of(KEY) is None
    journal.started(REQUEST, purpose=PURPOSE)
    assert journal.state_of(KEY) == "intended"
    journal.accepted(KEY, "request-17")
    journal.finished(KEY, Decimal("0.0410"))

    assert latest(journal) == Attempt(
        id=1,
        key=KEY,
        backend="hosted",
        revision="medium",
        state="finished",
        provider_id="request-17",
        reason=None,
        cost_usd=Decimal("0.0410"),
        length_s=Fraction(23, 2),
        canonical=REQUEST.canonical(),
        purpose=PURPOSE,
        evidence=None,
        run=latest(journal).run,
        started_s=100.0,
        changed_s=102.0,
    )
    assert str(latest(journal).cost_usd) == "0.0410"
    assert latest(journal).request == REQUEST


def test_only_the_latest_attempts_without_an_end_are_unsettled(journal: Journal) -> None:
    retried, begun, taken, broken, refused, given_up = map(of_prompt, "abcdef")
    journal.started(retried)
    journal.started(retried)
    journal.finished(retried.key())
    for request in (begun, taken, broken, refused, given_up):
        journal.started(request)
    journal.accepted(taken.key(), "17")
    journal.unknown(broken.key(), "the connection broke")
    journal.failed(refused.key(), "no such model")
    journal.lost(latest(journal, given_up).id, "by hand")

    assert [(a.key, a.state) for a in journal.unsettled()] == [
        (begun.key(), "intended"),
        (taken.key(), "accepted"),
        (broken.key(), "unknown"),
    ]
    assert latest(journal, broken).reason == "the connection broke"


def test_what_an_unknown_end_left_behind_is_noted(journal: Journal) -> None:
    journal.started(REQUEST)
    journal.unknown(KEY, "no audio", cost_usd=Decimal("0.05"), evidence="page.body")
    journal.unknown(KEY, "still no audio")

    attempt = latest(journal)
    assert (attempt.reason, attempt.cost_usd, attempt.evidence) == (
        "still no audio",
        Decimal("0.05"),
        "page.body",
    )


# -- never paying twice ------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["intended", "accepted", "unknown", "lost"])
def test_a_paid_attempt_is_refused_while_an_earlier_one_may_have_been_paid(
    journal: Journal, state: str
) -> None:
    journal.started(REQUEST, exclusive=True)
    if state == "accepted":
        journal.accepted(KEY, "17")
    if state == "unknown":
        journal.unknown(KEY, "time-out")
    if state == "lost":
        journal.lost(1, "by hand")
    with pytest.raises(Ambiguous, match=r"paid.*'musicgen-daw jobs DIR again 1'"):
        journal.started(REQUEST, exclusive=True)

    journal.failed(KEY, "settled by the provider's word")
    journal.started(REQUEST, exclusive=True)
    assert journal.state_of(KEY) == "intended"


def test_a_refused_attempt_leaves_no_trace(journal: Journal) -> None:
    journal.started(REQUEST, exclusive=True)
    with pytest.raises(Ambiguous):
        journal.started(REQUEST, exclusive=True)
    assert len(journal.attempts()) == 1


def test_every_sending_has_a_row_of_its_own(journal: Journal) -> None:
    for _ in range(3):
        journal.started(REQUEST, exclusive=True)
        journal.failed(KEY, "too many calls")
    assert [attempt.state for attempt in journal.attempts()] == ["failed"] * 3


def test_what_the_user_released_may_be_sent_again_once(journal: Journal) -> None:
    journal.started(REQUEST, exclusive=True)
    journal.unknown(KEY, "time-out")
    journal.lost(1, "gave it up")
    journal.released(1, "by the user's word")
    journal.started(REQUEST, exclusive=True)

    assert [(a.id, a.state) for a in journal.attempts()] == [(1, "released"), (2, "intended")]
    with pytest.raises(Ambiguous):
        journal.started(REQUEST, exclusive=True)


@pytest.mark.parametrize("word", ["lost", "released"])
def test_the_user_settles_only_what_is_open_and_the_latest(journal: Journal, word: str) -> None:
    failed, finished, repeated = map(of_prompt, "abc")
    for request in (failed, finished, repeated, repeated):
        journal.started(request)
    journal.failed(failed.key(), "no such model")
    journal.finished(finished.key())
    settle = getattr(journal, word)

    with pytest.raises(UsageError, match="attempt 1 is failed"):
        settle(1, "mistake")
    with pytest.raises(UsageError, match="attempt 2 is finished"):
        settle(2, "mistake")
    with pytest.raises(UsageError, match="attempt 3 was followed by 4"):
        settle(3, "mistake")
    for number in (0, -1, 5, 10**30):
        with pytest.raises(UsageError, match=f"knows no attempt {number}"):
            settle(number, "mistake")
    settle(4, "my word")
    assert latest(journal, repeated).state == word
    assert latest(journal, repeated).reason == "my word"


@pytest.mark.parametrize("word", ["lost", "released"])
def test_a_doubt_does_not_undo_the_users_word_but_knowledge_does(
    journal: Journal, word: str
) -> None:
    journal.started(REQUEST, exclusive=True)
    getattr(journal, word)(1, "my word")
    journal.unknown(KEY, "time-out", cost_usd=Decimal("0.05"))
    journal.accepted(KEY, "17")
    attempt = latest(journal)
    assert (attempt.state, attempt.reason) == (word, "my word")
    assert (attempt.cost_usd, attempt.provider_id) == (Decimal("0.05"), "17")

    journal.finished(KEY)
    assert latest(journal).state == "finished"


def test_a_clip_that_is_there_stays_there(journal: Journal) -> None:
    journal.started(REQUEST, exclusive=True)
    journal.finished(KEY, Decimal("0.05"))
    journal.unknown(KEY, "the id is gone")
    journal.failed(KEY, "refused")
    assert latest(journal).state == "finished"
    assert latest(journal).cost_usd == Decimal("0.05")


def test_two_runs_that_both_sent_a_clip_by_the_users_word_note_their_own(
    journal: Journal, path: Path
) -> None:
    with Journal(path, lambda: 0.0) as other:
        journal.started(REQUEST, exclusive=True)
        journal.unknown(KEY, "timed out")
        other.released(1, "before it was found")
        other.started(REQUEST, exclusive=True)
        journal.finished(KEY, Decimal("0.04"))
        other.finished(KEY, Decimal("0.05"))

    assert [(a.state, a.cost_usd) for a in journal.attempts()] == [
        ("finished", Decimal("0.04")),
        ("finished", Decimal("0.05")),
    ]


def test_an_end_without_a_beginning_is_an_error(journal: Journal) -> None:
    with pytest.raises(StoreError, match="knows no attempt at clip k"):
        journal.finished("k")


# -- what was paid -----------------------------------------------------------------------------


def test_prices_are_those_of_one_generator_newest_first(journal: Journal) -> None:
    for number, cost in enumerate(["0.01", "0.02", "0.03"]):
        request = replace(REQUEST, length_s=Fraction(number + 1))
        journal.started(request)
        journal.finished(request.key(), Decimal(cost))
    costly, untold, other = of_prompt("a"), of_prompt("b"), replace(REQUEST, revision="small")
    journal.started(costly)
    journal.unknown(costly.key(), "no audio", cost_usd=Decimal("0.04"))
    journal.started(untold)
    journal.finished(untold.key())
    journal.started(other)
    journal.finished(other.key(), Decimal(9))

    assert journal.prices("hosted", "medium") == (
        Paid(Fraction(23, 2), Decimal("0.04")),
        Paid(Fraction(4), Decimal("0.03")),
        Paid(Fraction(3), Decimal("0.02")),
        Paid(Fraction(2), Decimal("0.01")),
    )
    assert len(journal.prices("hosted", "medium", limit=2)) == 2
    assert journal.prices("elsewhere", "medium") == ()


def test_what_was_spent_counts_every_told_cost_but_those_of_failures(journal: Journal) -> None:
    here, there = PURPOSE, Purpose("/scores/other", "1M1", 1)
    finished, unknown, failed, elsewhere = map(of_prompt, "abcd")
    for request in (finished, unknown, failed):
        journal.started(request, purpose=here)
    journal.started(elsewhere, purpose=there)
    journal.finished(finished.key(), Decimal("0.10"))
    journal.unknown(unknown.key(), "no audio", cost_usd=Decimal("0.020"))
    journal.unknown(failed.key(), "no answer", cost_usd=Decimal(1))
    journal.failed(failed.key(), "the provider did not make it")
    journal.finished(elsewhere.key(), Decimal("0.003"))

    assert str(journal.spent()) == "0.123"
    assert journal.spent("/scores/chase") == Decimal("0.12")
    assert journal.spent("/scores/none") == 0
    assert [a.purpose for a in journal.attempts("/scores/other")] == [there]


@pytest.mark.parametrize("told", ["NaN", "Infinity", "-Infinity", "-0.01", "1E+999999"])
def test_an_amount_that_can_be_none_was_not_told(journal: Journal, told: str) -> None:
    journal.started(REQUEST)
    journal.finished(KEY, Decimal(told))
    assert latest(journal).cost_usd is None
    assert journal.spent() == 0


def test_names_that_are_no_text_elsewhere_are_noted_all_the_same(journal: Journal) -> None:
    folder = "/scores/caf\udce9"  # a byte of a file name that is no UTF-8
    journal.started(of_prompt("half \ud800"), purpose=Purpose(folder, "1M1\0\n\ud800", 1))
    journal.unknown(of_prompt("half \ud800").key(), "told \udcff")

    (attempt,) = journal.attempts(folder)
    assert attempt.request == of_prompt("half \ud800")
    assert attempt.purpose == Purpose(r"/scores/caf\udce9", "1M1\0\n\\ud800", 1)


# -- many who write, and what they leave -------------------------------------------------------


IN_ANOTHER_PROCESS = """
import os, sys
from fractions import Fraction
from pathlib import Path
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.journal import Journal
journal = Journal(Path(sys.argv[1]), clock=lambda: 5.0)
request = ClipRequest("hosted", "medium", "calm", Fraction(21, 2), 42, tail_s=Fraction(1))
journal.started(request, exclusive=True)
journal.accepted(request.key(), "id-1")
os._exit(9)  # without closing anything
"""


def test_what_a_process_wrote_before_it_died_is_read_by_the_next(
    journal: Journal, path: Path
) -> None:
    done = subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS, str(path)], check=False)
    assert done.returncode == 9
    theirs = latest(journal)
    assert (theirs.state, theirs.provider_id, theirs.started_s) == ("accepted", "id-1", 5.0)


def test_of_many_threads_and_connections_one_wins_a_paid_attempt(path: Path) -> None:
    def claim(journal: Journal) -> bool:
        try:
            journal.started(REQUEST, exclusive=True)
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
            journal.started(of_prompt(str(number)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_and_write, range(8)))
    with Journal(path, lambda: 0.0) as journal:
        assert len(journal.unsettled()) == 8


def test_a_file_that_is_no_journal_is_an_error_with_its_path(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to be looked at " * 100)
    with pytest.raises(StoreError, match=r"journal\.sqlite: the journal can't be used"):
        Journal(path, lambda: 0.0)
    with pytest.raises(StoreError, match=r"journal\.sqlite: the journal can't be used"):
        Journal.open_existing(path, lambda: 0.0)


def test_a_journal_of_a_newer_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match=r"version 99.*use the newer program"):
        Journal(path, lambda: 0.0)


def test_a_damaged_attempt_is_an_error_that_names_it(path: Path) -> None:
    with Journal(path, lambda: 0.0) as journal:
        journal.started(REQUEST)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE attempts SET cost_usd = 'much', request = '{}'")
    connection.commit()
    with Journal(path, lambda: 0.0) as journal:
        with pytest.raises(StoreError, match="attempt 1 is damaged"):
            journal.attempts()
        connection.execute("UPDATE attempts SET cost_usd = NULL")
        connection.commit()
        assert latest(journal).request is None
    connection.close()


# -- older journals, and reading without writing -----------------------------------------------

VERSION_1 = """
CREATE TABLE attempts (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL,
    backend     TEXT NOT NULL,
    state       TEXT NOT NULL
                CHECK (state IN ('intended', 'accepted', 'finished', 'failed', 'unknown')),
    provider_id TEXT,
    reason      TEXT,
    cost_usd    TEXT,
    started_s   REAL NOT NULL,
    changed_s   REAL NOT NULL
);
CREATE INDEX attempts_by_key ON attempts (key, id);
CREATE INDEX attempts_unsettled ON attempts (id)
    WHERE state IN ('intended', 'accepted', 'unknown');
INSERT INTO attempts VALUES (3, 'k', 'hosted', 'unknown', '17', 'time-out', '0.04', 5.0, 6.0);
INSERT INTO attempts VALUES (9, 'l', 'sketch', 'finished', NULL, NULL, NULL, 7.0, 8.0);
PRAGMA journal_mode = WAL;
PRAGMA user_version = 1;
"""


def make_version_1(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1)
    connection.close()


def test_a_journal_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    make_version_1(path)
    for _ in range(2):  # the second time there is nothing to do
        with Journal(path, lambda: 9.0) as journal:
            assert journal.unsettled() == (
                Attempt(
                    id=3,
                    key="k",
                    backend="hosted",
                    revision="",
                    state="unknown",
                    provider_id="17",
                    reason="time-out",
                    cost_usd=Decimal("0.04"),
                    length_s=None,
                    canonical=None,
                    purpose=None,
                    evidence=None,
                    run=None,
                    started_s=5.0,
                    changed_s=6.0,
                ),
            )
            assert [a.id for a in journal.attempts()] == [3, 9]
            assert journal.prices("hosted", "") == ()  # of unknown length
    with Journal(path, lambda: 9.0) as journal:
        journal.lost(3, "by hand")
        journal.started(REQUEST)
        assert latest(journal).id == 10


def test_a_migration_that_fails_leaves_the_first_version_whole(path: Path) -> None:
    make_version_1(path)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE attempts_1 (in_the_way TEXT)")
    connection.commit()
    with pytest.raises(StoreError, match="attempts_1"):
        Journal(path, lambda: 9.0)
    connection.execute("DROP TABLE attempts_1")
    connection.close()
    with Journal(path, lambda: 9.0) as journal:
        assert len(journal.attempts()) == 2


def test_reading_makes_neither_a_journal_nor_a_folder(path: Path) -> None:
    assert Journal.open_existing(path, lambda: 0.0) is None
    assert not path.parent.exists()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0"])
def test_a_journal_in_the_making_is_not_there_yet(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert Journal.open_existing(path, lambda: 0.0) is None
    assert path.read_bytes() == content


def test_an_existing_journal_is_read_and_left_as_it_was(path: Path) -> None:
    with Journal(path, lambda: 0.0) as journal:
        journal.started(REQUEST)
        journal.finished(KEY, Decimal("0.04"))
    before = content_of(path.parent)

    reading = Journal.open_existing(path, lambda: 0.0)
    assert reading is not None
    with reading:
        assert reading.prices("hosted", "medium") == (Paid(Fraction(23, 2), Decimal("0.04")),)

    assert content_of(path.parent) == before


def test_an_existing_journal_of_the_first_version_can_be_read(path: Path) -> None:
    make_version_1(path)
    reading = Journal.open_existing(path, lambda: 0.0)
    assert reading is not None
    with reading:
        assert [attempt.id for attempt in reading.attempts()] == [3, 9]


IN_A_FOLDER_THAT_CANT_BE_WRITTEN = """
import os, sys
from fractions import Fraction
from pathlib import Path
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.journal import Journal
path = Path(sys.argv[1]) / "journal.sqlite"
with Journal(path, clock=lambda: 5.0) as journal:
    journal.started(ClipRequest("hosted", "medium", "calm", Fraction(10), 42))
path.chmod(0o444)
path.parent.chmod(0o555)
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere
with Journal.open_existing(path, clock=lambda: 5.0) as journal:
    print(journal.unsettled()[0].state)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such right there")
def test_a_journal_in_a_folder_that_cant_be_written_is_read() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        store = Path(folder) / "store"
        done = subprocess.run(
            [sys.executable, "-c", IN_A_FOLDER_THAT_CANT_BE_WRITTEN, str(store)],
            check=False,
            capture_output=True,
            text=True,
        )
        store.chmod(0o755)
    assert (done.stdout, done.stderr) == ("intended\n", "")
