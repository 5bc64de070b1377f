"""What becomes of an outcome: a clip in the store, a line in the journal, evidence, a warning."""

from __future__ import annotations

from dataclasses import replace

from musicgen_daw.audio.computing import computing
from musicgen_daw.backends.base import Clip, Failed, Finished, Outcome, Unknown
from musicgen_daw.errors import (
    Ambiguous,
    BackendError,
    BudgetExceeded,
    Credentials,
    Quota,
    Rejected,
    Transient,
)
from musicgen_daw.events import Observer, Warned
from musicgen_daw.execution.budget import Budget
from musicgen_daw.execution.sending import Sending
from musicgen_daw.execution.soundness import examine
from musicgen_daw.planning import Capabilities, ClipRequest, Expectation
from musicgen_daw.store.attempts import UNDER_WAY
from musicgen_daw.store.clips import ClipStore, refuse_unusable
from musicgen_daw.store.evidence import EvidenceFolder
from musicgen_daw.store.journal import Journal
from musicgen_daw.store.records import StoredClip, Trial

__all__ = ["Settler", "note_unknown", "put", "refusal"]

Settled = StoredClip | BackendError | BudgetExceeded


class Settler:
    """Settles the outcomes of one run."""

    def __init__(
        self, store: ClipStore, journal: Journal, budget: Budget, observer: Observer
    ) -> None:
        self._store = store
        self._journal = journal
        self._budget = budget
        self._observer = observer

    def settle(self, sending: Sending, outcome: Outcome, *, was_started: bool) -> Settled:
        """Note an outcome durably and return the stored clip, or why there is none.

        ``was_started``: this run has sent it, or fetched what an earlier run has sent.

        Raises:
            StoreError: where the store or the journal can't be written.
        """
        if isinstance(outcome, Finished):
            self.note_cost(outcome)
            return self.keep(sending, outcome)
        if not was_started:  # the latest attempt is none of this run's
            return self._failed(sending, outcome.error)
        if isinstance(outcome, Failed):
            self._journal.failed(sending.key, str(outcome.error))
            self._budget.release(sending.request)
            return self._failed(sending, outcome.error)
        note_unknown(self._store, self._journal, outcome)
        self._budget.settle(sending.request, outcome.cost_usd)
        if self._journal.state_of(sending.key) != "unknown":  # the next run fetches it
            return outcome.error
        return _to_settle(outcome.error)

    def abandon(
        self, sending: Sending, reason: BackendError | BudgetExceeded, *, was_started: bool
    ) -> Settled:
        """Settle what got no outcome of its own."""
        if was_started and not sending.job.is_paid:
            self._journal.failed(sending.key, str(reason))
        elif was_started:
            if self._journal.state_of(sending.key) == "intended":
                self._journal.unknown(sending.key, str(reason))
            self._budget.settle(sending.request, None)
        return self._failed(sending, reason)

    def stopped(self, sending: Sending) -> None:
        """Close the attempt at a clip that costs nothing, as the run was stopped.

        One that is paid stays as the journal has it: what became of it is not known.
        """
        if not sending.job.is_paid:
            self._journal.failed(sending.key, "the run was stopped")

    def note_cost(self, outcome: Finished) -> None:
        """Note what a clip cost, so that others may start."""
        self._budget.settle(outcome.request, outcome.cost_usd)

    def keep(self, sending: Sending, outcome: Finished) -> Settled:
        """Store a clip whose cost is noted. Several threads may do so at once.

        Raises:
            StoreError: where the store or the journal can't be written.
        """
        job, request = sending.job, sending.request
        try:
            stored, remarks = put(
                self._store, request, outcome.clip, job.capabilities, job.expected
            )
        except Rejected as error:
            if job.is_paid:  # it must not be bought a second time without being asked for
                self._journal.unknown(sending.key, str(error), cost_usd=outcome.cost_usd)
                return _to_settle(error)
            self._journal.failed(sending.key, str(error))
            return error
        self._journal.finished(sending.key, outcome.cost_usd)
        for remark in remarks:
            self._observer(Warned(job.subject, f"the clip {remark}"))
        return stored

    def _failed(self, sending: Sending, error: BackendError | BudgetExceeded) -> Settled:
        """Return what another run over the same store has made meanwhile, else the error."""
        there = self._store.get(sending.key)
        if there is None and isinstance(error, BudgetExceeded) and sending.flawed is None:
            self._budget.leave_out(sending.request)
        return there or error


def _to_settle(error: BackendError) -> BackendError:
    """Return the error of what may have been paid, with how to settle it.

    A refused key stays one: it is what the user mends first.
    """
    if isinstance(error, Credentials):
        return error
    return Ambiguous(
        f"{error}; it is not sent again by itself: 'musicgen-daw jobs' shows and settles it"
    )


def put(
    store: ClipStore,
    request: ClipRequest,
    clip: Clip,
    capabilities: Capabilities,
    expected: Expectation = Expectation(),
) -> tuple[StoredClip, tuple[str, ...]]:
    """Store a clip, and return it with the slight flaws that it has; grave ones are in its record.

    Raises:
        Rejected: for a clip that is no usable sound.
        StoreError: where the store can't be written.
    """
    # An unusable clip is not worth an examination, and may not survive one.
    with computing:
        refuse_unusable(clip)
        finding = examine(request, clip, capabilities, expected)
    trial = None
    if finding.grave:
        trial = Trial(finding.grave, finding.lacking_s, tries=1, seed=request.seed)
    slight = tuple(flaw.text for flaw in finding.flaws if not flaw.is_grave)
    # Kept with the clip, for whoever gets it from the store and was not there when it was made.
    facts = {**clip.facts, **finding.heard}
    if slight:
        facts["flaws"] = " and ".join(slight)
    stored = store.put(
        request,
        replace(clip, facts=facts),
        licence=capabilities.licence,
        rings_out=capabilities.rings_out,
        trial=trial,
    )
    return stored, slight


def note_unknown(store: ClipStore, journal: Journal, outcome: Unknown) -> None:
    """Note that it is not known what became of a call, with what the provider sent instead.

    What was taken under an id stays so where it may be fetched by that at another time.

    Raises:
        StoreError: where the store or the journal can't be written.
    """
    key = outcome.request.key()
    is_passing = isinstance(outcome.error, Transient | Quota | Credentials)
    if is_passing and journal.state_of(key) == "accepted":
        return
    journal.unknown(key, str(outcome.error), cost_usd=outcome.cost_usd)
    if outcome.evidence:  # on a full disk at least the cost is noted
        evidence = EvidenceFolder(store.root / "evidence").keep(key, outcome.evidence)
        journal.unknown(key, str(outcome.error), evidence=evidence)


def refusal(journal: Journal, key: str, *, is_paid: bool) -> Ambiguous | None:
    """Tell why a clip must not be sent: another attempt at it may have been paid, or is to be."""
    latest = journal.latest(key)
    if latest is None:
        return None
    if is_paid and journal.is_under_way(latest):
        return Ambiguous(UNDER_WAY)
    if latest.state in ("finished", "failed", "accepted", "released"):
        return None
    if latest.state == "intended" and not is_paid:  # a run that was killed
        return None
    if latest.state == "lost":
        return Ambiguous(
            "this clip was sent before, perhaps paid, and given up: "
            f"'musicgen-daw jobs DIR again {latest.id}' has it sent again"
        )
    return Ambiguous(
        "an earlier run sent this clip and what became of it is not known"
        f"{f' ({latest.reason})' if latest.reason else ''}; it may have been paid, so it is "
        f"not sent again by itself: 'musicgen-daw jobs' shows it as {latest.id} and settles it"
    )
