"""Who is at work on what, told by locks that the operating system frees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from musicgen_daw.errors import Ambiguous, FolderBusy
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.journal import Attempt, Journal
from musicgen_daw.store.runs import Runs

REQUEST = ClipRequest("hosted", "medium", "calm", Fraction(10), 42)
KEY = REQUEST.key()

RUN = """
import sys
from fractions import Fraction
from pathlib import Path
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.journal import Journal
with Journal(Path(sys.argv[1]), clock=lambda: 5.0) as journal:
    journal.started(ClipRequest("hosted", "medium", "calm", Fraction(10), 42), exclusive=True)
    print("started", flush=True)
    for line in sys.stdin:
        getattr(journal, line.split()[0])(*line.split()[1:])
        print("noted", flush=True)
"""


class OtherRun:
    """A run in another process, which has started the clip."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "started\n"

    def notes(self, *words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        assert self._line() == "noted\n"

    def dies(self) -> None:
        self.process.kill()
        self.ends()

    def ends(self) -> None:
        self.process.communicate()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "journal.sqlite"


@contextmanager
def other_run(path: Path) -> Iterator[OtherRun]:
    run = OtherRun(path)
    try:
        yield run
    finally:
        run.dies()


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path, lambda: 9.0) as journal:
        yield journal


def latest(journal: Journal) -> Attempt:
    attempt = journal.latest(KEY)
    assert attempt is not None
    return attempt


def held(path: Path) -> list[str]:
    """Return the names of the files of runs."""
    return [each.name for each in path.with_name("runs").iterdir() if each.name != "guard.lock"]


def test_what_a_process_is_at_work_on_nobody_else_sends_fetches_or_decides(
    journal: Journal, path: Path
) -> None:
    with other_run(path) as other:
        for _ in range(2):
            attempt = latest(journal)
            assert journal.is_under_way(attempt)
            with pytest.raises(Ambiguous, match="another run is making this clip now"):
                journal.started(REQUEST, exclusive=True)
            with pytest.raises(FolderBusy):
                journal.lost(1, "given up")
            with pytest.raises(FolderBusy):
                journal.released(1, "once more")
            assert not journal.take_up(attempt)
            assert latest(journal) == attempt
            other.notes("accepted", KEY, "job-1")


def test_what_a_killed_process_left_is_taken_up_by_the_next(journal: Journal, path: Path) -> None:
    with other_run(path) as other:
        other.notes("accepted", KEY, "job-1")
        other.dies()
    left = held(path)
    assert not journal.is_under_way(latest(journal))
    assert journal.take_up(latest(journal))
    assert not journal.is_under_way(latest(journal))  # nobody else does
    assert len(left) == len(held(path)) == 1
    assert left != held(path)
    with Journal(path, lambda: 0.0) as third:
        assert third.is_under_way(latest(third))
    journal.released(1, "once more")
    journal.started(REQUEST, exclusive=True)


def test_what_a_process_has_left_as_unknown_is_the_users_to_decide(
    journal: Journal, path: Path
) -> None:
    with other_run(path) as other:
        other.notes("unknown", KEY, "timed-out")
        assert not journal.is_under_way(latest(journal))
        journal.released(1, "once more")
        journal.started(REQUEST, exclusive=True)


def test_a_run_that_is_over_leaves_no_file_and_nothing_under_way(
    journal: Journal, path: Path
) -> None:
    with other_run(path) as other:
        other.ends()
    assert held(path) == []
    assert not journal.is_under_way(latest(journal))


def test_a_journal_that_only_reads_makes_no_file(journal: Journal, path: Path) -> None:
    assert journal.latest(KEY) is None
    assert not path.with_name("runs").exists()


@pytest.mark.parametrize("run", [None, "", "../../etc/passwd", "\0", "0" * 16, "é" * 10_000])
def test_what_names_no_run_is_none(tmp_path: Path, run: str | None) -> None:
    with closing(Runs(tmp_path)) as runs:
        runs.own()
        assert not runs.is_another(run)


def test_a_run_of_which_nobody_can_tell_counts_as_one(tmp_path: Path) -> None:
    (tmp_path / f"{'0' * 16}.lock").mkdir()
    with closing(Runs(tmp_path)) as runs:
        runs.own()
        assert runs.is_another("0" * 16)


def test_many_who_come_look_and_go_at_once_see_who_lives_and_nobody_who_does_not(
    tmp_path: Path,
) -> None:
    with closing(Runs(tmp_path)) as living, closing(Runs(tmp_path)) as gone:
        alive, dead = living.own(), gone.own()
        gone.close()
        (tmp_path / f"{dead}.lock").touch()  # as of one that was killed

        def look(_: int) -> tuple[bool, bool]:
            with closing(Runs(tmp_path)) as runs:
                before = runs.is_another(dead)
                runs.own()
                return runs.is_another(alive), before or runs.is_another(dead)

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(look, range(100))) == {(True, False)}
        assert sorted(each.stem for each in tmp_path.glob("*.lock")) == sorted([alive, "guard"])
