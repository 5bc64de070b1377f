"""One backend's share of the work: send, journal, store, tell. A failing clip stops no other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from musicgen_daw.backends.base import Backend, Checkpoint, Finished, Outcome, Unknown
from musicgen_daw.errors import Ambiguous, BackendError, Rejected
from musicgen_daw.events import ClipFailed, ClipFinished, ClipStarted, Observer, Warned
from musicgen_daw.execution.soundness import suspicions
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal

__all__ = ["ClipMaker", "Job"]


@dataclass(frozen=True, slots=True)
class Job:
    """A clip to be generated, and the take that wants it first."""

    key: str
    request: ClipRequest
    paid: bool
    cue: str
    take: int


class ClipMaker:
    """Makes clips by a backend and puts each into the store the moment that it exists."""

    def __init__(
        self, store: ClipStore, journal: Journal, observer: Observer, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._journal = journal
        self._observer = observer
        self._clock = clock

    def make(
        self, open_backend: Callable[[], Backend], jobs: Sequence[Job]
    ) -> Iterator[tuple[Job, BackendError | None]]:
        """Yield every job when it is settled, with the error where there is no clip.

        Raises:
            StoreError: where a clip or the journal can't be written; nothing more is sent then.
        """
        to_send: dict[str, Job] = {}
        for job in jobs:
            error = self._refusal(job)
            if error is None:
                to_send[job.key] = job
            else:
                yield job, self._tell_failure(job, error)
        if to_send:
            yield from self._send(open_backend, to_send)

    def _refusal(self, job: Job) -> BackendError | None:
        """Tell why a job must not be sent: an earlier attempt at it may have been paid."""
        latest = self._journal.latest(job.key)
        if latest is None or latest.state in ("finished", "failed", "accepted"):
            return None
        if latest.state == "intended" and not job.paid:  # a run that was killed
            return None
        return Ambiguous(
            "an earlier run sent this clip and what became of it is not known"
            f"{f' ({latest.reason})' if latest.reason else ''}; it may have been paid, so it is "
            "not sent again by itself"
        )

    def _send(
        self, open_backend: Callable[[], Backend], unsettled: dict[str, Job]
    ) -> Iterator[tuple[Job, BackendError | None]]:
        checkpoint = _Checkpoint(dict(unsettled), self._journal, self._observer, self._clock)
        reason: BackendError = Rejected("the generator told no outcome")
        try:
            try:
                with (
                    open_backend() as backend,
                    _closing(backend, list(unsettled.values()), checkpoint) as outcomes,
                ):
                    for outcome in outcomes:
                        settled = unsettled.pop(outcome.request.key(), None)
                        if settled is None:  # told twice
                            continue
                        error = self._settle(settled, outcome, backend, checkpoint)
                        del outcome  # a clip is large: let it go before the next one comes
                        yield settled, error
            except BackendError as failure:  # of the backend as a whole, such as a refused key
                reason = failure
            for key in list(unsettled):
                job = unsettled.pop(key)
                yield job, self._abandon(job, reason, checkpoint)
        finally:
            for job in unsettled.values():  # the run was stopped
                self._close_free_attempt(job, "the run was stopped", checkpoint)

    def _settle(
        self, job: Job, outcome: Outcome, backend: Backend, checkpoint: _Checkpoint
    ) -> BackendError | None:
        if isinstance(outcome, Finished):
            checkpoint.ensure_started(job)
            return self._keep(job, outcome, backend, checkpoint)
        # What never began has no attempt of this run's; the latest may be another run's.
        if job.key in checkpoint.started_s:
            note = self._journal.unknown if isinstance(outcome, Unknown) else self._journal.failed
            note(job.key, str(outcome.error))
        return self._tell_failure(job, outcome.error)

    def _keep(
        self, job: Job, outcome: Finished, backend: Backend, checkpoint: _Checkpoint
    ) -> BackendError | None:
        try:
            stored = self._store.put(
                job.request,
                outcome.clip,
                licence=backend.capabilities.licence,
                rings_out=backend.capabilities.rings_out,
            )
        except Rejected as error:
            if job.paid:  # it must not be bought a second time without being asked for
                self._journal.unknown(job.key, str(error))
            else:
                self._journal.failed(job.key, str(error))
            return self._tell_failure(job, error)
        self._journal.finished(job.key, outcome.cost_usd)
        for suspicion in suspicions(job.request, outcome.clip, backend.capabilities):
            self._observer(Warned(f"cue {job.cue}, take {job.take}", f"the clip {suspicion}"))
        elapsed_s = self._clock() - checkpoint.started_s[job.key]
        self._observer(
            ClipFinished(
                job.cue, job.take, job.key, float(stored.seconds), elapsed_s, from_store=False
            )
        )
        return None

    def _abandon(self, job: Job, reason: BackendError, checkpoint: _Checkpoint) -> BackendError:
        """Settle a job that got no outcome of its own."""
        if job.paid and self._journal.state_of(job.key) == "intended":
            self._journal.unknown(job.key, str(reason))
        self._close_free_attempt(job, str(reason), checkpoint)
        return self._tell_failure(job, reason)

    def _close_free_attempt(self, job: Job, reason: str, checkpoint: _Checkpoint) -> None:
        if not job.paid and job.key in checkpoint.started_s:
            self._journal.failed(job.key, reason)

    def _tell_failure(self, job: Job, error: BackendError) -> BackendError:
        self._observer(ClipFailed(job.cue, job.take, job.key, str(error)))
        return error


class _Checkpoint:
    """The journal as a backend sees it; tells the observer, too."""

    def __init__(
        self,
        jobs: dict[str, Job],
        journal: Journal,
        observer: Observer,
        clock: Callable[[], float],
    ) -> None:
        self._jobs = jobs
        self._journal = journal
        self._observer = observer
        self._clock = clock
        self.started_s: dict[str, float] = {}

    def started(self, request: ClipRequest) -> None:
        self._start(self._jobs[request.key()])

    def accepted(self, request: ClipRequest, provider_id: str) -> None:
        self._journal.accepted(request.key(), provider_id)

    def accepted_id(self, request: ClipRequest) -> str | None:
        job = self._jobs[request.key()]
        latest = self._journal.latest(job.key)
        if latest is None or latest.state != "accepted":
            return None
        self._tell_start(job)
        return latest.provider_id

    def ensure_started(self, job: Job) -> None:
        """Note an attempt of which the backend told only the end."""
        if job.key not in self.started_s:
            self._start(job)

    def _start(self, job: Job) -> None:
        self._journal.started(job.key, job.request.backend, exclusive=job.paid)
        self._tell_start(job)

    def _tell_start(self, job: Job) -> None:
        self.started_s[job.key] = self._clock()
        self._observer(ClipStarted(job.cue, job.take, job.key))


@contextmanager
def _closing(
    backend: Backend, jobs: Sequence[Job], checkpoint: Checkpoint
) -> Iterator[Iterator[Outcome]]:
    """Run a backend, and stop its work at the end, however that comes."""
    outcomes = backend.run([job.request for job in jobs], checkpoint)
    try:
        yield outcomes
    finally:
        if isinstance(outcomes, Generator):
            outcomes.close()
