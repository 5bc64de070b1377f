"""What costs money: settled beside the caller, stopped softly, within a budget, sent once."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from decimal import Decimal
from itertools import count
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from hosted_backend import LIMITS, PAID, Bench, BusyBackend, HostedBackend, bought, hosted
from sine_backend import SineBackend, planned

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Checkpoint, Clip, Failed, Finished, Outcome, Unknown
from musicgen_daw.errors import (
    Ambiguous,
    BudgetExceeded,
    Credentials,
    Quota,
    Rejected,
    StoreError,
    Transient,
)
from musicgen_daw.events import ClipFailed, ClipFinished, ClipStarted, Event, Warned
from musicgen_daw.execution.budget import Budget
from musicgen_daw.execution.quotes import quoting
from musicgen_daw.execution.runner import FailedTake, MadeTake, TakeOutcome
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.attempts import Purpose
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.records import StoredClip

PRICE_USD = Decimal("0.04")


def cues(*seeds: int) -> list:
    return [
        planned(f"c{seed}", hosted(seed), capabilities=HostedBackend.capabilities) for seed in seeds
    ]


def budget(bench: Bench, cap: str) -> Budget:
    return Budget(Decimal(cap), quoting({"hosted": PAID}, bench.journal.prices))


def states(bench: Bench, *seeds: int) -> list[str | None]:
    return [bench.journal.state_of(hosted(seed).key()) for seed in seeds]


# -- beside the caller -------------------------------------------------------------------------


def test_what_is_paid_is_stored_while_the_caller_is_busy(bench: Bench) -> None:
    with closing(bench.start(cues(*range(9)), BusyBackend())) as outcomes:
        next(outcomes)
        finished = Flag()
        poll = threading.Thread(target=lambda: wait_for_clips(bench, 9, finished), daemon=True)
        poll.start()
        assert finished.wait(10), "clips waited for a caller who masters the first one"
        assert len(list(outcomes)) == 8


def wait_for_clips(bench: Bench, count: int, finished: Flag) -> None:
    while sum(bench.store.get(hosted(seed).key()) is not None for seed in range(count)) < count:
        finished.wait(0.01)
    finished.set()


def test_several_clips_are_stored_at_once(bench: Bench) -> None:
    together = threading.Barrier(4)

    class SlowDisk(ClipStore):
        def put(self, *arguments: Any, **facts: Any) -> StoredClip:
            together.wait(10)
            return super().put(*arguments, **facts)

    bench.store = SlowDisk(bench.store.root)
    outcomes = bench.run(cues(*range(8)), BusyBackend())
    assert all(isinstance(outcome, MadeTake) for outcome in outcomes)
    assert states(bench, *range(8)) == ["finished"] * 8


def test_what_several_stored_before_the_disk_failed_is_kept_and_nothing_more_is_sent(
    bench: Bench,
) -> None:
    class FullDisk(ClipStore):
        def put(self, request: ClipRequest, *arguments: Any, **facts: Any) -> StoredClip:
            if request.seed == 5:
                raise StoreError("no space is left", path=self.root)
            return super().put(request, *arguments, **facts)

    bench.store = FullDisk(bench.store.root)
    backend = BusyBackend()
    with pytest.raises(StoreError, match="no space"):
        bench.run(cues(*range(200)), backend)
    assert len(backend.sent) < 100
    for seed in backend.sent:
        is_stored = bench.store.get(hosted(seed).key()) is not None
        assert is_stored == (seed != 5)
        assert states(bench, seed) == ["finished" if is_stored else "intended"]


def test_events_come_one_at_a_time_from_all_threads(bench: Bench) -> None:
    inside = threading.Lock()
    threads = set()

    def observe(event: Event) -> None:
        assert inside.acquire(blocking=False), "two events at once"
        threads.add(threading.get_ident())
        bench.events.append(event)
        inside.release()

    bench.run(cues(*range(20)), BusyBackend(threads=8), observer=observe)
    assert len(bench.told(ClipStarted)) == 20
    assert len(bench.told(ClipFinished)) == 20
    assert len(threads) > 2


def test_the_journal_tells_what_a_clip_was_for(bench: Bench) -> None:
    bench.run(cues(1), HostedBackend(), folder="/music")
    attempt = bench.journal.latest(hosted(1).key())
    assert attempt is not None
    assert attempt.purpose == Purpose("/music", "c1", 1)
    assert bench.journal.spent("/music") == PRICE_USD


# -- stopping ----------------------------------------------------------------------------------


class Calls:
    """A provider that answers only when the test lets it."""

    def __init__(self, under_way: int) -> None:
        self.answered = Flag()
        self.all_under_way = Flag()
        self._expected = under_way
        self._lock = threading.Lock()

    def __call__(self, one: ClipRequest) -> Outcome:
        with self._lock:
            self._expected -= 1
            if self._expected == 0:
                self.all_under_way.set()
        assert self.answered.wait(10)
        return bought(one)


def test_a_run_that_is_closed_sends_nothing_more_and_keeps_what_is_under_way(
    bench: Bench,
) -> None:
    calls = Calls(under_way=4)
    first = Flag()

    def answer(one: ClipRequest) -> Outcome:
        if one.seed == 0:
            first.set()
            return bought(one)
        return calls(one)

    backend = BusyBackend(answer)
    outcomes = bench.start(cues(*range(30)), backend)
    with closing(outcomes):
        assert next(outcomes).cue.cue.id == "c0"
        assert calls.all_under_way.wait(10)
        threading.Timer(0.05, calls.answered.set).start()
    assert len(backend.sent) == 5
    assert states(bench, *backend.sent) == ["finished"] * 5
    assert all(bench.store.get(hosted(seed).key()) for seed in backend.sent)
    assert bench.warnings() == ["waiting for 4 clips under way, which may be paid already"]
    assert bench.told(ClipFailed) == []
    assert len(bench.run(cues(*range(30)), BusyBackend())) == 30


def test_a_generator_that_can_not_be_asked_to_stop_is_stopped_at_its_next_call(
    bench: Bench,
) -> None:
    second = Flag()

    def answer(one: ClipRequest) -> Outcome:
        if one.seed == 1:
            second.set()
            stopped.wait(10)
        return bought(one)

    stopped = Flag()
    backend = HostedBackend(answer)
    with closing(bench.start(cues(*range(9)), backend)) as outcomes:
        next(outcomes)
        assert second.wait(10)
        threading.Timer(0.05, stopped.set).start()
    assert backend.sent == [0, 1]
    assert states(bench, 0, 1, 2) == ["finished", "finished", None]


INTERRUPTED = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from hosted_backend import Bench, BusyBackend, PAID, bought, hosted
from sine_backend import planned

def answer(one):
    os.write(1, b"sent\\n")
    time.sleep(float(sys.argv[3]))
    return bought(one)

bench = Bench(Path(sys.argv[1]))
work = [planned(f"c{seed}", hosted(seed), capabilities=PAID) for seed in range(40)]
try:
    bench.run(work, BusyBackend(answer, threads=2))
except KeyboardInterrupt:
    print("interrupted", len(bench.journal.attempts()), len(bench.journal.unsettled()), flush=True)
"""


