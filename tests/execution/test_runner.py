from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from threading import Event as Flag
from typing import Self

import numpy as np
import pytest
from hosted_backend import PAID, Bench, HostedBackend, bought, hosted
from sine_backend import RATE, SineBackend, planned, request, sine

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import (
    Checkpoint,
    Clip,
    Failed,
    Finished,
    Outcome,
    Unknown,
)
from musicgen_daw.backends.pool import Stop
from musicgen_daw.errors import Ambiguous, Credentials, Rejected, StoreError, Transient
from musicgen_daw.events import ClipFailed, ClipFinished, ClipStarted, RunStarted
from musicgen_daw.execution.runner import FailedTake, MadeTake
from musicgen_daw.planning import ClipRequest

# -- order and events --------------------------------------------------------------------------


def test_every_take_comes_with_its_clips_in_their_order(bench: Bench) -> None:
    work = [planned("a", request(3), request(1), request(2)), planned("b", request(4))]
    outcomes = bench.run(work, SineBackend())
    assert all(isinstance(outcome, MadeTake) for outcome in outcomes)
    made = {outcome.cue.cue.id: outcome for outcome in outcomes}
    assert [clip.key for clip in made["a"].clips] == [request(seed).key() for seed in (3, 1, 2)]
    assert made["b"].take is work[1][1]
    for outcome in outcomes:
        assert all(bench.store.check(clip) == [] for clip in outcome.clips)
    assert bench.journal.unsettled() == ()


def test_the_events_tell_the_run(bench: Bench) -> None:
    bench.run([planned("a", request(1))], SineBackend())
    work = [planned("a", request(1)), planned("b", request(2), take=3)]
    bench.run(work, SineBackend())
    old, new = request(1).key(), request(2).key()
    assert bench.events[0] == RunStarted(cues=2, takes=2, clips_total=2, clips_new=1, new_s=0.25)
    assert bench.events[1] == ClipFinished("a", 1, old, 0.25, 0.0, from_store=True)
    assert bench.events[2] == ClipStarted("b", 3, new)
    finished = bench.events[3]
    assert isinstance(finished, ClipFinished)
    assert replace(finished, elapsed_s=0.0) == ClipFinished(
        "b", 3, new, 0.25, 0.0, from_store=False
    )
    assert len(bench.events) == 4


def test_what_is_stored_comes_first_and_opens_no_backend(bench: Bench) -> None:
    bench.run([planned("b", request(2))], SineBackend())
    work = [planned("a", request(1)), planned("b", request(2))]
    bench.opened.clear()
    with closing(bench.start(work, SineBackend())) as outcomes:
        assert next(outcomes).cue.cue.id == "b"
        assert bench.opened == []
        assert next(outcomes).cue.cue.id == "a"
    assert bench.run(work) != []
    assert bench.opened == []


def test_a_request_that_takes_share_is_generated_once(bench: Bench) -> None:
    work = [
        planned("a", request(1), request(2)),
        planned("b", request(2)),
        planned("c", request(2)),
    ]
    outcomes = bench.run(work, SineBackend())
    assert sorted(outcome.cue.cue.id for outcome in outcomes) == ["a", "b", "c"]
    assert len(bench.told(ClipStarted)) == 2
    assert len(bench.told(ClipFinished)) == 2


def test_each_backend_gets_its_own_requests_at_once(bench: Bench) -> None:
    backend = HostedBackend(bought)
    work = [
        planned("a", request(1)),
        planned("b", hosted(5), capabilities=PAID),
        planned("c", request(2)),
        planned("d", hosted(6), capabilities=PAID),
    ]
    assert len(bench.run(work, SineBackend(), backend)) == 4
    assert bench.opened == ["sine", "hosted"]
    assert backend.sent == [5, 6]


# -- failures ----------------------------------------------------------------------------------


def test_a_failing_clip_fails_its_takes_and_no_others(bench: Bench) -> None:
    def poison(one: ClipRequest, stop: Stop) -> Clip:
        if one.seed == 2:
            raise ZeroDivisionError("poison")
        return sine(one, stop)

    work = [
        planned("a", request(1)),
        planned("b", request(2), request(3)),
        planned("c", request(4)),
    ]
    outcomes = {outcome.cue.cue.id: outcome for outcome in bench.run(work, SineBackend(poison))}
    failed = outcomes["b"]
    assert isinstance(failed, FailedTake)
    assert [str(error) for error in failed.errors] == [
        "the generator failed: ZeroDivisionError('poison')"
    ]
    assert isinstance(failed.errors[0].__cause__, ZeroDivisionError)
    assert isinstance(outcomes["a"], MadeTake)
    assert isinstance(outcomes["c"], MadeTake)
    assert bench.journal.state_of(request(2).key()) == "failed"
    assert len(bench.told(ClipFailed)) == 1

    again = bench.run(work, SineBackend())
    assert all(isinstance(outcome, MadeTake) for outcome in again)
    assert len(bench.told(ClipStarted)) == 1


