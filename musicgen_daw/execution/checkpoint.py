"""The run as a generator sees it: journal, budget, turns and events behind one door."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from musicgen_daw.backends.base import CallLimits
from musicgen_daw.errors import Ambiguous, BackendError, BudgetExceeded
from musicgen_daw.events import ClipProgress, ClipStarted, Observer, Warned
from musicgen_daw.execution.budget import Budget
from musicgen_daw.execution.sending import Sending
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal, Purpose
from musicgen_daw.store.turns import Turns

__all__ = ["RunCheckpoint", "TurnTaking"]


class TurnTaking:
    """The turns of one run at its providers, shared with all who use the store at ``root``."""

    def __init__(self, root: Path, clock: Callable[[], float]) -> None:
        self._root = root
        self._clock = clock
        self._turns: dict[CallLimits, Turns] = {}
        self._lock = threading.Lock()

    def at(self, limits: CallLimits) -> Turns:
        """Return the turns at a provider."""
        with self._lock:
            if limits not in self._turns:
                self._turns[limits] = Turns(
                    self._root, limits.name, limits.at_once, limits.per_minute, clock=self._clock
                )
            return self._turns[limits]

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for turns in self._turns.values():
                turns.close()


class RunCheckpoint:
    """A ``Checkpoint`` for what is sent in one run of a generator.

    ``folder`` is the output folder that the clips are for, ``""`` for none. It is made in the
    thread that settles outcomes, which must never wait for them. ``started_s`` tells when each
    key was first started or fetched, ``failure`` what went wrong in a thread of the generator.
    """

    def __init__(
        self,
        sendings: Mapping[str, Sending],
        store: ClipStore,
        journal: Journal,
        budget: Budget,
        turns: TurnTaking,
        observer: Observer,
        *,
        clock: Callable[[], float],
        folder: str,
    ) -> None:
        self.started_s: dict[str, float] = {}
        self.failure: Exception | None = None
        self._settler = threading.get_ident()
        self._sendings = sendings
        self._store = store
        self._journal = journal
        self._budget = budget
        self._turns = turns
        self._observer = observer
        self._clock = clock
        self._folder = folder
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let nothing more be sent; what waits for its turn or its price is told so."""
        self._stopped.set()
        self._budget.stop()

    # -- what a generator calls ------------------------------------------------------------------

    def started(self, request: ClipRequest) -> None:
        """Note that a request is about to be sent, and set its price aside.

        Raises:
            Ambiguous: when an earlier attempt at it may have been paid, or it is there by now.
            BudgetExceeded: when it could pass the cap.
            CancelledError: when the run is stopped.
            StoreError: where the journal can't be written.
        """
        sending = self._sendings[request.key()]
        with self._watching():
            if self._stopped.is_set():
                raise CancelledError
            if not sending.job.is_paid:
                self._start(sending)
                return
            may_wait = threading.get_ident() != self._settler
            self._budget.reserve(request, may_wait=may_wait)
            try:
                self._start(sending)
                self._refuse_what_is_there(sending)
            except BaseException:
                self._budget.release(request)
                raise

    def refused(self, request: ClipRequest, reason: str) -> None:
        """Note that the provider did not take a request, and give back its price."""
        with self._watching():
            self._journal.failed(request.key(), reason)
            self._budget.release(request)

    def accepted(self, request: ClipRequest, provider_id: str) -> None:
        """Note the id under which the provider took a request."""
        with self._watching():
            self._journal.accepted(request.key(), provider_id)

    def accepted_id(self, request: ClipRequest) -> str | None:
        """Return the id under which an earlier run's request was taken and not yet fetched."""
        sending = self._sendings[request.key()]
        with self._watching():
            latest = self._journal.latest(sending.key)
            # What this run has started is no earlier run's.
            if latest is None or latest.state != "accepted" or sending.key in self.started_s:
                return None
            if not self._journal.take_up(latest):  # nor may it be sent: ``started`` tells why
                return None
            self._tell_start(sending)
            self.started_s[sending.key] = self._clock()
            return latest.provider_id

    def charged(self, request: ClipRequest, usd: Decimal) -> None:
        """Reckon with what a call cost, in US dollars, before its outcome is settled."""
        self._budget.charge(request, usd)

    def balance(self, usd: Decimal) -> None:
        """Note what the account still holds, in US dollars."""
        self._budget.tell_balance(usd)

    @contextmanager
    def turn(self, limits: CallLimits, given_up: Callable[[], bool]) -> Iterator[None]:
        """Wait for a turn among all who call this provider.

        Raises:
            CancelledError: where nobody wants it any more.
        """
        with self._watching():
            turns = self._turns.at(limits)
            with turns.turn(lambda: given_up() or self._stopped.is_set()):
                yield

    def slow_down(self, limits: CallLimits, until_s: float) -> None:
        """Let nobody call this provider before ``until_s`` (seconds since the epoch)."""
        with self._watching():
            self._turns.at(limits).slow_down(until_s)

    def progress(self, request: ClipRequest, done_s: float) -> None:
        """Tell how much of a clip is made."""
        job, length_s = self._sendings[request.key()].job, float(request.length_s)
        with self._watching():
            told_s = min(done_s, length_s)  # a tail may follow
            self._observer(ClipProgress(job.cue, job.take, job.key, told_s, length_s))

    def warn(self, request: ClipRequest, message: str) -> None:
        """Tell the user something about a clip."""
        with self._watching():
            self._observer(Warned(self._sendings[request.key()].job.subject, message))

    # -- what settles the outcomes calls ---------------------------------------------------------

    def ensure_started(self, sending: Sending) -> None:
        """Note an attempt of which the generator told only the end."""
        if sending.key not in self.started_s:
            self._start(sending)

    # -- inside ----------------------------------------------------------------------------------

    def _start(self, sending: Sending) -> None:
        # First what may fail without harm: what is noted as started is sent.
        self._tell_start(sending)
        job = sending.job
        purpose = Purpose(self._folder, job.cue, job.take) if self._folder else None
        self._journal.started(sending.request, exclusive=job.is_paid, purpose=purpose)
        self.started_s.setdefault(sending.key, self._clock())

    def _refuse_what_is_there(self, sending: Sending) -> None:
        """Take back the start of a clip that another run, over the same store, has made meanwhile.

        From the note on nobody else starts it, so that it can't come between this and the sending.
        """
        if self._store.get(sending.key) is not None:
            reason = "another run has made this clip"
            self._journal.failed(sending.key, reason)
            del self.started_s[sending.key]
            raise Ambiguous(reason)

    def _tell_start(self, sending: Sending) -> None:
        if sending.key not in self.started_s:
            self._observer(ClipStarted(sending.job.cue, sending.job.take, sending.job.key))

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Stop the run where the journal or an observer fails, in whatever thread."""
        try:
            yield
        except (BackendError, BudgetExceeded, CancelledError):
            raise
        except Exception as failure:
            self.failure = self.failure or failure
            self.stop()
            raise
