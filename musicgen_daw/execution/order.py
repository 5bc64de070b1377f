"""The jobs of a generator in an order that can be followed: a clip that goes on from another one is
begun when that one has ended.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from musicgen_daw.errors import Rejected
from musicgen_daw.execution.sending import Job
from musicgen_daw.store.clips import ClipStore

__all__ = ["JobOrder", "lack"]


class JobOrder:
    """Jobs, each of which may wait for the end of another one among them."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        # What is sent as it is goes first: another try may come to the same request.
        self._free = deque(sorted(jobs, key=lambda job: job.flawed is not None))
        self._open = {job.key for job in self._free}
        self._waiting: dict[str, list[Job]] = defaultdict(list)

    def ready(self) -> Iterator[Job]:
        """Yield the jobs that wait for none, those that are set free meanwhile among them."""
        while self._free:
            job = self._free.popleft()
            if job.awaits is not None and job.awaits in self._open:
                self._waiting[job.awaits].append(job)
            else:
                yield job

    def ended(self, job: Job) -> None:
        """Set free what waited for the end of a job."""
        self._open.discard(job.key)
        self._free.extend(self._waiting.pop(job.key, ()))


def lack(job: Job, store: ClipStore) -> Rejected | None:
    """Tell that what a clip goes on from is not there."""
    if job.awaits is None or store.get(job.awaits) is not None:
        return None
    return Rejected(
        "it goes on from the cue before it, whose clip is not there: render that one first"
    )
