"""What a run has to make: clips, and every try at one."""

from __future__ import annotations

from dataclasses import dataclass

from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.store.records import StoredClip

__all__ = ["Job", "Sending"]


@dataclass(frozen=True, slots=True)
class Job:
    """A clip to be generated, and the take that wants it first.

    ``flawed`` is the clip as it is stored already, where it is to be made better.
    """

    key: str
    request: ClipRequest
    capabilities: Capabilities
    cue: str
    take: int
    flawed: StoredClip | None = None

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
