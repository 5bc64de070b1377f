"""From a plan to stored clips: what is stored first, then every generator's share in turn."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial

from musicgen_daw.backends.base import Backend
from musicgen_daw.errors import MusicgenDawError, StoreError
from musicgen_daw.events import (
    ClipFailed,
    ClipFinished,
    Observer,
    Warned,
    ignore,
    one_at_a_time,
)
from musicgen_daw.execution.budget import Budget
from musicgen_daw.execution.checkpoint import TurnTaking
from musicgen_daw.execution.making import ClipMaker
from musicgen_daw.execution.rerolls import shortcoming
from musicgen_daw.execution.sent import is_open
from musicgen_daw.execution.worklist import WaitingTake, Worklist
from musicgen_daw.planning.plan import PlannedCue, PlannedTake
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal
from musicgen_daw.store.records import StoredClip

__all__ = ["FailedTake", "MadeTake", "TakeOutcome", "generate"]


@dataclass(frozen=True, slots=True)
class MadeTake:
    """A take whose clips are all in the store; ``clips`` are in the order of ``take.clips``."""

    cue: PlannedCue
    take: PlannedTake
    clips: tuple[StoredClip, ...]


@dataclass(frozen=True, slots=True)
class FailedTake:
    """A take that lacks clips, and why: an error for each."""

    cue: PlannedCue
    take: PlannedTake
    errors: tuple[MusicgenDawError, ...]


TakeOutcome = MadeTake | FailedTake


def generate(
    work: Iterable[tuple[PlannedCue, PlannedTake]],
    open_backend: Callable[[str], Backend],
    store: ClipStore,
    journal: Journal,
    observer: Observer = ignore,
    *,
    clock: Callable[[], float],
    budget: Budget | None = None,
    folder: str = "",
    tries: int = 2,
) -> Generator[TakeOutcome, None, None]:
    """Yield every take as soon as all its clips are in the store, or can't be.

    Takes whose clips are stored come first, and no backend is opened for them. A request that
    several takes share is generated once. A clip that fails stops nothing else; the clip of a
    kept take is never generated again. Clips aren't held in memory: a take names them.

    Clips that cost money are settled in a thread of their own, however slow the caller is, and a
    run that is stopped waits for those under way. The observer is told one event at a time.

    Args:
        work: The takes, each with its cue.
        open_backend: Returns a generator by its name, to be entered here.
        store: Where the clips are and go.
        journal: Where it is noted what was sent.
        observer: Is told of every clip.
        clock: Tells seconds since the epoch.
        budget: What the run may spend; without it, as much as it costs.
        folder: The output folder that the clips are for, as the journal notes it.
        tries: How often a clip is made that has a grave flaw: silence, or an early end.

    Close the iterator (``contextlib.closing``) to stop early: what is finished is kept, and the
    next run continues.

    Raises:
        StoreError: where the store or the journal can't be read or written.
    """
    observer = one_at_a_time(observer)
    worklist = Worklist(work, store, tries)
    _settle_what_is_stored(journal, store)
    observer(worklist.announcement(lambda job: is_open(journal, job.key, job.capabilities)))
    tellings = _Tellings(observer)
    for waiting in worklist.takes_that_wait_for_nothing():
        yield _outcome(waiting, worklist, store, tellings)
    with closing(TurnTaking(store.root, clock)) as turns:
        maker = ClipMaker(
            store, journal, observer, clock, budget or Budget(), turns, folder=folder, tries=tries
        )
        for backend, jobs in worklist.shares():
            with closing(maker.make(partial(open_backend, backend), jobs)) as ends:
                for job, end in ends:
                    tellings.keys.add(job.key)  # the maker told of it
                    clip = end if isinstance(end, StoredClip) else None
                    error = None if isinstance(end, StoredClip) else end
                    for waiting in worklist.settle(job, error):
                        yield _outcome(waiting, worklist, store, tellings, clip)


def _settle_what_is_stored(journal: Journal, store: ClipStore) -> None:
    """Close the attempts of runs that were killed between storing a clip and noting it."""
    for attempt in journal.unsettled():
        clip = store.get(attempt.key)
        if clip is not None:
            journal.finished(attempt.key, _told_cost_usd(clip))


def _told_cost_usd(clip: StoredClip) -> Decimal | None:
    """Return what a clip cost, where its generator told that with it."""
    try:
        return Decimal(clip.facts["cost_usd"])
    except (KeyError, InvalidOperation):
        return None


def _outcome(
    waiting: WaitingTake,
    worklist: Worklist,
    store: ClipStore,
    tellings: _Tellings,
    latest: StoredClip | None = None,
) -> TakeOutcome:
    """Return what became of a take whose clips are all stored or failed, ``latest`` just now."""
    clips = []
    errors = []
    for key in waiting.keys:
        error = worklist.errors.get(key)
        if latest is not None and key == latest.key:
            clip: StoredClip | None = latest
        else:
            clip = store.get(key) if error is None else None
        if clip is None:
            errors.append(error or StoreError("was removed", path=store.record_path(key)))
            tellings.failed(waiting, key, errors[-1])
        else:
            clips.append(clip)
            tellings.stored(waiting, clip)
    if errors:
        return FailedTake(waiting.cue, waiting.take, tuple(errors))
    return MadeTake(waiting.cue, waiting.take, tuple(clips))


class _Tellings:
    """Tells the observer once of each clip that was not generated in this run."""

    def __init__(self, observer: Observer) -> None:
        self.keys: set[str] = set()
        self._observer = observer

    def stored(self, waiting: WaitingTake, clip: StoredClip) -> None:
        """Tell of a clip that was there before."""
        if self._is_new(clip.key):
            cue, take = waiting.cue.cue.id, waiting.take.take
            seconds = float(clip.seconds)
            self._observer(ClipFinished(cue, take, clip.key, seconds, 0.0, from_store=True))
            remark = shortcoming(clip)
            if remark and not waiting.take.fixed:  # who kept it has heard it
                self._observer(Warned(f"cue {cue}, take {take}", remark))

    def failed(self, waiting: WaitingTake, key: str, error: MusicgenDawError) -> None:
        """Tell of a clip that can't come."""
        if self._is_new(key):
            self._observer(ClipFailed(waiting.cue.cue.id, waiting.take.take, key, str(error)))

    def _is_new(self, key: str) -> bool:
        is_new = key not in self.keys
        self.keys.add(key)
        return is_new
