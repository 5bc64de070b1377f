"""From a plan to stored clips: what is stored first, then every generator's share in turn."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from functools import partial

from musicgen_daw.backends.base import Backend
from musicgen_daw.errors import MusicgenDawError, StoreError
from musicgen_daw.events import ClipFailed, ClipFinished, Observer, ignore
from musicgen_daw.execution.making import ClipMaker
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
) -> Generator[TakeOutcome, None, None]:
    """Yield every take as soon as all its clips are in the store, or can't be.

    Takes whose clips are stored come first, and no backend is opened for them. A request that
    several takes share is generated once. A clip that fails stops nothing else; the clip of a
    kept take is never generated again. Clips aren't held in memory: a take names them.

    ``open_backend`` returns a generator by its name, to be entered here. ``clock`` tells seconds
    for the events. Close the iterator (``contextlib.closing``) to stop early: what is finished is
    kept, and the next run continues.

    Raises:
        StoreError: where the store or the journal can't be read or written.
    """
    worklist = Worklist(work, store)
    _settle_what_is_stored(journal, store)
    observer(worklist.announcement())
    tellings = _Tellings(observer)
    for waiting in worklist.takes_that_wait_for_nothing():
        yield _outcome(waiting, worklist, store, tellings)
    maker = ClipMaker(store, journal, observer, clock)
    for backend, jobs in worklist.jobs_by_backend().items():
        for job, error in maker.make(partial(open_backend, backend), jobs):
            tellings.keys.add(job.key)  # the maker told of it
            for waiting in worklist.settle(job, error):
                yield _outcome(waiting, worklist, store, tellings)


def _settle_what_is_stored(journal: Journal, store: ClipStore) -> None:
    """Close the attempts of runs that were killed between storing a clip and noting it."""
    for attempt in journal.unsettled():
        if store.get(attempt.key) is not None:
            journal.finished(attempt.key)


def _outcome(
    waiting: WaitingTake, worklist: Worklist, store: ClipStore, tellings: _Tellings
) -> TakeOutcome:
    """Return what became of a take whose clips are all stored or failed."""
    clips = []
    errors = []
    for key in waiting.keys:
        error = worklist.errors.get(key)
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

    def failed(self, waiting: WaitingTake, key: str, error: MusicgenDawError) -> None:
        """Tell of a clip that can't come."""
        if self._is_new(key):
            self._observer(ClipFailed(waiting.cue.cue.id, waiting.take.take, key, str(error)))

    def _is_new(self, key: str) -> bool:
        is_new = key not in self.keys
        self.keys.add(key)
        return is_new
