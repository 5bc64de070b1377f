"""What the library tells while it works. An observer is any callable that takes an event:
a progress display, a log, ``list.append`` in a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from threading import RLock

__all__ = [
    "ClipFailed",
    "ClipFinished",
    "ClipProgress",
    "ClipStarted",
    "Event",
    "FileWritten",
    "Observer",
    "RunFinished",
    "RunStarted",
    "TakeFailed",
    "TakeFinished",
    "Warned",
    "ignore",
    "one_at_a_time",
]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins: ``clips_new`` of ``clips_total`` clips have to be generated.

    ``new_s`` is the length of what has to be generated, in seconds. ``clips_open`` more were sent
    before and are not sent again: they are fetched, or wait for the user's word.
    """

    cues: int
    takes: int
    clips_total: int
    clips_new: int
    new_s: float
    clips_open: int = 0


@dataclass(frozen=True, slots=True)
class ClipStarted:
    """A generator begins with a clip."""

    cue: str
    take: int
    key: str


@dataclass(frozen=True, slots=True)
class ClipProgress:
    """So many of a clip's seconds are made; told by generators that know, now and then."""

    cue: str
    take: int
    key: str
    done_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class ClipFinished:
    """A clip is in the store, durably. ``from_store`` says that it was there before."""

    cue: str
    take: int
    key: str
    length_s: float
    elapsed_s: float
    from_store: bool


@dataclass(frozen=True, slots=True)
class ClipFailed:
    """A clip could not be made; the rest goes on."""

    cue: str
    take: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class TakeFinished:
    """All stems of a take are in the output folder. ``written`` is 0 where all were right."""

    cue: str
    take: int
    stems: int
    written: int
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class TakeFailed:
    """The clips of a take are there, but its files could not be made; the rest goes on."""

    cue: str
    take: int
    reason: str


@dataclass(frozen=True, slots=True)
class FileWritten:
    """A session, marker or manifest file is in the output folder."""

    path: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that the user should know and that stops nothing."""

    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over. ``spent_usd`` is what it paid in US dollars, as far as that was told.

    ``perhaps_usd`` is about what it paid, or may have paid, without being told.
    """

    made: int
    from_store: int
    failed: int
    elapsed_s: float
    spent_usd: Decimal = Decimal(0)
    perhaps_usd: Decimal = Decimal(0)


Event = (
    RunStarted
    | ClipStarted
    | ClipProgress
    | ClipFinished
    | ClipFailed
    | TakeFinished
    | TakeFailed
    | FileWritten
    | Warned
    | RunFinished
)

Observer = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Observe nothing: the default observer."""


def one_at_a_time(observer: Observer) -> Observer:
    """Return an observer for many threads: the given one is told one event after the other."""
    turn = RLock()  # a thread that is told something may tell something

    def tell(event: Event) -> None:
        with turn:
            observer(event)

    return tell
