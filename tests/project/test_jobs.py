"""Jobs: what was sent and paid, and the user's word on what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from musicgen_daw.errors import FolderBusy, UsageError
from musicgen_daw.planning import ClipRequest
from musicgen_daw.project.jobs import Jobs
from musicgen_daw.store.evidence import EvidenceFolder
from musicgen_daw.store.journal import Journal, Purpose
from musicgen_daw.store.output import OutputFolder


def request(seed: int, backend: str = "segmind", length_s: int = 10) -> ClipRequest:
    return ClipRequest(backend, "meta-musicgen-medium", "a tone", Fraction(length_s), seed)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def journal(store: Path) -> Iterator[Journal]:
    with Journal(store / "journal.sqlite", lambda: 1_000.0) as opened:
        yield opened


def sent(journal: Journal, seed: int, folder: Path | None = None, **more: str) -> str:
    """Note a clip as one that is sent now."""
    purpose = None if folder is None else Purpose(str(folder.resolve()), f"1m{seed}", 1)
    one = request(seed, **more)
    journal.started(one, exclusive=one.backend != "sketch", purpose=purpose)
    return one.key()


def sent_before(store: Path, seed: int, folder: Path) -> None:
    """Note a clip as one that a run has sent which died before it heard of it."""
    with Journal(store / "journal.sqlite", lambda: 1_000.0) as journal:
        sent(journal, seed, folder)


def test_a_store_in_which_nothing_was_sent_has_no_jobs_and_gets_no_journal(store: Path) -> None:
    assert Jobs(store).listed(everything=True) == []
    assert list(Jobs(store).fetch()) == []
    assert not store.exists()
    with pytest.raises(UsageError, match="there is no job 1"):
        Jobs(store).give_up([1])


def test_what_was_or_may_have_been_paid_is_listed_and_what_was_free_is_not(
    store: Path, journal: Journal
) -> None:
    journal.finished(sent(journal, 1), Decimal("0.04"))
    journal.failed(sent(journal, 2), "no such model")
    journal.unknown(sent(journal, 3), "the connection broke")
    journal.accepted(sent(journal, 4), "job-4")
    sent(journal, 5)
    sent(journal, 6, backend="sketch")
    sent(journal, 7, backend="gone-since")

    assert [job.is_open for job in Jobs(store).listed()] == [False, True, False, False, False]
    journal.close()
    listed = Jobs(store).listed()

    assert [(job.id, job.state, job.is_open) for job in listed] == [
        (1, "finished", False),
        (3, "unknown", True),
        (4, "accepted", True),
        (5, "intended", True),
        (7, "intended", True),
    ]
    assert len(Jobs(store).listed(everything=True)) == 7
    assert [(job.cost_usd, job.perhaps_usd) for job in listed[:2]] == [
        (Decimal("0.04"), 0),
        (None, Decimal("0.04")),  # as the one before it cost
    ]


def test_what_a_clip_was_for_and_what_came_instead_is_told(
    store: Path, journal: Journal, tmp_path: Path
) -> None:
    key = sent(journal, 3, tmp_path / "out")
    name = EvidenceFolder(store / "evidence").keep(key, b"<html>")
    journal.unknown(key, "sent a page", cost_usd=Decimal("0.05"), evidence=name)

    (job,) = Jobs(store).listed()

    assert (job.cue, job.take, job.folder) == ("1m3", 1, str((tmp_path / "out").resolve()))
    assert (job.reason, job.cost_usd, job.perhaps_usd) == ("sent a page", Decimal("0.05"), 0)
    assert job.evidence is not None
    assert Path(job.evidence).read_bytes() == b"<html>"


def test_a_folder_has_its_own_jobs_also_when_it_is_gone(
    store: Path, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(journal, 1, tmp_path / "one")
    sent(journal, 2, tmp_path / "two")
    sent(journal, 3)
    monkeypatch.chdir(tmp_path)
    assert [job.id for job in Jobs(store, Path("two")).listed()] == [2]
    assert [job.id for job in Jobs(store, Path("elsewhere")).listed()] == []
    assert [job.id for job in Jobs(store).listed()] == [1, 2, 3]


def test_the_users_word_decides_what_may_be_sent_again(store: Path, journal: Journal) -> None:
    journal.unknown(sent(journal, 1), "timed out")
    journal.unknown(sent(journal, 2), "timed out")
    jobs = Jobs(store)

    assert [job.state for job in jobs.give_up([1, 1])] == ["lost"]
    assert [job.state for job in jobs.send_again([2])] == ["released"]

    assert [(job.state, job.is_open) for job in jobs.listed()] == [
        ("lost", False),
        ("released", False),
    ]
    journal.started(request(2), exclusive=True)
    with pytest.raises(Exception, match="given up"):
        journal.started(request(1), exclusive=True)
    assert [job.state for job in jobs.send_again([1])] == ["released"]  # second thoughts


def test_what_is_settled_for_good_stays_so(store: Path, journal: Journal) -> None:
    journal.finished(sent(journal, 1), Decimal("0.04"))
    journal.failed(sent(journal, 2), "refused")
    for decide in (Jobs(store).give_up, Jobs(store).send_again, lambda n: [*Jobs(store).fetch(n)]):
        with pytest.raises(UsageError, match="job 1 is finished"):
            decide([1])
        with pytest.raises(UsageError, match="job 2 is failed"):
            decide([2])
        with pytest.raises(UsageError, match="no job 3"):
            decide([3])


def test_nothing_is_settled_of_a_folder_that_a_run_holds(store: Path, tmp_path: Path) -> None:
    sent_before(store, 1, tmp_path / "out")
    with OutputFolder.open(tmp_path / "out"):
        for decide in (Jobs(store).give_up, Jobs(store).send_again):
            with pytest.raises(FolderBusy):
                decide([1])
        with pytest.raises(FolderBusy):
            list(Jobs(store).fetch())
    assert Jobs(store).listed()[0].state == "intended"
    assert Jobs(store).give_up([1])[0].state == "lost"


def test_settling_makes_no_output_folder_where_none_is(store: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    sent_before(store, 1, tmp_path / "mine")
    sent_before(store, 2, tmp_path / "gone")
    Jobs(store).give_up([1, 2])
    assert not list((tmp_path / "mine").iterdir())
    assert not (tmp_path / "gone").exists()


def test_nothing_is_settled_that_another_run_has_under_way(store: Path, journal: Journal) -> None:
    key = sent(journal, 1)
    journal.unknown(sent(journal, 2), "timed out")
    jobs = Jobs(store)

    assert [(job.is_under_way, job.is_open) for job in jobs.listed()] == [
        (True, False),
        (False, True),
    ]
    for decide in (jobs.give_up, jobs.send_again, lambda numbers: [*jobs.fetch(numbers)]):
        with pytest.raises(FolderBusy, match="job 1 is under way"):
            decide([2, 1])
    assert [job.state for job in jobs.listed()] == ["intended", "unknown"]

    journal.finished(key)
    assert not jobs.listed()[0].is_under_way
