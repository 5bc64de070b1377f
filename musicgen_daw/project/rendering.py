"""One run over a held output folder: generate, master and write what is missing, then hand over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from decimal import Decimal
from typing import TYPE_CHECKING

from musicgen_daw.backends.base import Backend
from musicgen_daw.errors import (
    BackendError,
    BudgetExceeded,
    Credentials,
    ExportError,
    MusicgenDawError,
    OutputError,
    RenderIncomplete,
    StoreError,
)
from musicgen_daw.events import (
    ClipFinished,
    Event,
    Observer,
    RunFinished,
    TakeFailed,
    Warned,
    one_at_a_time,
)
from musicgen_daw.execution import Budget, FailedTake, MadeTake, TakeOutcome, generate, quoting
from musicgen_daw.planning import Capabilities, Plan, PlannedCue, PlannedTake, Verdicts
from musicgen_daw.project.building import Builder
from musicgen_daw.project.environment import journal_path
from musicgen_daw.project.handing_over import hand_over
from musicgen_daw.project.rendered import RenderedStem
from musicgen_daw.project.session_record import write_names_handed_over, write_session
from musicgen_daw.session import PlacedCue, Session
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal
from musicgen_daw.store.output import OutputFolder
from musicgen_daw.store.records import StoredClip
from musicgen_daw.timeline import TempoMap

if TYPE_CHECKING:
    from musicgen_daw.project.signing import Signing

__all__ = ["RenderRun"]


class RenderRun:
    """Everything between a plan and the files in one output folder.

    ``budget_usd`` caps what may be spent; a clip with a grave flaw is made ``tries`` times in all.
    ``exports`` names the hand-offs that are written at the end; ``signing`` signs the stems.
    """

    def __init__(
        self,
        plan: Plan,
        store: ClipStore,
        folder: OutputFolder,
        verdicts: Verdicts,
        observer: Observer,
        clock: Callable[[], float],
        open_backend: Callable[[str], Backend],
        *,
        budget_usd: Decimal | None,
        tries: int,
        exports: Sequence[str],
        signing: Signing | None = None,
    ) -> None:
        self._plan = plan
        self._store = store
        self._folder = folder
        self._clock = clock
        self._open_backend = open_backend
        self._budget_usd = budget_usd
        self._tries = tries
        self._exports = exports
        self._tally = _Tally(observer)
        self._observer = one_at_a_time(self._tally)
        self._builder = Builder(plan, store, folder, verdicts, self._observer, clock, signing)
        self._placed: dict[tuple[str, int], PlacedCue] = {}
        self._failed: dict[tuple[str, int], MusicgenDawError] = {}

    def stems(self) -> Iterator[RenderedStem]:
        """Yield the stems of each take as soon as they are in the folder; hand over at the end.

        Raises:
            BudgetExceeded, Credentials, BackendError, RenderIncomplete: at the end, where some
                takes failed, as ``Project.render`` tells.
        """
        began_s = self._clock()
        self._store.sweep(began_s)
        self._place_what_is_left_alone(of_the_sheet=False)
        with Journal(journal_path(self._store.root), self._clock) as journal:
            budget = Budget(self._budget_usd, quoting(self._generators(), journal.prices))
            outcomes = generate(
                ((cue, take) for cue in self._plan.chosen for take in cue.takes),
                self._open_backend,
                self._store,
                journal,
                self._observer,
                clock=self._clock,
                budget=budget,
                folder=str(self._folder.root),
                tries=self._tries,
            )
            with closing(outcomes):
                waiting = []
                for outcome in outcomes:
                    if isinstance(outcome, MadeTake) and _of_the_sheet(outcome.cue):
                        waiting.append(outcome)  # until it is known how loud all others are
                    else:
                        yield from self._finish(outcome)
        self._level_sheet(waiting)
        for outcome in waiting:
            yield from self._finish(outcome)
        refused = self._hand_over()
        tally, elapsed_s = self._tally, self._clock() - began_s
        self._observer(
            RunFinished(
                tally.made,
                tally.from_store,
                len(self._failed),
                elapsed_s,
                budget.spent_usd,
                budget.perhaps_usd,
            )
        )
        self._tell_failures(budget)
        if refused:
            raise refused

    def _generators(self) -> dict[str, Capabilities]:
        return {cue.backend: cue.capabilities for cue in self._plan.chosen}

    def _level_sheet(self, made: Sequence[MadeTake]) -> None:
        """Hear the takes that are levelled together; those left alone count, too."""
        chosen = {cue.cue.id for cue in self._plan.chosen}
        others = [cue for cue in self._plan.cues if cue.cue.id not in chosen and _of_the_sheet(cue)]
        takes: list[tuple[PlannedCue, PlannedTake, Sequence[StoredClip]]] = [
            (outcome.cue, outcome.take, outcome.clips) for outcome in made
        ]
        for cue in others:
            takes += [(cue, take, clips) for take in cue.takes if (clips := self._stored(take))]
        self._builder.level_sheet(takes)
        self._place_what_is_left_alone(of_the_sheet=True)

    def _place_what_is_left_alone(self, *, of_the_sheet: bool) -> None:
        """Cues that this run may not work on stay in the session if they are finished."""
        chosen = {cue.cue.id for cue in self._plan.chosen}
        for cue in self._plan.cues:
            if cue.cue.id in chosen or _of_the_sheet(cue) != of_the_sheet:
                continue
            found = [self._find(cue, take) for take in cue.takes]
            for placed in found:
                if placed:
                    self._placed[cue.cue.id, placed.take] = placed
            if None in found and self._builder.has_files(cue):
                self._observer(
                    Warned(
                        cue.cue.name,
                        "has files that are not what the sheet asks for now: they stay as they "
                        "are, but the session leaves them out until this cue is rendered, too",
                    )
                )

    def _find(self, cue: PlannedCue, take: PlannedTake) -> PlacedCue | None:
        clips = self._stored(take)
        return self._builder.find(cue, take, clips) if clips else None

    def _stored(self, take: PlannedTake) -> list[StoredClip]:
        """Return the clips of a take, none where one of them is not in the store."""
        clips = [self._store.get(clip.key) for clip in take.clips]
        present = [clip for clip in clips if clip is not None]
        return present if len(present) == len(clips) else []

    def _finish(self, outcome: TakeOutcome) -> Iterator[RenderedStem]:
        cue, take = outcome.cue, outcome.take
        if isinstance(outcome, FailedTake):
            self._fail(cue, take, outcome.errors[0])
            return
        try:
            placed = self._builder.build(cue, take, outcome.clips)
        except OutputError:  # it would meet every other take, too
            raise
        except MusicgenDawError as error:
            failure = self._unfinished(outcome, error)
            self._observer(TakeFailed(cue.cue.id, take.take, str(failure)))
            self._fail(cue, take, failure)
            return
        self._placed[cue.cue.id, take.take] = placed
        for stem in placed.stems:
            yield RenderedStem(
                cue=placed.id,
                take=placed.take,
                name=stem.name,
                path=self._folder.root / stem.path,
                loudness_lufs=stem.integrated_lufs,
                true_peak_dbtp=stem.true_peak_dbtp,
            )

    def _unfinished(self, made: MadeTake, error: MusicgenDawError) -> MusicgenDawError:
        """Tell why a take can't be finished; damaged clips that cost nothing are given up."""
        if isinstance(error, StoreError) and not made.take.fixed:
            for planned, stored in zip(made.take.clips, made.clips, strict=True):
                if planned.request is None or made.cue.capabilities.paid:
                    continue
                with suppress(StoreError):  # a store that can't be written keeps its damage
                    if faults := self._store.set_aside_damaged(stored):
                        remedy = "run it again, and the clip is made anew"
                        return StoreError(f"{faults[0]}; {remedy}")
        return error

    def _fail(self, cue: PlannedCue, take: PlannedTake, error: MusicgenDawError) -> None:
        self._failed[cue.cue.id, take.take] = error

    def _hand_over(self) -> ExportError | None:
        """Write session, marker and manifest files, and remove what no longer belongs.

        Returns why a hand-off can't hold the session; the others are written.
        """
        session = self._session()
        kept = [stem.path for placed in session.cues for stem in placed.stems]
        write_session(self._folder, session)  # before a hand-off that can't be written
        done = hand_over(session, self._exports, self._folder, self._observer)
        write_names_handed_over(self._folder, done.to_keep_up)
        is_whole = len(self._plan.chosen) == len(self._plan.cues)
        if is_whole and not self._failed and not done.refused:
            self._folder.prune([*kept, *done.paths])
        return done.refused

    def _session(self) -> Session:
        sheet, output = self._plan.sheet, self._plan.output
        placed = (
            self._placed.get((cue.cue.id, take.take))
            for cue in self._plan.cues
            for take in cue.takes
        )
        return Session(
            title=sheet.title,
            sample_rate=output.sample_rate,
            sheet=sheet,
            cues=tuple(cue for cue in placed if cue is not None),
            tempo_map=sheet.tempo_map or TempoMap(),
            frame_rate=output.frame_rate,
            start_timecode=output.start_timecode,
        )

    def _tell_failures(self, budget: Budget) -> None:
        """Raise what tells a caller best what to do about the takes that failed."""
        if not self._failed:
            return
        errors = list(self._failed.values())
        (cue, take), first = next(iter(self._failed.items()))
        is_all = len(errors) == sum(len(cue.takes) for cue in self._plan.chosen)
        rest = "nothing could be made" if is_all else "the rest is done"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        told = f"{cue} take {take} failed{more}"
        for error in errors:
            if isinstance(error, BudgetExceeded):
                raise BudgetExceeded(f"{budget.summary()}: {error}")
        for error in errors:
            if isinstance(error, Credentials):
                raise Credentials(f"{told}, {rest}: {error}")
        if is_all and all(isinstance(error, BackendError) for error in errors):
            raise BackendError(f"{told}, and nothing could be made: {first}")
        raise RenderIncomplete(f"{told}, {rest}: {first}")


def _of_the_sheet(cue: PlannedCue) -> bool:
    """Tell whether a cue is levelled together with others."""
    return cue.master.normalise == "sheet"


class _Tally:
    """Counts clips on their way to the observer."""

    def __init__(self, observer: Observer) -> None:
        self.made = 0
        self.from_store = 0
        self._observer = observer

    def __call__(self, event: Event) -> None:
        if isinstance(event, ClipFinished):
            if event.from_store:
                self.from_store += 1
            else:
                self.made += 1
        self._observer(event)
