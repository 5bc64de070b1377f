"""The one protocol behind which all generators stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Generator as Blocks
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from musicgen_daw.audio import Audio
from musicgen_daw.errors import BackendError, BudgetExceeded
from musicgen_daw.planning import Capabilities, Choice, ClipRequest, Generator
from musicgen_daw.timeline import Score

__all__ = [
    "Backend",
    "CallLimits",
    "Checkpoint",
    "Choosing",
    "Clip",
    "Failed",
    "Finished",
    "Guided",
    "Outcome",
    "Recovering",
    "Stoppable",
    "Streaming",
    "Unknown",
]


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
    error: BackendError | BudgetExceeded


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no clip and it may have been paid: it is never sent again by itself.

    What was accepted under an id is fetched by it in the next run where the error is one that
    passes (Transient, Quota, Credentials), and by the user's word after any other.

    ``cost_usd`` is what the provider told that it cost, ``evidence`` the body that it sent
    instead of a clip.
    """

    request: ClipRequest
    error: BackendError
    cost_usd: Decimal | None = None
    evidence: bytes = b""


Outcome = Finished | Failed | Unknown


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How many calls a provider takes: at once, and a minute (``None`` without limit).

    ``name`` tells whose calls are counted together, over all processes that share a store: the
    service and the account, but no secret.
    """

    name: str
    at_once: int
    per_minute: float | None


class Checkpoint(Protocol):
    """The run as a generator sees it: its journal, its budget and its turn among others.

    What a method notes is durable when it returns. All threads may call it.
    """

    def started(self, request: ClipRequest) -> None:
        """Work on a request begins, or it is about to be sent: called before every sending.

        A clip that costs money may have to wait here until it is known what others cost.

        Raises:
            BudgetExceeded: when it could pass the cap: it must not be sent, nor any other.
            Ambiguous: when an earlier attempt at it may have been paid, or another run has made
                it by now: it must not be sent.
        """

    def refused(self, request: ClipRequest, reason: str) -> None:
        """The provider did not take what was started, and nothing was paid; it may be started
        again.
        """

    def accepted(self, request: ClipRequest, provider_id: str) -> None:
        """The provider took the request under an id by which its result can be fetched."""

    def accepted_id(self, request: ClipRequest) -> str | None:
        """Return the id under which an earlier run's request was taken and not yet fetched.

        Such a request is not ``started`` again: its result is fetched.
        """

    def charged(self, request: ClipRequest, usd: Decimal) -> None:
        """The provider told what the call for a request cost, in US dollars: before its outcome is
        heard, so that the price of the next one is reckoned with it.
        """

    def balance(self, usd: Decimal) -> None:
        """The provider told how much the account still holds, in US dollars."""

    def turn(
        self, limits: CallLimits, given_up: Callable[[], bool]
    ) -> AbstractContextManager[None]:
        """Wait for a turn among all who call this provider; it lasts as long as the context.

        Raises:
            CancelledError: where ``given_up`` tells, while waiting, that nobody wants it any more.
        """

    def slow_down(self, limits: CallLimits, until_s: float) -> None:
        """The provider refused for too many calls: nobody calls it before ``until_s`` (seconds
        since the epoch), and more slowly from then on.
        """

    def progress(self, request: ClipRequest, done_s: float) -> None:
        """So many seconds of what was started are made; told now and then, and not durable."""

    def warn(self, request: ClipRequest, message: str) -> None:
        """Tell the user of something that stops nothing, such as that a clip is tried again."""


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


@runtime_checkable
class Choosing(Protocol):
    """A generator that has several models. Requests tell by their revision which one they are for.

    It is asked for a model when a plan is made, and again, before it is entered, for each one that
    the plan's requests are for.
    """

    def choose(self, choice: Choice) -> Generator:
        """Return what planning needs to know of a model; quick, and nothing is loaded.

        Raises:
            BackendError: where it isn't there; the message tells how to get one.
        """


@runtime_checkable
class Guided(Protocol):
    """A generator that can be guided by sounds: requests name them by the digest of their file, or
    by the key of the clip that they go on from.
    """

    def guided_by(self, sound_of: Callable[[str], Audio]) -> None:
        """Take what gives the sound of a digest or key; it raises AudioError where that is gone."""


@runtime_checkable
class Recovering(Protocol):
    """A generator that can look for the result of an earlier call without paying again."""

    def recover(self, request: ClipRequest, provider_id: str | None, started_s: float) -> Outcome:
        """Fetch the result of a call that was sent at ``started_s`` (seconds since the epoch).

        By the provider's id where that is known, else from its history. ``Failed`` tells that
        the provider knows for sure that nothing was made or paid, ``Unknown`` that it is still
        not known.
        """


@runtime_checkable
class Stoppable(Protocol):
    """A generator whose calls can't be taken back once they are sent: a run of it is first asked
    to send no more, and what is under way is waited for.
    """

    def stop_sending(self) -> None:
        """Send nothing more, from any thread; outcomes of what is under way still come.

        What was not sent gets no outcome. To close the iterator of ``run`` is the harder stop:
        outcomes that are under way are lost then.
        """


@runtime_checkable
class Streaming(Protocol):
    """A generator that gives the sound of a clip while it makes it, for those who wait for it."""

    def stream(self, request: ClipRequest) -> Blocks[Audio, None, None]:
        """Yield the clip's mix, block by block; together they have the length that was asked.

        Closing the iterator stops the work.

        Raises:
            BackendError: where it can't be made, at any block.
        """
