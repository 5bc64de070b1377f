"""What became of a call that was sent by an earlier run is looked for, without paying again."""

from __future__ import annotations

from collections.abc import Callable

from musicgen_daw.backends.base import Backend, Failed, Finished, Recovering
from musicgen_daw.errors import FolderBusy, Rejected, UsageError
from musicgen_daw.events import ClipFinished, Observer, Warned, ignore
from musicgen_daw.execution.settling import note_unknown, put
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Attempt, Journal
from musicgen_daw.store.records import StoredClip

__all__ = ["recover"]


def recover(
    attempt: Attempt,
    open_backend: Callable[[str], Backend],
    store: ClipStore,
    journal: Journal,
    observer: Observer = ignore,
) -> str:
    """Look for the result of an attempt that is not settled, and tell in words what was found.

    What is found is stored, and the journal says what is known now. ``open_backend`` returns a
    generator by its name, to be entered here.

    Raises:
        UsageError: for an attempt that can't be looked for: a later one followed it, its request
            was not noted, or its generator has no way to ask or is another one now.
        FolderBusy: where it is under way in another run.
        BackendError: where the provider can't be asked.
        StoreError: where the store or the journal can't be written.
    """
    latest = journal.latest(attempt.key)
    if latest is not None and latest.id != attempt.id:
        raise UsageError(f"attempt {attempt.id} was followed by {latest.id}: settle that one")
    if not journal.take_up(attempt):
        raise FolderBusy(f"attempt {attempt.id} is under way: wait for the run that makes it")
    stored = store.get(attempt.key)
    if stored is not None:
        journal.finished(attempt.key)
        return "the clip is in the store"
    request = attempt.request
    if request is None or request.key() != attempt.key:
        raise UsageError(f"attempt {attempt.id} was noted without its request: it can't be fetched")
    with open_backend(attempt.backend) as backend:
        return _ask(attempt, request, backend, store, journal, observer)


def _ask(
    attempt: Attempt,
    request: ClipRequest,
    backend: Backend,
    store: ClipStore,
    journal: Journal,
    observer: Observer,
) -> str:
    provider: object = backend
    if not isinstance(provider, Recovering):
        raise UsageError(f"{backend.name} has no way to ask what became of a clip")
    if backend.revision != request.revision:
        raise UsageError(
            f"attempt {attempt.id} went to {request.revision!r}, and {backend.name} is "
            f"{backend.revision!r} now: change the settings back to fetch it"
        )
    outcome = provider.recover(request, attempt.provider_id, attempt.started_s)
    if isinstance(outcome, Failed):
        journal.failed(attempt.key, str(outcome.error))
        return f"nothing was made or paid: {outcome.error}"
    if not isinstance(outcome, Finished):
        note_unknown(store, journal, outcome)
        return f"it is still not known: {outcome.error}"
    try:
        stored, remarks = put(store, request, outcome.clip, backend.capabilities)
    except Rejected as error:
        journal.unknown(attempt.key, str(error), cost_usd=outcome.cost_usd)
        return f"what was fetched is no clip: {error}"
    journal.finished(attempt.key, outcome.cost_usd)
    _tell(attempt, stored, remarks, observer)
    return "the clip was fetched, and is in the store"


def _tell(
    attempt: Attempt, stored: StoredClip, remarks: tuple[str, ...], observer: Observer
) -> None:
    cue, take = (attempt.purpose.cue, attempt.purpose.take) if attempt.purpose else ("", 0)
    flaws = stored.trial.flaws if stored.trial else ()
    for remark in (*flaws, *remarks):
        observer(Warned(f"cue {cue}, take {take}" if cue else "clip", f"the clip {remark}"))
    length_s = float(stored.seconds)
    observer(ClipFinished(cue, take, stored.key, length_s, 0.0, from_store=False))
