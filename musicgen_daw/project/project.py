"""One cue sheet and all that is made of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from musicgen_daw import cuesheets
from musicgen_daw.errors import Credentials, OutputError, PlanError, PresetError
from musicgen_daw.events import Observer, ignore
from musicgen_daw.home import in_home
from musicgen_daw.planning import (
    Plan,
    PlannedCue,
    PlanOptions,
    PlanRow,
    Verdict,
    Verdicts,
    make_plan,
    plan_rows,
)
from musicgen_daw.presets import PresetLibrary
from musicgen_daw.project import listening
from musicgen_daw.project.environment import journal_path, store_root
from musicgen_daw.project.generators import generator, opener
from musicgen_daw.project.guides import digest_of
from musicgen_daw.project.listening import ListedTake
from musicgen_daw.project.rendered import RenderedStem
from musicgen_daw.settings import BitDepth, Settings
from musicgen_daw.store import takes as takes_file
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal
from musicgen_daw.store.output import OutputFolder
from musicgen_daw.timeline import CueSheet, FrameRate, SheetWarning

if TYPE_CHECKING:
    from musicgen_daw.backends.base import Backend
    from musicgen_daw.project.signing import Signing
    from musicgen_daw.project.verification import Fault

__all__ = ["Project"]


class Project:
    """A cue sheet with the folder that its music goes to. Make one with ``open``."""

    def __init__(
        self,
        path: Path,
        sheet: CueSheet,
        output: Path | None,
        store: Path,
        settings: Settings,
        clock: Callable[[], float],
    ) -> None:
        self.path = path
        self.sheet = sheet
        self.output = output
        self.store = ClipStore(store)
        self.presets = PresetLibrary(user=settings.presets, sheet=path.parent)
        self._settings = settings
        self._clock = clock

    @classmethod
    def open(
        cls,
        sheet: Path | str,
        *,
        output: Path | str | None = None,
        store: Path | str | None = None,
        settings: Settings = Settings(),
        frame_rate: str | None = None,
        start_timecode: str | None = None,
        charset: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Read a cue sheet.

        Args:
            sheet: A MIDI, CSV or TSV file; ``SHEET.toml`` beside it is read too.
            output: The folder for the finished files; only ``render`` needs it.
            store: The folder of the clip store; by default the user's own.
            settings: The user's settings; by default none.
            frame_rate: Video frames a second, such as ``29.97df``, whatever the sheet tells.
            start_timecode: The timecode of the sheet's start, whatever the sheet tells.
            charset: The character set of the sheet's texts.
            clock: Tells seconds, for the journal and for events.

        Raises:
            CueSheetError: where the sheet can't be read or has no cue.
            SettingsError: where ``SHEET.toml`` is wrong.
            ValueError: for an unknown frame rate.
        """
        path = Path(sheet)
        read = cuesheets.read(
            path,
            frame_rate=FrameRate.named(frame_rate) if frame_rate else None,
            start_timecode=start_timecode,
            charset=charset,
            settings=settings,
        )
        return cls(
            path,
            read,
            Path(output) if output is not None else None,
            store_root(settings, Path(store) if store is not None else None),
            settings,
            clock,
        )

    @property
    def verdicts(self) -> Verdicts:
        """What a listener kept, locked or rejected: ``SHEET.takes.toml`` beside the sheet."""
        return takes_file.load(takes_file.beside(self.path))

    def plan(
        self,
        *,
        preset: str | None = None,
        backend: str | None = None,
        takes: int | None = None,
        seed: int | None = None,
        sample_rate: int | None = None,
        bit_depth: BitDepth | None = None,
        file_format: str | None = None,
        audio_prompt: Path | str | None = None,
        melody: Path | str | None = None,
        negative_prompt: str | None = None,
        model: str | None = None,
        precision: str | None = None,
        device: str | None = None,
        batch: int | None = None,
        soundfont: Path | str | None = None,
        only: Sequence[str] = (),
    ) -> Plan:
        """Plan every cue: free, instant, nothing is made.

        What is said here rules over presets, not over a cue's own text; ``preset`` is for cues
        that name none. ``only`` names the cues that a render may work on, by id or name.
        ``audio_prompt`` and ``melody`` are sound files to be continued and to be followed, by
        generators that can; ``negative_prompt`` is what not to make. ``model``, ``precision``,
        ``device`` and ``batch`` (clips at once) are for those that have several. With the SoundFont
        ``soundfont`` the built-in composer's scores are played.

        Raises:
            AudioError: where a sound file or SoundFont can't be read, or is none.
            BackendError: where a generator lacks the model.
            PlanError: where cue and preset together ask for something impossible.
            PresetError: where a preset is missing or wrong.
            SettingsError: where ``SHEET.toml`` or the settings ask for what isn't there.
            UsageError: for a backend or a cue that isn't there.
        """
        flags = PlanOptions(
            preset=preset,
            backend=backend,
            takes=takes,
            seed=seed,
            sample_rate=sample_rate,
            bit_depth=bit_depth,
            file_format=file_format,
            audio_prompt=_absolute(audio_prompt),
            melody=_absolute(melody),
            negative_prompt=negative_prompt,
            model=model,
            precision=precision,
            device=device,
            batch=batch,
            soundfont=_absolute(soundfont),
        )
        try:
            plan = make_plan(
                self.sheet,
                presets=self.presets,
                generators=partial(generator, folder=self.path.parent),
                flags=flags,
                settings=PlanOptions.from_settings(self._settings),
                verdicts=self.verdicts,
                digests=partial(digest_of, folder=self.path.parent),
                only=only,
            )
        except (PlanError, PresetError) as error:
            if error.path is None and error.place is not None:  # a place in the sheet
                raise type(error)(error.reason, path=self.path, place=error.place) from None
            raise
        return replace(plan, warnings=(*plan.warnings, *self._lost_takes(plan)))

    def _lost_takes(self, plan: Plan) -> Iterator[SheetWarning]:
        """Yield a warning for each kept take whose clips are not in the store."""
        for cue in plan.chosen:
            for take in cue.takes:
                if take.fixed and any(self.store.get(clip.key) is None for clip in take.clips):
                    yield SheetWarning(
                        cue.cue.place,
                        f"take {take.take} of {cue.cue.name!r} is kept, but its clips are not in "
                        f"the store {self.store.root}, and kept takes are never generated again",
                    )

    def rows(self, plan: Plan) -> list[PlanRow]:
        """Return the plan as one row a cue: what is in the store, what is new, and its price.

        The price goes by what clips of this store have cost. What was sent before and is not
        settled is not new.

        Raises:
            StoreError: where the store can't be read.
        """
        from musicgen_daw.execution.quotes import quoting  # slow to import, and only for prices
        from musicgen_daw.execution.sent import is_open

        generators = {cue.backend: cue.capabilities for cue in plan.chosen}
        is_paid = any(capabilities.paid for capabilities in generators.values())
        path = journal_path(self.store.root)
        journal = Journal.open_existing(path, self._clock) if is_paid else None
        with journal or nullcontext():
            quote = quoting(generators, journal.prices if journal else lambda *_: ())
            return plan_rows(
                plan,
                lambda key: self.store.get(key) is not None,
                lambda _cue, request: quote(request),
                lambda cue, key: journal is not None and is_open(journal, key, cue.capabilities),
            )

    def explain(self, plan: Plan) -> dict[str, Mapping[str, str]]:
        """Return what the words of each cue are understood as, by the id of the cue; free.

        A generator that needs a key and has none understands nothing yet.
        """
        load = opener(plan, self.path.parent, self.store)
        with ExitStack() as stack:
            backends: dict[str, Backend] = {}
            for name in dict.fromkeys(cue.backend for cue in plan.chosen):
                with suppress(Credentials):
                    backends[name] = stack.enter_context(load(name))
            return {cue.cue.id: _understood(cue, backends.get(cue.backend)) for cue in plan.chosen}

    def render(
        self,
        plan: Plan,
        observer: Observer = ignore,
        *,
        budget_usd: Decimal | None = None,
        tries: int = 2,
        to: Sequence[str] = (),
        signing: Signing | None = None,
    ) -> Iterator[RenderedStem]:
        """Make what is missing, and yield the stems of each take as soon as they are finished.

        Session, marker and manifest files follow the last stem. Running it again makes and writes
        only what is not right yet; closing the iterator early keeps what is finished.

        Args:
            plan: What to make, from ``plan``.
            observer: Is told what goes on, from several threads but one event at a time.
            budget_usd: What this run may spend, in US dollars; by default as much as it costs. No
                call is begun that could pass it.
            tries: How often a clip is made that comes silent or ends early, each time with another
                seed; the best one is used.
            to: The names of the hand-offs to write, such as ``reaper``; by default those that the
                folder holds, else manifest, markers, MIDI and REAPER's. The manifest is always
                written.
            signing: Who signs the stems with Content Credentials (experimental).

        Raises:
            UsageError: for a hand-off that is unknown.
            FolderBusy: where another run holds the output folder.
            OutputError: where the folder can't be written, or was made from another sheet; both
                are looked at before any work.
            StoreError: where the store can't be read or written.
            BudgetExceeded: at the end, where the budget or the account stopped something.
            Credentials: at the end, where a generator's key is missing or refused.
            BackendError: at the end, where the generators made nothing at all.
            RenderIncomplete: at the end, where other takes failed. In all these cases the rest
                is finished.
            ExportError: at the end, where a hand-off can't hold the session at all; the others
                are written.
        """
        from musicgen_daw.project.checking import check_mastering  # slow, and only for sound
        from musicgen_daw.project.exporting import names_to_hand_over
        from musicgen_daw.project.rendering import RenderRun

        output = self._output()
        exports = names_to_hand_over(output, to)
        if signing is not None:
            signing.check_format(plan.output.file_format)
        check_mastering(plan.chosen)
        with OutputFolder.open(output, observer) as folder:
            folder.remember_sheet(self.path)
            run = RenderRun(
                plan,
                self.store,
                folder,
                self.verdicts,
                observer,
                self._clock,
                opener(plan, self.path.parent, self.store),
                budget_usd=budget_usd,
                tries=tries,
                exports=exports,
                signing=signing,
            )
            yield from run.stems()

    def export(self, to: Sequence[str] = (), observer: Observer = ignore) -> list[Path]:
        """Write hand-offs of what the output folder holds, again or new; nothing is generated.

        Args:
            to: The names of the hand-offs, such as ``reaper``; by default those that the folder
                has already.
            observer: Is told of the files that are written.

        Returns:
            The paths of their files.

        Raises:
            UsageError: for a hand-off that is unknown.
            FolderBusy: where another run holds the output folder.
            OutputError: where nothing was rendered there, a stem is missing, or a file can't be
                written.
            ExportError: where a hand-off can't hold the session at all; the others are written.
        """
        from musicgen_daw.project.exporting import export_again

        return export_again(self._output(), self.store, to, observer)

    def verify(self) -> Iterator[Fault]:
        """Yield every fault of the output folder and of the clips that it was made from.

        Raises:
            OutputError: where nothing was rendered there.
        """
        from musicgen_daw.project.verification import verify  # slow to import, and only for sound

        return verify(self._output(), self.store)

    def takes(self) -> list[ListedTake]:
        """Return the takes in the output folder with their verdicts, in the order of the sheet.

        Raises:
            OutputError: where nothing was rendered there.
        """
        return listening.list_takes(self._output())

    def judge(self, cue: str, take: int, verdict: Verdict) -> None:
        """Keep, lock or reject a take of a cue; the next plan goes by it.

        Raises:
            OutputError: where nothing was rendered there.
            UsageError: where there is no such take, or it is locked and the verdict is another.
        """
        listening.judge(self._output(), cue, take, verdict)

    def _output(self) -> Path:
        if self.output is None:
            raise OutputError("nothing says where the music goes: name an output folder")
        return self.output


def _absolute(path: Path | str | None) -> str | None:
    """Return a path that was typed here, as those of a sheet count from the sheet."""
    return None if path is None else str(in_home(path).absolute())


def _understood(cue: PlannedCue, backend: Backend | None) -> dict[str, str]:
    """Return what the words of a cue are understood as, as far as its generator tells."""
    request = next(cue.clips).request
    words = dict(backend.explain(request)) if backend and request else {}
    if cue.continues is not None:
        words["goes on from"] = cue.continues
    if cue.negative and not cue.capabilities.obeys_negative:
        words["negative"] = "not used, as this generator can't be told what not to make"
    return words
