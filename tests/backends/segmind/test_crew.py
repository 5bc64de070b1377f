"""Threads that make clips, whoever listens."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from contextlib import closing
from fractions import Fraction

import pytest

from musicgen_daw.backends.base import Failed, Outcome
from musicgen_daw.backends.segmind.crew import Halt, outcomes_of
from musicgen_daw.errors import BudgetExceeded, Rejected, StoreError
from musicgen_daw.planning import ClipRequest

REQUESTS = [ClipRequest("test", "1", "x", Fraction(1), seed) for seed in range(20)]


def made(request: ClipRequest) -> Outcome:
    return Failed(request, Rejected("as an example"))


def test_every_request_gets_its_outcome_from_no_more_threads_than_allowed() -> None:
    names: set[str] = set()
    together = threading.Barrier(3)

    def make(request: ClipRequest) -> Outcome:
        if request.seed < 3:
            together.wait(5)  # all three are there at once
        names.add(threading.current_thread().name)
        return made(request)

    seeds = [outcome.request.seed for outcome in outcomes_of(REQUESTS, make, Halt(), threads=3)]

    assert sorted(seeds) == list(range(20))
    assert names == {"segmind-0", "segmind-1", "segmind-2"}


def test_no_requests_need_no_threads() -> None:
    assert list(outcomes_of([], made, Halt(), threads=3)) == []


def test_what_gives_no_outcome_is_left_out() -> None:
    def make(request: ClipRequest) -> Outcome | None:
        if request.seed == 1:
            raise CancelledError
        return made(request) if request.seed % 2 == 0 else None

    outcomes = outcomes_of(REQUESTS[:5], make, Halt(), threads=2)
    assert sorted(outcome.request.seed for outcome in outcomes) == [0, 2, 4]


def test_a_slow_listener_delays_no_thread_until_some_clips_wait_for_it() -> None:
    begun = threading.Semaphore(0)

    def make(request: ClipRequest) -> Outcome:
        begun.release()
        return made(request)

    with closing(outcomes_of(REQUESTS, make, Halt(), threads=2)) as outcomes:
        next(outcomes)
        # One was heard, two threads and four more may have theirs waiting, two hold one each.
        for _ in range(1 + 6 + 2):
            assert begun.acquire(timeout=5)
        assert not begun.acquire(timeout=0.05)
        assert len(list(outcomes)) == 19


def test_an_error_of_the_journal_is_raised_once_all_under_way_has_come() -> None:
    under_way = threading.Event()

    def make(request: ClipRequest) -> Outcome | None:
        if request.seed == 0:
            assert under_way.wait(5)
            raise StoreError("the disk is full")
        if request.seed > 1:
            return None if halt.no_more.is_set() else made(request)
        under_way.set()
        assert halt.no_more.wait(5)
        return made(request)

    halt = Halt()
    outcomes = outcomes_of(REQUESTS, make, halt, threads=2)
    heard: list[int] = []
    with pytest.raises(StoreError, match="the disk is full"):
        heard.extend(outcome.request.seed for outcome in outcomes)
    assert halt.error is None


def test_closing_waits_for_nobody_and_ends_every_thread() -> None:
    answer, ended = threading.Event(), threading.Semaphore(0)

    def make(request: ClipRequest) -> Outcome | None:
        if request.seed > 0 and not halt.abandoned.is_set():
            answer.wait(5)
            ended.release()
        return made(request)

    halt = Halt()
    with closing(outcomes_of(REQUESTS, make, halt, threads=2)) as outcomes:
        next(outcomes)
    assert halt.abandoned.is_set()
    answer.set()
    assert ended.acquire(timeout=5)


def test_the_first_reason_to_stop_is_kept() -> None:
    halt = Halt()
    halt.stop(BudgetExceeded("first"))
    halt.stop(BudgetExceeded("second"))
    halt.abandon()

    assert str(halt.error) == "first"

    asked = Halt()
    asked.stop()
    asked.stop(BudgetExceeded("too late"))
    assert asked.error is None
