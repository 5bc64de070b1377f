from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import closing
from fractions import Fraction

import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip, Failed, Finished, Outcome
from musicgen_daw.backends.pool import Stop, run_in_threads
from musicgen_daw.errors import Quota, Rejected
from musicgen_daw.planning import ClipRequest


class Started:
    """A checkpoint that remembers what was started."""

    def __init__(self) -> None:
        self.seeds: list[int] = []

    def started(self, request: ClipRequest) -> None:
        self.seeds.append(request.seed)

    def accepted(self, request: ClipRequest, provider_id: str) -> None:
        raise NotImplementedError

    def accepted_id(self, request: ClipRequest) -> str | None:
        return None


REQUESTS = [ClipRequest("test", "1", "x", Fraction(1), seed) for seed in range(20)]


def silence(request: ClipRequest, stop: Stop) -> Clip:
    return Clip({"mix": Audio.silence(8, 8000, 1)}, facts={"seed": str(request.seed)})


def seeds(outcomes: Iterator[Outcome]) -> list[int]:
    return [outcome.request.seed for outcome in outcomes]


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_every_request_gets_one_outcome_of_its_own(workers: int) -> None:
    outcomes = list(run_in_threads(REQUESTS, silence, Started(), workers=workers))
    assert sorted(outcome.request.seed for outcome in outcomes) == list(range(20))
    for outcome in outcomes:
        assert isinstance(outcome, Finished)
        assert outcome.clip.facts["seed"] == str(outcome.request.seed)


def test_no_requests_give_no_outcomes() -> None:
    assert seeds(run_in_threads([], silence, Started(), workers=2)) == []


def test_no_more_is_begun_than_there_are_workers_and_one_caller() -> None:
    started = Started()
    with closing(run_in_threads(REQUESTS, silence, started, workers=2)) as outcomes:
        for taken, _ in enumerate(outcomes, 1):
            assert len(started.seeds) <= taken + 2


def test_a_failure_keeps_its_kind_and_any_other_error_becomes_a_rejection() -> None:
    def fail(request: ClipRequest, stop: Stop) -> Clip:
        if request.seed == 0:
            raise Quota("too many", retry_at_s=5.0)
        if request.seed == 1:
            raise MemoryError("out of memory")
        return silence(request, stop)

    outcomes = {o.request.seed: o for o in run_in_threads(REQUESTS[:3], fail, Started(), workers=2)}
    quota, broken, finished = (outcomes[seed] for seed in range(3))
    assert isinstance(quota, Failed)
    assert isinstance(quota.error, Quota)
    assert isinstance(broken, Failed)
    assert isinstance(broken.error, Rejected)
    assert "MemoryError('out of memory')" in str(broken.error)
    assert isinstance(finished, Finished)


def test_closing_asks_what_is_under_way_to_stop_and_waits_for_it() -> None:
    first_done, stopped = threading.Event(), threading.Event()

    def wait_for_stop(request: ClipRequest, stop: Stop) -> Clip:
        if request.seed == 0:
            return silence(request, stop)
        while True:
            try:
                stop.check()
            except CancelledError:
                stopped.set()
                raise
            first_done.wait(0.005)

    started = Started()
    with closing(run_in_threads(REQUESTS, wait_for_stop, started, workers=2)) as outcomes:
        assert next(outcomes).request.seed == 0
    assert stopped.is_set()
    assert started.seeds == [0, 1, 2]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("clip")]