@pytest.mark.parametrize(
    "stems",
    [
        {},
        {"mix": Audio(np.full((1, 50), np.nan, np.float32), RATE)},
        {"mix": Audio.silence(0, RATE)},
        {"mix": Audio.silence(9, RATE), "pad": Audio.silence(8, RATE)},
    ],
)
def test_what_is_no_sound_is_a_failure_and_never_stored(
    bench: Bench, stems: dict[str, Audio]
) -> None:
    outcomes = bench.run([planned("a", request(1))], SineBackend(lambda *_: Clip(stems)))
    assert isinstance(outcomes[0], FailedTake)
    assert isinstance(outcomes[0].errors[0], Rejected)
    assert bench.store.get(request(1).key()) is None


def test_what_is_sound_but_suspect_is_told(bench: Bench) -> None:
    def defective(one: ClipRequest, stop: Stop) -> Clip:
        offset = np.full((1, 100), 0.5, np.float32)
        return Clip({"mix": Audio(offset, 2 * RATE), "pad": Audio.silence(100, 2 * RATE, 1)})

    bench.run([planned("a", request(1))], SineBackend(defective), tries=1)
    assert bench.warnings() == [
        "the clip has 16000 Hz where its generator promises 8000 Hz",
        "the clip has a DC offset in stem 'mix'",
        "the clip is 0.24 s shorter than asked: listen to it, or reject the take",
    ]


def test_a_backend_that_can_not_start_fails_its_clips_and_no_others(bench: Bench) -> None:
    class Locked(SineBackend):
        name = "locked"

        def __enter__(self) -> Self:
            raise Credentials("the key is refused")

    work = [planned("a", request(1, backend="locked")), planned("b", request(2))]
    outcomes = {o.cue.cue.id: o for o in bench.run(work, Locked(), SineBackend())}
    failed = outcomes["a"]
    assert isinstance(failed, FailedTake)
    assert isinstance(failed.errors[0], Credentials)
    assert isinstance(outcomes["b"], MadeTake)


def test_a_backend_that_tells_no_outcome_fails_what_it_left(bench: Bench) -> None:
    class Forgetful(SineBackend):
        def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
            return super().run(requests[:1], checkpoint)

    outcomes = bench.run([planned("a", request(1)), planned("b", request(2))], Forgetful())
    assert [type(outcome) for outcome in outcomes] == [MadeTake, FailedTake]


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_kept_clip_that_is_lost_is_told_and_never_generated_again(
    bench: Bench, forgotten: bool
) -> None:
    work = [planned("a", request(1), fixed=True, forgotten=forgotten), planned("b", request(2))]
    outcomes = bench.run(work, SineBackend())
    assert isinstance(outcomes[0], FailedTake)
    assert "never generated again" in str(outcomes[0].errors[0])
    assert isinstance(outcomes[1], MadeTake)
    assert len(bench.told(ClipStarted)) == 1
    assert [event.key for event in bench.events if isinstance(event, ClipFailed)] == [
        request(1).key()
    ]


def test_a_store_that_can_not_be_written_ends_the_run(bench: Bench) -> None:
    (bench.store.root / "blobs").write_text("in the way")
    with pytest.raises(StoreError, match="can't be written"):
        bench.run([planned("a", request(1))], SineBackend())


# -- what is paid ------------------------------------------------------------------------------


def test_a_paid_clip_is_journalled_with_id_and_cost(bench: Bench) -> None:
    bench.run([planned("a", hosted(1), capabilities=PAID)], HostedBackend(bought))
    attempt = bench.journal.latest(hosted(1).key())
    assert attempt is not None
    assert (attempt.state, attempt.provider_id, attempt.cost_usd) == (
        "finished",
        "id-1",
        Decimal("0.04"),
    )


def test_what_may_have_been_paid_is_reported_and_never_sent_again(bench: Bench) -> None:
    work = [planned("a", hosted(1), capabilities=PAID)]
    backend = HostedBackend(lambda one: Unknown(one, Ambiguous("time-out")))
    for _ in range(3):
        (outcome,) = bench.run(work, backend)
        assert isinstance(outcome, FailedTake)
        assert isinstance(outcome.errors[0], Ambiguous)
        assert "time-out" in str(outcome.errors[0])
    assert backend.sent == [1]

    bench.journal.failed(hosted(1).key(), "settled by hand: it was not billed")
    assert isinstance(bench.run(work, HostedBackend(bought))[0], MadeTake)


def test_a_run_killed_before_the_id_leaves_an_unknown_and_after_it_a_fetch(bench: Bench) -> None:
    bench.journal.started(hosted(1), exclusive=True)
    bench.journal.started(hosted(2), exclusive=True)
    bench.journal.accepted(hosted(2).key(), "id-of-then")
    work = [planned(f"c{seed}", hosted(seed), capabilities=PAID) for seed in (1, 2, 3)]
    backend = HostedBackend(bought)
    outcomes = {o.cue.cue.id: type(o) for o in bench.run(work, backend)}
    assert outcomes == {"c1": FailedTake, "c2": MadeTake, "c3": MadeTake}
    assert (backend.sent, backend.fetched) == ([3], ["id-of-then"])


