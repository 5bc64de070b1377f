"""Clips that go on from others: made after them, and only if they are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Self

from hosted_backend import Bench, HostedBackend, hosted
from sine_backend import SineBackend, planned, request

from musicgen_daw.backends.base import Checkpoint, Failed, Outcome
from musicgen_daw.errors import Rejected
from musicgen_daw.execution.runner import FailedTake, MadeTake
from musicgen_daw.planning import ClipRequest


class Watched(SineBackend):
    """A generator that remembers what it got at once; seed 9 it can't make."""

    def __init__(self) -> None:
        super().__init__(workers=1)
        self.rounds: list[list[int]] = []

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        self.rounds.append([one.seed for one in requests])
        for one in requests:
            if one.seed == 9:
                yield Failed(one, Rejected("no"))
        yield from super().run([one for one in requests if one.seed != 9], checkpoint)


def chain(*seeds: int, before: ClipRequest | None = None) -> list[ClipRequest]:
    """Requests each of which goes on from the one before it."""
    made: list[ClipRequest] = [] if before is None else [before]
    for seed in seeds:
        made.append(replace(request(seed), continues=made[-1].key() if made else None))
    return made if before is None else made[1:]


def test_a_clip_is_made_after_the_one_that_it_goes_on_from(bench: Bench) -> None:
    one, two, three = chain(1, 2, 3)
    backend = Watched()
    work = [planned("c", three), planned("b", two), planned("a", one), planned("d", request(4))]
    outcomes = bench.run(work, backend)
    assert all(isinstance(outcome, MadeTake) for outcome in outcomes)
    assert backend.rounds == [[1, 4], [2], [3]]
    assert bench.opened == ["sine"]


def test_a_second_run_makes_only_what_is_missing(bench: Bench) -> None:
    one, two, three = chain(1, 2, 3)
    bench.run([planned("a", one), planned("b", two)], Watched())
    backend = Watched()
    bench.run(
        [planned(name, clip) for name, clip in zip("abc", (one, two, three), strict=True)], backend
    )
    assert backend.rounds == [[3]]


def test_where_one_fails_all_that_go_on_from_it_fail_and_the_others_do_not(bench: Bench) -> None:
    links = chain(*[9, *range(20, 2000)])
    backend = Watched()
    work = [planned(f"c{n}", one) for n, one in enumerate(links)]
    outcomes = bench.run([*work, planned("free", request(1))], backend)
    failed = [outcome for outcome in outcomes if isinstance(outcome, FailedTake)]
    assert len(failed) == len(links)
    assert "it goes on from the cue before it" in str(failed[1].errors[0])
    assert backend.rounds == [[9, 1]]


def test_a_clip_whose_predecessor_this_run_leaves_alone_and_nobody_made_is_not_made(
    bench: Bench,
) -> None:
    one, two = chain(1, 2)
    (outcome,) = bench.run([planned("b", two)], Watched())
    assert isinstance(outcome, FailedTake)
    assert "whose clip is not there: render that one first" in str(outcome.errors[0])
    bench.run([planned("a", one)], Watched())
    (outcome,) = bench.run([planned("b", two)], Watched())
    assert isinstance(outcome, MadeTake)


def test_generators_may_go_on_from_each_other(bench: Bench) -> None:
    one = hosted(1)
    two = replace(request(2), continues=one.key())
    three = replace(hosted(3), continues=two.key())
    work = [
        planned("c", three, capabilities=HostedBackend.capabilities),
        planned("b", two),
        planned("a", one, capabilities=HostedBackend.capabilities),
    ]
    outcomes = bench.run(work, Watched(), HostedBackend())
    assert [outcome.cue.cue.id for outcome in outcomes] == ["a", "b", "c"]
    assert all(isinstance(outcome, MadeTake) for outcome in outcomes)
    assert bench.opened == ["hosted", "sine", "hosted"]


def test_a_generator_that_can_not_be_opened_fails_the_whole_chain(bench: Bench) -> None:
    class Closed(SineBackend):
        def __enter__(self) -> Self:
            raise Rejected("closed")

    outcomes = bench.run([planned(f"c{n}", one) for n, one in enumerate(chain(1, 2, 3))], Closed())
    assert len([outcome for outcome in outcomes if isinstance(outcome, FailedTake)]) == 3
