"""One generator's share of the work: send, settle, try again, tell. A failing clip stops no other.

What is paid is settled in a thread of its own, so that it never waits for the listener, who may be
mastering; a run that is stopped sends nothing more and settles what is under way. A disk makes
several clips durable in the time of one, so several are stored at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock

from musicgen_daw.backends.base import Backend, Finished, Outcome, Stoppable
from musicgen_daw.errors import BackendError, BudgetExceeded, Rejected
from musicgen_daw.events import ClipFailed, ClipFinished, Observer, Warned
from musicgen_daw.execution.aside import Several, run_aside
from musicgen_daw.execution.budget import Budget
from musicgen_daw.execution.checkpoint import RunCheckpoint, TurnTaking
from musicgen_daw.execution.order import JobOrder, lack
from musicgen_daw.execution.rerolls import Rerolls, shortcoming
from musicgen_daw.execution.sending import Job, Sending, outcomes_of
from musicgen_daw.execution.settling import Settled, Settler, refusal
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal
from musicgen_daw.store.records import StoredClip

__all__ = ["ClipMaker"]

_STORED_AT_ONCE = 4

JobEnd = tuple[Job, Settled]
"""A job that is settled, and its clip, or why there is none."""


@dataclass(frozen=True, slots=True)
class ClipMaker:
    """Makes clips by a generator and puts each into the store the moment that it exists.

    ``folder`` is the output folder that they are for, for the journal, ``""`` for none. A clip
    with a grave flaw is made up to ``tries`` times in all.
    """

    store: ClipStore
    journal: Journal
    observer: Observer
    clock: Callable[[], float]
    budget: Budget
    turns: TurnTaking
    folder: str
    tries: int

    def make(
        self, open_backend: Callable[[], Backend], jobs: Sequence[Job]
    ) -> Generator[JobEnd, None, None]:
        """Yield every job when it is settled, with its clip or the error.

        Raises:
            StoreError: where a clip or the journal can't be written; nothing more is sent then.
        """
        share = _Share(self, open_backend)
        if not any(job.is_paid for job in jobs):
            yield from share.ends(jobs)
            return

        def stop() -> None:
            share.stop()
            share.tell_what_is_waited_for()

        def settle(hand: Callable[[JobEnd], None]) -> None:
            share.settle_aside(jobs, hand)

        with closing(run_aside(settle, stop, name="clips")) as ends:
            yield from ends


class _Share:
    """The work of one generator in one run, a round for every try at the clips."""

    def __init__(self, maker: ClipMaker, open_backend: Callable[[], Backend]) -> None:
        self._maker = maker
        self._open_backend = open_backend
        self._settler = Settler(maker.store, maker.journal, maker.budget, maker.observer)
        self._rerolls = Rerolls(maker.store, maker.observer, maker.tries)
        self._stopping = Event()
        self._backend: Backend | None = None
        self._checkpoint: RunCheckpoint | None = None
        self._failure: Exception | None = None
        self._unsettled: dict[str, Sending] = {}
        self._next_round: dict[str, Sending] = {}
        self._order = JobOrder(())
        self._began_s: dict[str, float] = {}
        self._ended: list[JobEnd] = []
        self._hand: Callable[[JobEnd], None] = self._ended.append
        self._storing: Several | None = None
        self._being_stored: set[str] = set()
        self._lock = Lock()

    def settle_aside(self, jobs: Sequence[Job], hand: Callable[[JobEnd], None]) -> None:
        """Hand over the jobs as they are settled, from several threads."""
        self._hand, self._storing = hand, Several(_STORED_AT_ONCE, name="store")
        deque(self.ends(jobs), maxlen=0)

    def ends(self, jobs: Sequence[Job]) -> Iterator[JobEnd]:
        """Yield the jobs as they are settled, but those that are handed over elsewhere."""
        self._order = JobOrder(jobs)
        yield from self._begin()
        if not self._next_round:
            return
        try:
            with self._open_backend() as self._backend:
                while self._next_round and not self._stopping.is_set():
                    yield from self._round(self._backend)
                    yield from self._begin()
        except (BackendError, BudgetExceeded) as error:  # such as a refused key
            while self._next_round:
                _, sending = self._next_round.popitem()
                self._settled(sending, self._settler.abandon(sending, error, was_started=False))
                yield from self._begin()

    def _begin(self) -> Iterator[JobEnd]:
        """Begin with the jobs that wait for no other one, and yield those that end at once."""
        for job in self._order.ready():
            if job.flawed is not None:
                self._follow(job, job.flawed)
            elif (error := self._refusal(job, job.key)) is not None:
                self._end(job, error)
            else:
                self._next_round[job.key] = Sending(job, job.request, job.key)
        yield from self._take_ended()

    def stop(self) -> None:
        """Send nothing more, from any thread; what is under way is settled where it can be."""
        self._stopping.set()
        if self._checkpoint is not None:
            self._checkpoint.stop()
        backend: object = self._backend
        if isinstance(backend, Stoppable):
            backend.stop_sending()

    def tell_what_is_waited_for(self) -> None:
        """Tell the user who stops a run why it is not over at once."""
        started = self._checkpoint.started_s if self._checkpoint is not None else {}
        under_way = sum(one.key in started for one in [*self._unsettled.values()])
        if under_way:
            clips = "1 clip" if under_way == 1 else f"{under_way} clips"
            self._maker.observer(
                Warned("stopping", f"waiting for {clips} under way, which may be paid already")
            )

    # -- a round ---------------------------------------------------------------------------------

    def _round(self, backend: Backend) -> Iterator[JobEnd]:
        """Send what waits for this round, and yield the jobs that it settles."""
        maker = self._maker
        unsettled, self._next_round = self._next_round, {}
        self._unsettled = unsettled
        checkpoint = self._checkpoint = RunCheckpoint(
            dict(unsettled),
            maker.store,
            maker.journal,
            maker.budget,
            maker.turns,
            maker.observer,
            clock=maker.clock,
            folder=maker.folder,
        )
        if self._stopping.is_set():
            checkpoint.stop()
        reason: BackendError | BudgetExceeded = Rejected("the generator told no outcome")
        try:
            try:
                yield from self._outcomes_settled(backend, checkpoint)
            except (BackendError, BudgetExceeded) as failure:  # of the generator as a whole
                reason = failure
            except CancelledError:
                if not self._stopping.is_set():
                    raise
            if failed := self._failure or checkpoint.failure:
                raise failed
            for key in () if self._stopping.is_set() else tuple(unsettled):
                sending, was_started = unsettled.pop(key), key in checkpoint.started_s
                abandoned = self._settler.abandon(sending, reason, was_started=was_started)
                self._settled(sending, abandoned)
                yield from self._take_ended()
        finally:
            for key, sending in unsettled.items():  # the run was stopped
                if key in checkpoint.started_s:
                    self._settler.stopped(sending)

    def _outcomes_settled(self, backend: Backend, checkpoint: RunCheckpoint) -> Iterator[JobEnd]:
        """Settle what a generator brings; at the end, however that comes, all of it is stored."""
        try:
            requests = [sending.request for sending in self._unsettled.values()]
            with closing(outcomes_of(backend, requests, checkpoint, self._stopping)) as outcomes:
                for outcome in outcomes:
                    self._settle(outcome, checkpoint)
                    del outcome  # a clip is large: let it go before the next one comes
                    yield from self._take_ended()
        finally:
            if self._storing is not None:
                self._storing.wait()

    def _settle(self, outcome: Outcome, checkpoint: RunCheckpoint) -> None:
        """Settle an outcome; where that fails, nothing more is sent, but the others are settled."""
        key = outcome.request.key()
        sending = self._unsettled.pop(key, None)
        if sending is None:  # told twice
            return
        try:
            if isinstance(outcome, Finished):
                checkpoint.ensure_started(sending)
            started_s = checkpoint.started_s.get(key)
            if started_s is not None:
                self._began_s.setdefault(sending.job.key, started_s)
            if isinstance(outcome, Finished) and self._storing is not None:
                self._settler.note_cost(outcome)  # which others may wait for
                self._being_stored.add(key)
                self._storing.start(partial(self._store, sending, outcome))
                return
            settled = self._settler.settle(sending, outcome, was_started=started_s is not None)
            with self._lock:
                self._settled(sending, settled)
        except Exception as failure:
            self._fail(failure)
            if not isinstance(self._backend, Stoppable):
                raise

    def _store(self, sending: Sending, outcome: Finished) -> None:
        """Store a clip, in a thread beside others."""
        try:
            settled = self._settler.keep(sending, outcome)
            with self._lock:
                self._being_stored.remove(sending.key)
                self._settled(sending, settled)
        except Exception as failure:  # noqa: BLE001 - raised where the outcomes are settled
            self._fail(failure)

    def _fail(self, failure: Exception) -> None:
        """Send nothing more, as the store, the journal or the observer fails."""
        self._failure = self._failure or failure
        self.stop()

    # -- a clip ----------------------------------------------------------------------------------

    def _settled(self, sending: Sending, settled: Settled) -> None:
        """Go on with a job after a try at it."""
        job, flawed = sending.job, sending.flawed
        if isinstance(settled, StoredClip):
            kept = settled if flawed is None else self._rerolls.choose(sending, flawed, settled)
            self._follow(job, kept)
        elif flawed is None:
            self._end(job, settled)
        else:
            self._use(job, flawed, settled)

    def _follow(self, job: Job, kept: StoredClip) -> None:
        """Have a flawed clip made again, or end its job."""
        while (sending := self._rerolls.next_try(job, kept)) is not None:
            stored = self._maker.store.get(sending.key)
            if stored is None:
                if (error := self._refusal(job, sending.key)) is not None:
                    self._use(job, kept, error)
                elif self._is_made(sending.key):
                    self._use(job, kept, Rejected("another clip is made with the same seed"))
                else:
                    self._next_round[sending.key] = sending
                    self._rerolls.tell(sending)
                return
            kept = self._rerolls.choose(sending, kept, stored)
        self._end(job, kept)

    def _is_made(self, key: str) -> bool:
        """Tell whether this run makes a clip, or is about to."""
        return key in self._next_round or key in self._unsettled or key in self._being_stored

    def _use(self, job: Job, flawed: StoredClip, reason: BackendError | BudgetExceeded) -> None:
        """End a job with a flawed clip, as it can't be made again."""
        self._maker.observer(Warned(job.subject, f"the clip was not made again: {reason}"))
        self._end(job, flawed)

    def _end(self, job: Job, end: Settled) -> None:
        """Tell the end of a job, and let those go on that waited for it."""
        self._order.ended(job)
        observer, began_s = self._maker.observer, self._began_s.get(job.key)
        if isinstance(end, StoredClip):
            if remark := shortcoming(end):
                observer(Warned(job.subject, remark))
            elapsed_s = 0.0 if began_s is None else self._maker.clock() - began_s
            length_s, is_old = float(end.seconds), began_s is None
            observer(
                ClipFinished(job.cue, job.take, job.key, length_s, elapsed_s, from_store=is_old)
            )
        else:
            observer(ClipFailed(job.cue, job.take, job.key, str(end)))
        self._hand((job, end))

    def _refusal(self, job: Job, key: str) -> BackendError | None:
        refused = refusal(self._maker.journal, key, is_paid=job.is_paid)
        return refused or lack(job, self._maker.store)

    def _take_ended(self) -> Iterator[JobEnd]:
        """Yield the jobs that have ended since the last time."""
        while self._ended:
            yield self._ended.pop(0)
