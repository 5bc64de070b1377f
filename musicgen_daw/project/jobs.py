"""What was sent to generators that cost money, and how the user settles what is not known.

A sending ends as *finished* (the clip is in the store) or *failed* (nothing was paid). Until then
it is *intended*, *accepted* or *unknown*: it may have been paid, and is not sent again by itself.
It can be fetched, or by the user's word be given up (*lost*) or sent once more (*released*).
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from musicgen_daw.backends import registry
from musicgen_daw.errors import (
    BackendError,
    Credentials,
    FolderBusy,
    MusicgenDawError,
    UsageError,
)
from musicgen_daw.events import Observer, ignore
from musicgen_daw.planning import Capabilities
from musicgen_daw.planning.price import Tariff
from musicgen_daw.project.environment import journal_path
from musicgen_daw.store.attempts import UNSETTLED
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.evidence import EvidenceFolder
from musicgen_daw.store.journal import Attempt, AttemptState, Journal
from musicgen_daw.store.ledger import OWN_FOLDER
from musicgen_daw.store.output import OutputFolder

__all__ = ["Job", "Jobs"]

GIVEN_UP = "given up by the user's word"
SENT_AGAIN = "may be sent again, by the user's word"


@dataclass(frozen=True, slots=True)
class Job:
    """One sending of a request for a clip; what nobody told is ``None``.

    ``folder`` is the output folder that the clip was for. ``cost_usd`` is what the provider told;
    ``perhaps_usd`` is about what was, or may have been, paid without being told. ``evidence`` is
    the file that holds what came instead of a clip. One that is under way is worked on by a run
    that lives, which settles it. Times are seconds since the epoch.
    """

    id: int
    cue: str | None
    take: int | None
    folder: str | None
    backend: str
    state: AttemptState
    request_id: str | None
    cost_usd: Decimal | None
    perhaps_usd: Decimal
    started_s: float
    changed_s: float
    reason: str | None
    evidence: str | None
    is_under_way: bool

    @property
    def is_open(self) -> bool:
        """Tell whether its end is not known, nobody has decided on it and no run is about to."""
        return self.state in UNSETTLED and not self.is_under_way


class Jobs:
    """The jobs of a clip store, or those for one output folder, which need not be there any more.

    ``clock`` tells seconds since the epoch.
    """

    def __init__(
        self, store: Path, folder: Path | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._folder = None if folder is None else str(folder.resolve())
        self._clock = clock
        self._capabilities = functools.cache(_capabilities)

    def listed(self, *, everything: bool = False) -> list[Job]:
        """Return what was or may have been paid, oldest first; nothing is changed.

        ``everything``: what was free, or failed without being paid, too.

        Raises:
            StoreError: where the journal can't be read.
        """
        with self._reading() as journal:
            if journal is None:
                return []
            attempts = journal.attempts(self._folder)
            shown = [each for each in attempts if everything or self._may_have_cost(each)]
            return self._described(journal, shown)

    def fetch(
        self, numbers: Sequence[int] | None = None, observer: Observer = ignore
    ) -> Iterator[tuple[Job, str]]:
        """Look for the results of jobs without paying again, by their ids; ``None`` for all open.

        Yields each job as it is then, with what became of it, or why nobody knows, in words.

        Raises:
            Credentials: where a key is missing or refused.
            UsageError: for a job that isn't there, or that is settled for good.
            FolderBusy: where a run holds the folder that a job is for, or has it under way.
            StoreError: where the store can't be read or written.
        """
        from musicgen_daw.execution.recovering import recover  # slow to import, only for sound

        clips = ClipStore(self._store, observer)
        with self._reading() as journal:
            attempts = self._meant(journal, numbers)
            if journal is None or not attempts:
                return
            with _held(attempts):
                for attempt in attempts:
                    try:
                        words = recover(attempt, registry.load, clips, journal, observer)
                    except Credentials:  # nor would any other be told
                        raise
                    except (BackendError, UsageError) as error:
                        words = str(error)
                    (job,) = self._described(journal, [attempt])
                    yield job, words

    def give_up(self, numbers: Sequence[int]) -> list[Job]:
        """Take the user's word that jobs are lost: perhaps paid, and not to be sent again.

        Raises:
            UsageError: for a job that isn't there, or that is settled for good.
            FolderBusy: where a run holds the folder that a job is for, or has it under way.
            StoreError: where the journal can't be read or written.
        """
        return self._decide(numbers, lambda journal, number: journal.lost(number, GIVEN_UP))

    def send_again(self, numbers: Sequence[int]) -> list[Job]:
        """Take the user's word that the clips of jobs may be sent, and paid, once more.

        The next render does it.

        Raises:
            UsageError: for a job that isn't there, or that is settled for good.
            FolderBusy: where a run holds the folder that a job is for, or has it under way.
            StoreError: where the journal can't be read or written.
        """
        return self._decide(numbers, lambda journal, number: journal.released(number, SENT_AGAIN))

    # -- inside --------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Journal | None]:
        journal = Journal.open_existing(journal_path(self._store), self._clock)
        with journal or nullcontext():
            yield journal

    def _decide(self, numbers: Sequence[int], decide: Callable[[Journal, int], None]) -> list[Job]:
        with self._reading() as journal:
            attempts = self._meant(journal, numbers)
            if journal is None:
                return []
            with _held(attempts):
                for attempt in attempts:
                    decide(journal, attempt.id)
                return self._described(journal, attempts)

    def _meant(self, journal: Journal | None, numbers: Sequence[int] | None) -> list[Attempt]:
        if numbers is not None:
            return [_unsettled(journal, number) for number in dict.fromkeys(numbers)]
        attempts = journal.attempts(self._folder) if journal else ()
        return [
            each
            for each in attempts
            if journal and not each.is_settled and self._may_have_cost(each)
            if not journal.is_under_way(each)
        ]

    def _may_have_cost(self, attempt: Attempt) -> bool:
        """Tell whether an attempt was or may have been paid; a generator that is gone may cost."""
        if attempt.cost_usd is not None:
            return True
        capabilities = self._capabilities(attempt.backend)
        return attempt.state != "failed" and (capabilities is None or capabilities.paid)

    def _described(self, journal: Journal, attempts: Sequence[Attempt]) -> list[Job]:
        """Return the jobs of attempts, as they are now."""
        evidence = EvidenceFolder(self._store / "evidence")

        @functools.cache
        def tariff(backend: str, revision: str) -> Tariff | None:
            capabilities = self._capabilities(backend)
            if capabilities is None:
                return None
            return capabilities.price.learned(journal.prices(backend, revision))

        def perhaps_usd(of: Attempt) -> Decimal:
            if of.cost_usd is not None or of.length_s is None or not self._may_have_cost(of):
                return Decimal(0)
            rates = tariff(of.backend, of.revision)
            return rates.quote(of.length_s).expected_usd if rates else Decimal(0)

        now = (journal.attempt(each.id) or each for each in attempts)
        return [
            _job(each, perhaps_usd(each), evidence, is_under_way=journal.is_under_way(each))
            for each in now
        ]


def _job(
    attempt: Attempt, perhaps_usd: Decimal, evidence: EvidenceFolder, *, is_under_way: bool
) -> Job:
    purpose = attempt.purpose
    return Job(
        id=attempt.id,
        cue=purpose.cue if purpose else None,
        take=purpose.take if purpose else None,
        folder=purpose.folder if purpose else None,
        backend=attempt.backend,
        state=attempt.state,
        request_id=attempt.provider_id,
        cost_usd=attempt.cost_usd,
        perhaps_usd=perhaps_usd,
        started_s=attempt.started_s,
        changed_s=attempt.changed_s,
        reason=attempt.reason,
        evidence=str(evidence.path_of(attempt.evidence)) if attempt.evidence else None,
        is_under_way=is_under_way,
    )


def _unsettled(journal: Journal | None, number: int) -> Attempt:
    attempt = journal.attempt(number) if journal else None
    if journal is None or attempt is None:
        raise UsageError(f"there is no job {number}: 'musicgen-daw jobs --all' lists all")
    if attempt.state in ("finished", "failed"):
        raise UsageError(f"job {number} is {attempt.state}: nothing is left to settle")
    if journal.is_under_way(attempt):
        raise FolderBusy(f"job {number} is under way: wait for the run that makes its clip")
    return attempt


@contextmanager
def _held(attempts: Iterable[Attempt]) -> Iterator[None]:
    """Hold the output folders that attempts are for, as far as they are there: no run may work
    on what is being settled.
    """
    named = dict.fromkeys(each.purpose.folder for each in attempts if each.purpose)
    with ExitStack() as stack:
        for folder in map(Path, named):
            if (folder / OWN_FOLDER).is_dir():
                stack.enter_context(OutputFolder.open(folder))
        yield


def _capabilities(backend: str) -> Capabilities | None:
    """Return what a generator can do and costs, ``None`` for one that is not installed now."""
    try:
        return registry.load(backend).capabilities
    except MusicgenDawError:
        return None
