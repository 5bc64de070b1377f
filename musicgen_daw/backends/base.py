"""The one protocol behind which all generators stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Protocol, Self

from musicgen_daw.audio import Audio
from musicgen_daw.errors import BackendError
from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.timeline import Score

__all__ = ["Backend", "Checkpoint", "Clip", "Failed", "Finished", "Outcome", "Unknown"]


@dataclass(frozen=True, slots=True)
class Clip:
    """What a generator made for one request: stems of one rate and length, perhaps a score.

    A generator that makes one mix gives one stem, ``mix``. ``understood`` tells what it made of
    the words; ``facts`` are measured or reported values for the manifest (a seed, a cost).
    """

    stems: Mapping[str, Audio]
    score: Score | None = None
    understood: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finished:
    """The clip exists. ``cost_usd`` is what the provider told that it cost."""

    request: ClipRequest
    clip: Clip
    cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no clip and nothing was paid; ``error`` tells what may be done next."""

    request: ClipRequest
    error: BackendError


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no clip and it may have been paid: it is never sent again by itself."""

    request: ClipRequest
    error: BackendError


Outcome = Finished | Failed | Unknown


class Checkpoint(Protocol):
    """Writes to the journal what a generator is about to do; durable when a method returns."""

    def started(self, request: ClipRequest) -> None:
        """Work on a request begins, or it is about to be sent."""

    def accepted(self, request: ClipRequest, provider_id: str) -> None:
        """The provider took the request under an id by which its result can be fetched."""

    def accepted_id(self, request: ClipRequest) -> str | None:
        """Return the id under which an earlier run's request was taken and not yet fetched.

        Such a request is not ``started`` again: its result is fetched.
        """


class Backend(Protocol):
    """A generator. It gets many requests at once, so that it can batch or keep many in flight.

    Used as a context manager: connections and weights live between enter and exit.
    """

    name: str
    revision: str
    capabilities: Capabilities

    def explain(self, request: ClipRequest) -> Mapping[str, str]:
        """Return what the words of a request are understood as; free and quick."""

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        """Yield one outcome for each request, as they finish, in any order."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
