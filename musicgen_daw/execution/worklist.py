"""Which takes wait for which clips: the bookkeeping of a run, without records or sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from musicgen_daw.errors import MusicgenDawError, StoreError
from musicgen_daw.events import RunStarted
from musicgen_daw.execution.rerolls import is_due
from musicgen_daw.execution.sending import Job
from musicgen_daw.planning.plan import PlannedClip, PlannedCue, PlannedTake
from musicgen_daw.store.clips import ClipStore

__all__ = ["WaitingTake", "Worklist"]


@dataclass(slots=True, eq=False)
class WaitingTake:
    """A take, and the keys of the clips that it waits for."""

    cue: PlannedCue
    take: PlannedTake
    awaited: set[str] = field(default_factory=set)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its clips, in order."""
        return tuple(clip.key for clip in self.take.clips)


class Worklist:
    """The takes of a run and the clips that they lack; ``errors`` tells why a clip won't come.

    A stored clip with a grave flaw that was not yet made ``tries`` times is lacking, too.
    """

    def __init__(
        self, work: Iterable[tuple[PlannedCue, PlannedTake]], store: ClipStore, tries: int
    ) -> None:
        self.errors: dict[str, MusicgenDawError] = {}
        self._store = store
        self._tries = tries
        work = list(work)
        # What a listener kept stays as it was heard, whoever else uses it.
        self._kept = {clip.key for _, take in work if take.fixed for clip in take.clips}
        self._takes: list[WaitingTake] = []
        self._jobs: dict[str, Job] = {}
        self._waiting: dict[str, list[WaitingTake]] = defaultdict(list)
        self._stored: set[str] = set()
        for cue, take in work:
            waiting = WaitingTake(cue, take)
            for clip in take.clips:
                self._await(clip, waiting)
            self._takes.append(waiting)

    def announcement(self, is_open: Callable[[Job], bool] = lambda _: False) -> RunStarted:
        """Return what the run is about to do; ``is_open`` tells what was sent before."""
        jobs = self._jobs.values()
        sent = {job.key for job in jobs if job.flawed is None and is_open(job)}
        return RunStarted(
            cues=len({waiting.cue.cue.id for waiting in self._takes}),
            takes=len(self._takes),
            clips_total=len(self._stored) + len(self._jobs) + len(self.errors),
            clips_new=len(self._jobs) - len(sent),
            new_s=float(sum(job.request.length_s for job in jobs if job.key not in sent)),
            clips_open=len(sent),
        )

    def takes_that_wait_for_nothing(self) -> list[WaitingTake]:
        """Return the takes whose clips are stored or lost, in order."""
        return [waiting for waiting in self._takes if not waiting.awaited]

    def shares(self) -> Iterator[tuple[str, list[Job]]]:
        """Yield a backend with clips that it is to generate, in the order of the work.

        What a clip goes on from is in the same share or in one before. So a backend comes twice
        only where it goes on from music of another that goes on from its own.
        """
        left = dict(self._jobs)
        while left:
            for backend in dict.fromkeys(job.request.backend for job in left.values()):
                share = _share(backend, left)
                for job in share:
                    del left[job.key]
                if share:
                    yield backend, share

    def settle(self, job: Job, error: MusicgenDawError | None) -> Iterator[WaitingTake]:
        """Take note of the end of a job, and yield the takes that waited for it last."""
        if error is not None:
            self.errors[job.key] = error
        for waiting in self._waiting.pop(job.key):
            waiting.awaited.remove(job.key)
            if not waiting.awaited:
                yield waiting

    def _await(self, clip: PlannedClip, waiting: WaitingTake) -> None:
        """Find out whether a clip is stored, lost or to be generated."""
        key, take = clip.key, waiting.take
        if key in self._stored or key in self.errors or key in waiting.awaited:
            return
        if key not in self._jobs:
            cue, stored = waiting.cue, self._store.get(key)
            capabilities = cue.capabilities
            if stored is not None and (
                clip.request is None
                or key in self._kept
                or not is_due(stored, capabilities, self._tries)
            ):
                self._stored.add(key)
                return
            if take.fixed or clip.request is None:
                self.errors[key] = self._lost(key)
                return
            if stored is None and capabilities.paid and self._store.record_path(key).exists():
                self.errors[key] = self._damaged(key)
                return
            self._jobs[key] = Job(
                key, clip.request, capabilities, cue.cue.id, take.take, stored, cue.expected
            )
        waiting.awaited.add(key)
        self._waiting[key].append(waiting)

    def _damaged(self, key: str) -> StoreError:
        return StoreError(
            "this clip was paid and is damaged, and is not bought again by itself: restore it "
            "from a copy of the store, or remove this record to have it generated anew",
            path=self._store.record_path(key),
        )

    def _lost(self, key: str) -> StoreError:
        return StoreError(
            "the clip of a kept take is not there, and a kept take is never generated again: "
            "name the store that has it (--store), or clear the verdict on the take",
            path=self._store.record_path(key),
        )


def _share(backend: str, left: Mapping[str, Job]) -> list[Job]:
    """Return the jobs that a backend can do with nothing but its own clips before them."""
    can: dict[str, bool] = {}
    for job in left.values():
        row: list[str] = []  # what it goes on from, and what that does, as far as it is new
        before: Job | None = job
        while before is not None and before.key not in can and before.request.backend == backend:
            row.append(before.key)
            before = left.get(before.awaits or "")
        answer = before is None or can.get(before.key, False)
        can.update(dict.fromkeys(row, answer))
    return [job for job in left.values() if can.get(job.key, False)]
