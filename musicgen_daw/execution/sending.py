"""What a run has to make: clips, and every try at one; and how they are given to a generator."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from threading import Event

from musicgen_daw.backends.base import Backend, Checkpoint, Outcome, Stoppable
from musicgen_daw.planning import Capabilities, ClipRequest, Expectation
from musicgen_daw.store.records import StoredClip

__all__ = ["Job", "Sending", "outcomes_of"]


@dataclass(frozen=True, slots=True)
class Job:
    """A clip to be generated, and the take that wants it first.

    ``flawed`` is the clip as it is stored already, where it is to be made better. ``expected`` is
    what it has to hit.
    """

    key: str
    request: ClipRequest
    capabilities: Capabilities
    cue: str
    take: int
    flawed: StoredClip | None = None
    expected: Expectation = field(default_factory=Expectation)

    @property
    def awaits(self) -> str | None:
        """The key of the clip that must be there before: the one that it goes on from."""
        return self.request.continues

    @property
    def is_paid(self) -> bool:
        """Tell whether it costs money."""
        return self.capabilities.paid

    @property
    def subject(self) -> str:
        """The take, for people."""
        return f"cue {self.cue}, take {self.take}"


@dataclass(frozen=True, slots=True)
class Sending:
    """A request that is given to a generator for a job: its own, or one with another seed.

    ``key`` is that of the request, and ``flawed`` what another try has to be better than.
    """

    job: Job
    request: ClipRequest
    key: str
    flawed: StoredClip | None = None


def outcomes_of(
    backend: Backend, requests: Sequence[ClipRequest], checkpoint: Checkpoint, stopping: Event
) -> Generator[Outcome, None, None]:
    """Yield what a generator makes, and end its work at the end, however that comes.

    Once ``stopping`` is set, only a generator that can be asked to stop is listened to.
    """
    outcomes = backend.run(requests, checkpoint)
    try:
        for outcome in outcomes:
            held = [outcome]
            del outcome  # a clip is large: whoever gets it decides how long it lives
            yield held.pop()
            if stopping.is_set() and not isinstance(backend, Stoppable):
                return
    finally:
        if isinstance(outcomes, Generator):
            outcomes.close()
