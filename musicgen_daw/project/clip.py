"""One clip without a sheet: a prompt goes in, a mastered file comes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path

from musicgen_daw.backends.base import Streaming
from musicgen_daw.errors import OutputError, UsageError
from musicgen_daw.events import Observer, Warned, ignore
from musicgen_daw.execution import Budget, FailedTake, generate, quoting
from musicgen_daw.export.wav import streamed
from musicgen_daw.planning import Plan, PlanOptions, make_plan
from musicgen_daw.planning.options import resolve_output
from musicgen_daw.presets import PresetLibrary
from musicgen_daw.project.checking import check_mastering
from musicgen_daw.project.environment import journal_path, store_root
from musicgen_daw.project.finishing import finish
from musicgen_daw.project.generators import generator, opener
from musicgen_daw.project.guides import digest_of
from musicgen_daw.project.recipe import recipe_of
from musicgen_daw.project.rendered import RenderedStem
from musicgen_daw.settings import FILE_FORMATS, Settings
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Journal
from musicgen_daw.store.single import refuse_existing, refuse_unwritable, write_single
from musicgen_daw.timeline import Cue, CueSettings, CueSheet, to_samples

__all__ = ["make_clip", "stream_clip"]

MAX_CLIP_S = 24 * 3600


def make_clip(
    prompt: str,
    seconds: Fraction,
    path: Path,
    *,
    flags: PlanOptions = PlanOptions(),
    settings: Settings = Settings(),
    store: Path | None = None,
    observer: Observer = ignore,
    clock: Callable[[], float] = time.time,
    budget_usd: Decimal | None = None,
    tries: int = 2,
) -> RenderedStem:
    """Make one clip and write its mix to ``path``, whose suffix tells the format.

    An existing file is never replaced. A clip that is in the store is not made again, unless it
    has a grave flaw and was not yet made ``tries`` times. ``budget_usd`` caps what it may cost,
    in US dollars.

    Raises:
        OutputError: where the file is there already or can't be written; looked at before any
            work.
        UsageError: for an empty prompt, a suffix that is no format, or a length below a sample or
            above a day.
        PlanError: for a rate or bit depth that the format can't hold.
        BudgetExceeded: where the clip could cost more than the budget or the account allows.
        BackendError: where the generator fails.
    """
    _refuse(prompt, path, seconds)
    plan = _plan(prompt, seconds, path, flags, settings)
    _warn(plan, observer)
    (cue,) = plan.cues
    (take,) = cue.takes[:1]
    check_mastering(plan.cues)
    clips = ClipStore(store_root(settings, store))
    with Journal(journal_path(clips.root), clock) as journal:
        outcomes = generate(
            [(cue, take)],
            opener(plan, Path(), clips),
            clips,
            journal,
            observer,
            clock=clock,
            budget=Budget(budget_usd, quoting({cue.backend: cue.capabilities}, journal.prices)),
            folder=str(path.resolve().parent),
            tries=tries,
        )
        with closing(outcomes):
            outcome = next(outcomes)
    if isinstance(outcome, FailedTake):
        raise outcome.errors[0]
    recipe = recipe_of(cue, take, outcome.clips, plan.output, project=path.stem)
    mastered, stems = finish(recipe, outcome.clips, clips)
    for warning in mastered.warnings:
        observer(Warned(path.name, warning))
    mix = stems[-1]
    write_single(path, mix.write)
    loudness, peak = mix.levels.integrated_lufs, mix.levels.true_peak_dbtp
    return RenderedStem("clip", take.take, mix.name, path, loudness, peak)


def stream_clip(
    prompt: str,
    seconds: Fraction,
    *,
    flags: PlanOptions = PlanOptions(),
    settings: Settings = Settings(),
    store: Path | None = None,
    observer: Observer = ignore,
) -> Iterator[bytes]:
    """Yield a WAV of 32-bit floats while the clip is made, at the generator's own rate.

    It is neither mastered nor kept in the store.

    Raises:
        UsageError: for an empty prompt, a length below a sample or above a day, or a generator
            that does not stream.
        BackendError: where the generator fails.
    """
    _refuse_words(prompt, seconds)
    plan = _plan(prompt, seconds, Path("clip.wav"), flags, settings)
    _warn(plan, observer)
    (cue,) = plan.cues
    request = next(cue.clips).request
    generator: object = opener(plan, Path(), ClipStore(store_root(settings, store)))(cue.backend)
    if request is None or not isinstance(generator, Streaming):
        raise UsageError(f"{cue.backend!r} gives no sound while it works: leave out --stream")
    is_first = True
    with closing(generator.stream(request)) as blocks:
        for block in blocks:
            if is_first:
                yield streamed.head(block, to_samples(request.length_s, block.sample_rate))
                is_first = False
            yield streamed.body(block)


def _warn(plan: Plan, observer: Observer) -> None:
    for warning in plan.warnings:
        observer(Warned("the clip", str(warning)))


def _refuse(prompt: str, path: Path, seconds: Fraction) -> None:
    _refuse_words(prompt, seconds)
    if path.suffix.removeprefix(".").lower() not in FILE_FORMATS:
        known = ", ".join(f".{name}" for name in FILE_FORMATS)
        raise UsageError(f"{path}: the name must end in one of {known}")
    refuse_existing(path)
    if not path.parent.is_dir():
        raise OutputError("its folder does not exist: make it first", path=path)
    refuse_unwritable(path)


def _refuse_words(prompt: str, seconds: Fraction) -> None:
    if not prompt.strip():
        raise UsageError("the prompt is empty: say what the clip should sound like")
    if not 0 < seconds <= MAX_CLIP_S:
        raise UsageError(
            f"a clip lasts more than nothing and at most a day, not {float(seconds):g} s: "
            "use --seconds 10"
        )


def _plan(
    prompt: str, seconds: Fraction, path: Path, flags: PlanOptions, settings: Settings
) -> Plan:
    cue = Cue("clip", path.stem, Fraction(0), seconds, CueSettings(prompt=prompt))
    sheet = CueSheet(path.stem, (cue,), is_list=True)
    flags = replace(flags, file_format=path.suffix.removeprefix(".").lower())
    preferred = PlanOptions.from_settings(settings)
    sample_rate = resolve_output(sheet, flags, preferred).sample_rate
    if to_samples(seconds, sample_rate) < 1:
        raise UsageError(f"{float(seconds):g} s is shorter than one sample at {sample_rate} Hz")
    return make_plan(
        sheet,
        presets=PresetLibrary(user=settings.presets),
        generators=partial(generator, folder=Path()),
        flags=flags,
        settings=preferred,
        digests=partial(digest_of, folder=Path()),
    )