def test_a_clean_failure_of_a_paid_clip_may_be_sent_again(bench: Bench) -> None:
    work = [planned("a", hosted(1), capabilities=PAID)]
    backend = HostedBackend(lambda one: Failed(one, Transient("no connection")))
    bench.run(work, backend)
    bench.run(work, backend)
    assert backend.sent == [1, 1]


def test_a_paid_clip_that_is_no_sound_is_not_bought_again_by_itself(bench: Bench) -> None:
    silence = Audio.silence(0, RATE)
    backend = HostedBackend(lambda one: Finished(one, Clip({"mix": silence})))
    work = [planned("a", hosted(1), capabilities=PAID)]
    bench.run(work, backend)
    bench.run(work, backend)
    assert backend.sent == [1]


def test_a_paid_backend_that_breaks_down_leaves_unknown_what_it_had_sent(bench: Bench) -> None:
    class Breaking(HostedBackend):
        def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
            checkpoint.started(requests[0])
            raise Transient("the process ran out of sockets")
            yield

    work = [planned(f"c{seed}", hosted(seed), capabilities=PAID) for seed in (1, 2)]
    bench.run(work, Breaking(bought))
    states = [bench.journal.state_of(hosted(seed).key()) for seed in (1, 2)]
    assert states == ["unknown", None]


def test_a_clip_stored_by_a_run_that_was_killed_before_noting_it_is_settled(bench: Bench) -> None:
    bench.journal.started(hosted(1), exclusive=True)
    bench.store.put(hosted(1), replace(sine(hosted(1), Stop()), facts={"cost_usd": "0.04"}))
    (outcome,) = bench.run([planned("a", hosted(1), capabilities=PAID)])
    assert isinstance(outcome, MadeTake)
    assert bench.journal.unsettled() == ()
    assert bench.journal.spent() == Decimal("0.04")


# -- stopping and memory -----------------------------------------------------------------------


def test_a_run_that_is_stopped_keeps_what_is_finished_and_begins_nothing_more(bench: Bench) -> None:
    release = Flag()

    def third_waits(one: ClipRequest, stop: Stop) -> Clip:
        if one.seed > 1:
            release.wait(10)
            stop.check()
        return sine(one, stop)

    work = [planned(f"c{seed}", request(seed)) for seed in range(50)]
    with closing(bench.start(work, SineBackend(third_waits))) as outcomes:
        assert {next(outcomes).cue.cue.id for _ in range(2)} == {"c0", "c1"}
        release.set()
    started = len(bench.told(ClipStarted))
    assert started <= 4
    assert bench.store.get(request(0).key()) is not None
    assert bench.journal.unsettled() == ()

    assert len(bench.run(work, SineBackend())) == 50
    assert len(bench.told(ClipStarted)) == 48


def test_an_interrupt_passes_through_and_loses_nothing_finished(bench: Bench) -> None:
    class Interrupted(SineBackend):
        def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
            yield from super().run(requests[:3], checkpoint)
            raise KeyboardInterrupt

    work = [planned(f"c{seed}", request(seed)) for seed in range(9)]
    with pytest.raises(KeyboardInterrupt):
        bench.run(work, Interrupted())
    assert sum(bench.store.get(request(seed).key()) is not None for seed in range(9)) == 3
    assert bench.journal.unsettled() == ()


def test_few_clips_are_in_memory_however_many_are_made(bench: Bench) -> None:
    living: weakref.WeakSet[Audio] = weakref.WeakSet()
    counts: list[int] = []

    class Counted(Audio):
        __slots__ = ("__weakref__",)

    def counted(one: ClipRequest, stop: Stop) -> Clip:
        audio = Counted(sine(one, stop).stems["mix"].samples, RATE)
        living.add(audio)
        counts.append(len(living))
        return Clip({"mix": audio})

    work = [planned(f"c{seed}", request(seed)) for seed in range(60)]
    for outcome in bench.start(work, SineBackend(counted, workers=2)):
        time.sleep(0.002)  # a slow listener, behind whom clips could pile up
        assert isinstance(outcome, MadeTake)
    gc.collect()
    assert len(counts) == 60
    assert max(counts) <= 3
    assert len(living) == 0


def test_a_paid_clip_that_is_damaged_is_told_and_not_bought_again(bench: Bench) -> None:
    work = [planned("a", hosted(1), capabilities=PAID)]
    (outcome,) = bench.run(work, HostedBackend(bought))
    assert isinstance(outcome, MadeTake)
    for blob in (bench.store.root / "blobs").rglob("*.wav"):
        blob.write_bytes(b"cut")

    backend = HostedBackend(bought)
    (outcome,) = bench.run(work, backend)
    assert isinstance(outcome, FailedTake)
    assert "was paid and is damaged" in str(outcome.errors[0])
    assert backend.sent == []

    bench.store.record_path(hosted(1).key()).unlink()  # the user asks for it
    assert isinstance(bench.run(work, backend)[0], MadeTake)