def interrupt(tmp_path: Path, times: int, call_s: float) -> tuple[int, int]:
    """Interrupt a run as a user does; return how many clips it sent, and left unsettled."""
    program = [sys.executable, "-c", INTERRUPTED, str(tmp_path), str(Path(__file__).parent)]
    with subprocess.Popen([*program, str(call_s)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sent\n"
        assert process.stdout.readline() == "sent\n"
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            if times > 1:
                threading.Event().wait(0.5)
        words = process.stdout.read().split()
    return int(words[-2]), int(words[-1])


def test_an_interrupt_waits_for_what_is_under_way(tmp_path: Path) -> None:
    sent, unsettled = interrupt(tmp_path, 1, 0.3)
    assert 2 <= sent < 10
    assert unsettled == 0


def test_a_second_interrupt_does_not_wait_and_leaves_what_is_not_known(tmp_path: Path) -> None:
    sent, unsettled = interrupt(tmp_path, 2, 60)
    assert (sent, unsettled) == (2, 2)


def test_a_store_that_fails_ends_the_run_and_sends_nothing_more(bench: Bench) -> None:
    def full_disk(one: ClipRequest) -> Outcome:
        if one.seed == 3:
            blobs = bench.store.root / "blobs"
            for number in count():  # a clip that is being stored makes the folder anew
                with suppress(FileNotFoundError):
                    blobs.rename(bench.store.root / f"gone-{number}")
                with suppress(IsADirectoryError):
                    blobs.write_text("in the way")
                    break
        return bought(one)

    backend = BusyBackend(full_disk, threads=2)
    with pytest.raises(StoreError, match="can't be written"):
        bench.run(cues(*range(300)), backend)
    assert len(backend.sent) < 200
    assert "finished" not in states(bench, 3)


def test_a_journal_that_fails_in_a_thread_ends_the_run_and_keeps_what_is_under_way(
    bench: Bench,
) -> None:
    is_sent, has_failed = Flag(), Flag()

    def answer(one: ClipRequest) -> Outcome:
        is_sent.set()
        assert has_failed.wait(10)
        return bought(one)

    class Failing(BusyBackend):
        def _call(self, one: ClipRequest, checkpoint: Checkpoint) -> Outcome:
            if one.seed == 1:
                assert is_sent.wait(10)
                rename_table(bench, "attempts", "elsewhere")
                try:
                    checkpoint.started(one)
                finally:
                    rename_table(bench, "elsewhere", "attempts")
                    has_failed.set()
            return super()._call(one, checkpoint)

    backend = Failing(answer, threads=2)
    with pytest.raises(StoreError, match="journal"):
        bench.run(cues(0, 1, 2, 3), backend)
    assert backend.sent == [0]
    assert states(bench, 0) == ["finished"]


def rename_table(bench: Bench, old: str, new: str) -> None:
    with closing(sqlite3.connect(bench.store.root / "journal.sqlite")) as connection:
        connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
        connection.commit()


def test_calls_that_can_not_be_counted_end_the_run_also_where_a_clip_waits_for_its_price(
    bench: Bench,
) -> None:
    is_started = Flag()

    class Throttled(BusyBackend):
        def _call(self, one: ClipRequest, checkpoint: Checkpoint) -> Outcome:
            if one.seed == 2:
                assert is_started.wait(10)
                checkpoint.started(one)  # the price of the other is set aside
                return bought(one)
            checkpoint.started(one)
            is_started.set()
            checkpoint.slow_down(LIMITS, 0.0)
            return bought(one)

    (bench.store.root / "limits.sqlite").mkdir()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            bench.run(cues(1, 2), Throttled(threads=2), budget=budget(bench, "9"))
        except StoreError as error:
            failures.append(error)

    running = threading.Thread(target=run, daemon=True)
    running.start()
    running.join(10)
    assert not running.is_alive(), "a clip waits for ever for the price of another"
    assert "record of calls" in str(failures[0])


def test_an_observer_that_fails_loses_nothing_that_is_paid(bench: Bench) -> None:
    finished = Flag()

    def broken_pipe(event: Event) -> None:
        if isinstance(event, ClipFinished):
            finished.set()
        if finished.is_set():
            raise BrokenPipeError("the reader is gone")

    backend = BusyBackend()
    with pytest.raises(BrokenPipeError):
        bench.run(cues(*range(300)), backend, observer=broken_pipe)
    assert 1 <= len(backend.sent) < 200  # some were sent while the first one was settled
    assert set(states(bench, *backend.sent)) == {"finished"}


# -- money -------------------------------------------------------------------------------------


def test_a_run_stops_before_the_call_that_could_pass_the_cap(bench: Bench) -> None:
    backend = BusyBackend()
    money = budget(bench, "0.25")
    outcomes = bench.run(cues(*range(20)), backend, budget=money)
    made = [outcome for outcome in outcomes if isinstance(outcome, MadeTake)]
    failed = [outcome for outcome in outcomes if isinstance(outcome, FailedTake)]
    assert (len(made), len(failed)) == (6, 14)
    assert len(backend.sent) == 6
    assert money.spent_usd == Decimal("0.24")
    assert all(isinstance(outcome.errors[0], BudgetExceeded) for outcome in failed)
    assert "14 clips are left to make, for about 0.56 USD" in str(money.summary())
    assert bench.journal.unsettled() == ()

    assert bench.run(cues(*range(20)), BusyBackend(), budget=budget(bench, "9"))
    assert bench.journal.spent() == 20 * PRICE_USD


def test_what_became_unknown_counts_against_the_budget(bench: Bench) -> None:
    backend = HostedBackend(lambda one: Unknown(one, Ambiguous("time-out")))
    money = budget(bench, "0.20")
    bench.run(cues(*range(9)), backend, budget=money)
    assert money.spent_usd == 0
    assert money.perhaps_usd == Decimal("0.16")  # 0.08 each, as nobody told what they cost
    assert backend.sent == [0, 1]


def test_a_refusal_gives_the_price_back_and_may_be_sent_again(bench: Bench) -> None:
    class Refused(BusyBackend):
        def _call(self, one: ClipRequest, checkpoint: Checkpoint) -> Outcome:
            for _ in range(3):
                checkpoint.started(one)
                checkpoint.refused(one, "429")
            return super()._call(one, checkpoint)

    money = budget(bench, "0.09")
    (outcome,) = bench.run(cues(1), Refused(), budget=money)
    assert isinstance(outcome, MadeTake)
    assert money.spent_usd == PRICE_USD
    told = [attempt.state for attempt in bench.journal.attempts()]
    assert told == ["failed", "failed", "failed", "finished"]
    assert len(bench.told(ClipStarted)) == 1


def test_a_balance_that_is_too_small_sends_nothing(bench: Bench) -> None:
    class Poor(BusyBackend):
        def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
            checkpoint.balance(Decimal("0.01"))
            return super().run(requests, checkpoint)

    backend = Poor()
    outcomes = bench.run(cues(1, 2), backend, budget=budget(bench, "9"))
    assert backend.sent == []
    assert "the account holds 0.01 USD" in str(outcomes[0].errors[0])


def test_a_generator_that_waits_for_itself_is_told_and_nothing_hangs(bench: Bench) -> None:
    class Muddled(HostedBackend):
        def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
            for one in requests:
                checkpoint.started(one)
            yield from map(bought, requests)

    with pytest.raises(RuntimeError, match="threads of its own"):
        bench.run(cues(1, 2), Muddled(), budget=budget(bench, "9"))


def test_calls_take_turns(bench: Bench) -> None:
    counts, now = [], [0]
    lock, is_full = threading.Lock(), Flag()

    def answer(one: ClipRequest) -> Outcome:
        with lock:
            now[0] += 1
            counts.append(now[0])
            if now[0] == LIMITS.at_once:
                is_full.set()
        assert is_full.wait(10), "fewer calls are under way than may be"
        with lock:
            now[0] -= 1
        return bought(one)

    bench.run(cues(*range(24)), BusyBackend(answer, threads=12))
    assert len(counts) == 24
    assert max(counts) == LIMITS.at_once


# -- what is not known -------------------------------------------------------------------------


def test_the_body_that_came_instead_of_a_clip_is_kept_with_its_cost(bench: Bench) -> None:
    page = b"<html>502</html>"
    wrong = Unknown(hosted(1), Ambiguous("a page came"), Decimal("0.04"), page)
    bench.run(cues(1), BusyBackend(lambda _: wrong))
    attempt = bench.journal.latest(hosted(1).key())
    assert attempt is not None
    assert (attempt.state, attempt.cost_usd) == ("unknown", PRICE_USD)
    assert attempt.evidence is not None
    assert (bench.store.root / "evidence" / attempt.evidence).read_bytes() == page


@pytest.mark.parametrize("error", [Transient("no network"), Quota("429"), Credentials("401")])
def test_what_was_accepted_is_fetched_in_the_next_run_where_the_error_passes(
    bench: Bench, error: Exception
) -> None:
    backend = HostedBackend(lambda one: Unknown(one, error))
    bench.run(cues(1), backend)
    assert states(bench, 1) == ["accepted"]
    later = HostedBackend()
    assert isinstance(bench.run(cues(1), later)[0], MadeTake)
    assert (later.sent, later.fetched) == ([], ["id-1"])


def test_what_was_fetched_is_not_spent_by_this_run(bench: Bench) -> None:
    bench.run(cues(1), HostedBackend(lambda one: Unknown(one, Transient("no network"))))
    money = budget(bench, "0")
    assert isinstance(bench.run(cues(1), HostedBackend(), budget=money)[0], MadeTake)
    assert money.spent_usd == 0
    assert bench.journal.spent() == PRICE_USD


@pytest.mark.parametrize("error", [Ambiguous("the id is gone"), Rejected("what is this id?")])
def test_an_id_that_vanished_leaves_the_clip_unknown(bench: Bench, error: Exception) -> None:
    bench.run(cues(1), HostedBackend(lambda one: Unknown(one, error)))
    assert states(bench, 1) == ["unknown"]
    later = HostedBackend()
    (outcome,) = bench.run(cues(1), later)
    assert isinstance(outcome, FailedTake)
    assert "'musicgen-daw jobs' shows it as 1 and settles it" in str(outcome.errors[0])
    assert (later.sent, later.fetched) == ([], [])


def test_what_another_run_over_the_same_store_has_made_meanwhile_is_not_bought_again(
    bench: Bench,
) -> None:
    other = Bench(bench.store.root)

    def answer(one: ClipRequest) -> Outcome:
        if one.seed == 1:
            other.run(cues(2), HostedBackend())
        return bought(one)

    money = budget(bench, "9")
    with other.journal:
        outcomes = bench.run(cues(1, 2), BusyBackend(answer, threads=1), budget=money)
        backend = BusyBackend(threads=1)
        again = bench.run(cues(1, 2), backend)
    assert [type(outcome) for outcome in (*outcomes, *again)] == [MadeTake] * 4
    assert bench.journal.spent() == 2 * PRICE_USD
    assert money.spent_usd == PRICE_USD
    assert backend.sent == []


def test_what_another_run_is_making_is_neither_sent_nor_fetched_nor_told_as_unknown(
    bench: Bench,
) -> None:
    other = Bench(bench.store.root)
    theirs = HostedBackend()
    outcomes: list[TakeOutcome] = []

    def answer(one: ClipRequest) -> Outcome:
        outcomes.extend(other.run(cues(1), theirs))  # sent, and no id told
        other.journal.accepted(one.key(), "job-1")
        outcomes.extend(other.run(cues(1), theirs))
        return bought(one)

    with other.journal:
        (made,) = bench.run(cues(1), BusyBackend(answer, threads=1))
    assert isinstance(made, MadeTake)
    for refused in outcomes:
        assert isinstance(refused, FailedTake)
        assert str(refused.errors[0]).startswith("another run is making this clip now")
    assert (len(outcomes), theirs.sent, theirs.fetched) == (2, [], [])


def test_a_run_that_fetches_notes_nothing_of_what_another_has_sent_since(bench: Bench) -> None:
    def lost(one: ClipRequest) -> Outcome:
        return Unknown(one, Transient("the network is gone"))

    def failed(one: ClipRequest) -> Outcome:
        """The job has failed, another run knew it before this one, and sends the clip again."""
        other.journal.failed(one.key(), "the job failed")
        other.journal.started(one, exclusive=True)
        return Failed(one, Rejected("the job failed"))

    first = Bench(bench.store.root)
    with first.journal:
        first.run(cues(1), HostedBackend(lost))
    other = Bench(bench.store.root)
    with other.journal:
        later = Bench(bench.store.root)
        with later.journal:
            later.run(cues(1), HostedBackend(failed))
    assert [attempt.state for attempt in bench.journal.attempts()] == ["failed", "intended"]


def test_by_the_users_word_a_clip_is_given_up_or_sent_again(bench: Bench) -> None:
    bench.run(cues(1), HostedBackend(lambda one: Unknown(one, Ambiguous("time-out"))))
    bench.journal.lost(1, "by the user's word")
    backend = HostedBackend()
    (outcome,) = bench.run(cues(1), backend)
    assert isinstance(outcome, FailedTake)
    assert "'musicgen-daw jobs DIR again 1'" in str(outcome.errors[0])
    assert backend.sent == []
    bench.journal.released(1, "by the user's word")
    assert isinstance(bench.run(cues(1), backend)[0], MadeTake)
    assert backend.sent == [1]


def test_a_paid_clip_that_is_no_sound_keeps_its_cost(bench: Bench) -> None:
    empty = Clip({"mix": Audio.silence(0, 8000)})
    bench.run(cues(1), HostedBackend(lambda one: Finished(one, empty, PRICE_USD)))
    attempt = bench.journal.latest(hosted(1).key())
    assert attempt is not None
    assert (attempt.state, attempt.cost_usd) == ("unknown", PRICE_USD)


def test_what_fails_cleanly_is_no_secret_and_no_loss(bench: Bench) -> None:
    money = budget(bench, "1")
    bench.run(
        cues(1), HostedBackend(lambda one: Failed(one, Rejected("no such word"))), budget=money
    )
    assert (states(bench, 1), money.spent_usd) == (["failed"], 0)
    assert [event.reason for event in bench.told(ClipFailed)] == ["no such word"]


def test_a_free_generator_is_not_run_beside_the_caller(bench: Bench) -> None:
    threads = set()

    class Watched(SineBackend):
        def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
            threads.add(threading.get_ident())
            yield from super().run(requests, checkpoint)

    bench.run([planned("a", hosted(1))], type("Free", (Watched,), {"name": "hosted"})())
    assert threads == {threading.get_ident()}
    assert bench.told(Warned) == []
