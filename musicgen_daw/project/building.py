"""The output folder as a build: only what is not right yet is mastered and written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from musicgen_daw.events import Observer, TakeFinished, Warned
from musicgen_daw.export.content_credentials import claim
from musicgen_daw.export.names import distinct_names, safe_name, stem_path
from musicgen_daw.mastering import MIX
from musicgen_daw.planning import Plan, PlannedCue, PlannedTake, Verdicts
from musicgen_daw.project.facts import StemFacts
from musicgen_daw.project.finishing import FinishedStem, finish
from musicgen_daw.project.recipe import Recipe, recipe_of
from musicgen_daw.project.session_record import read_score, verdict_words
from musicgen_daw.project.sheet_level import SheetLevel
from musicgen_daw.session import PlacedClip, PlacedCue, PlacedStem
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.output import OutputFolder, OutputRecord
from musicgen_daw.store.records import StoredClip
from musicgen_daw.timeline import Span

if TYPE_CHECKING:
    from musicgen_daw.project.signing import Signing

__all__ = ["Builder"]


@dataclass(frozen=True, slots=True)
class _Made:
    """A stem that is in the folder: its file, and what is known of it."""

    record: OutputRecord
    facts: StemFacts


class Builder:
    """Turns takes whose clips are stored into finished files of one output folder."""

    def __init__(
        self,
        plan: Plan,
        store: ClipStore,
        folder: OutputFolder,
        verdicts: Verdicts,
        observer: Observer,
        clock: Callable[[], float],
        signing: Signing | None = None,
    ) -> None:
        self._signing = signing
        self._plan = plan
        self._store = store
        self._folder = folder
        self._observer = observer
        self._clock = clock
        self._sheet_level = SheetLevel({})
        ids = [cue.id for cue in plan.sheet.cues]
        self._leaves = dict(
            zip(ids, distinct_names(cue.name for cue in plan.sheet.cues), strict=True)
        )
        self._verdicts = verdict_words(verdicts)

    def level_sheet(
        self, takes: Iterable[tuple[PlannedCue, PlannedTake, Sequence[StoredClip]]]
    ) -> None:
        """Find the level of takes that are levelled together, before any of them is built."""
        recipes = ((self._recipe(cue, take, clips), clips) for cue, take, clips in takes)
        self._sheet_level = SheetLevel.heard(recipes, self._store, self._observer)

    def build(self, cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]) -> PlacedCue:
        """Make the files of a take, or find them right, and return the take in its place.

        Raises:
            AudioError: where a clip can't be processed.
            StoreError: where a clip can't be read.
            OutputError: where a file can't be written.
        """
        began_s = self._clock()
        recipe = self._recipe(cue, take, clips)
        found = self._find(cue, recipe)
        made = found or self._make(cue, recipe, clips)
        written = 0 if found else len(made)
        elapsed_s = self._clock() - began_s
        self._observer(TakeFinished(cue.cue.id, take.take, len(made), written, elapsed_s))
        return self._placed(cue, recipe, clips, made)

    def find(
        self, cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]
    ) -> PlacedCue | None:
        """Return the take in its place if all its files are right already."""
        recipe = self._recipe(cue, take, clips)
        made = self._find(cue, recipe)
        return self._placed(cue, recipe, clips, made) if made else None

    def has_files(self, cue: PlannedCue) -> bool:
        """Tell whether the folder holds files of a cue, right or not."""
        mix = stem_path(self._leaves[cue.cue.id], MIX, 1)
        return self._folder.has_files_in(str(PurePosixPath(mix).parent))

    def _recipe(self, cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]) -> Recipe:
        recipe = recipe_of(cue, take, clips, self._plan.output, project=self._plan.sheet.title)
        signed_by = self._signing.fingerprint if self._signing else ""
        gain_db = self._sheet_level.gain_db(recipe)
        return replace(recipe, sheet_gain_db=gain_db, signed_by=signed_by)

    def _find(self, cue: PlannedCue, recipe: Recipe) -> dict[str, _Made] | None:
        digest = recipe.digest()
        made = {}
        for stem, path in self._paths(cue, recipe).items():
            record = self._folder.is_right(path, digest)
            facts = StemFacts.parse(record.facts) if record else None
            if record is None or facts is None:
                return None
            made[stem] = _Made(record, facts)
        return made

    def _make(
        self, cue: PlannedCue, recipe: Recipe, clips: Sequence[StoredClip]
    ) -> dict[str, _Made]:
        mastered, stems = finish(recipe, clips, self._store)
        for warning in mastered.warnings:
            self._observer(Warned(f"{recipe.cue}, take {recipe.take}", warning))
        digest, paths = recipe.digest(), self._paths(cue, recipe)
        made = {}
        for stem in stems:
            facts = StemFacts.of(mastered, stem.channels, stem.levels)
            write = self._signed(cue, recipe, clips, stem)
            record = self._folder.write(paths[stem.name], digest, write, facts.as_json())
            made[stem.name] = _Made(record, facts)
        return made

    def _signed(
        self, cue: PlannedCue, recipe: Recipe, clips: Sequence[StoredClip], stem: FinishedStem
    ) -> Callable[[BinaryIO], None]:
        """Return what writes a stem, signed where files are signed."""
        if self._signing is None:
            return stem.write
        manifest = claim(
            f"{recipe.cue} - {stem.name}",
            recipe.provenance,
            is_trained=_is_trained(cue, clips),
            tells_prompt=self._signing.tells_prompt,
        )
        return self._signing.around(stem.write, manifest, recipe.output.file_format)

    def _paths(self, cue: PlannedCue, recipe: Recipe) -> dict[str, str]:
        """Return the path of each stem in the folder."""
        folder, suffix = self._leaves[cue.cue.id], f".{recipe.output.file_format}"
        leaves = distinct_names(map(safe_name, recipe.stems))
        return {
            stem: stem_path(folder, leaf, recipe.take, suffix)
            for stem, leaf in zip(recipe.stems, leaves, strict=True)
        }

    def _placed(
        self,
        cue: PlannedCue,
        recipe: Recipe,
        clips: Sequence[StoredClip],
        made: Mapping[str, _Made],
    ) -> PlacedCue:
        facts, span = made[MIX].facts, recipe.span
        return PlacedCue(
            id=cue.cue.id,
            name=cue.cue.name,
            take=recipe.take,
            span=Span(span.start_samples, span.end_samples + recipe.tail_samples),
            tail_samples=recipe.tail_samples,
            stems=tuple(_stems(recipe, clips, made)),
            hits=cue.cue.hits,
            loop_samples=facts.loop,
            read_score=partial(read_score, self._store, tuple(clip.key for clip in clips)),
            tempo_map=recipe.tempo_map,
            preset=cue.preset.name,
            prompt=recipe.provenance.prompt,
            seed=recipe.seed,
            backend=recipe.provenance.generator,
            licence=recipe.provenance.licence,
            clips=tuple(
                PlacedClip(clip.layer, clip.start_s, stored.key, stored.request, stored.facts)
                for clip, stored in zip(recipe.clips, clips, strict=True)
            ),
            asked={"lufs": recipe.master.lufs, "ceiling_dbtp": recipe.master.ceiling_dbtp},
            facts={
                "gain_db": f"{facts.gain_db:.3f}",
                "normalised": recipe.master.normalise,
                "reduction_db": f"{facts.reduction_db:.3f}",
                **facts.told,
                **{f"warning {n}": text for n, text in enumerate(facts.warnings, 1)},
                **dict(_remarks(clips)),
            },
            understood=clips[0].understood,
            ignored=clips[0].ignored,
            verdict=self._verdicts.get((cue.cue.id, recipe.take)),
        )


def _is_trained(cue: PlannedCue, clips: Sequence[StoredClip]) -> bool:
    """Tell whether any clip is of a trained generator; a kept one may be of one unknown here."""
    backends = {json.loads(clip.request)["backend"] for clip in clips}
    return cue.capabilities.is_trained or backends != {cue.backend}


def _remarks(clips: Sequence[StoredClip]) -> Iterator[tuple[str, str]]:
    """Yield what is to be known of clips that are, or at first were, not right, by their place."""
    for number, clip in enumerate(clips, 1):
        remarks = []
        if trial := clip.trial:
            tried = f"the best of {trial.tries} tries, " if trial.tries > 1 else ""
            remarks += [f"{tried}made with seed {trial.seed}", " and ".join(trial.flaws)]
        remarks.append(clip.facts.get("flaws", ""))
        if any(remarks):
            yield f"clip {number}", ", ".join(filter(None, remarks))


def _entrances(recipe: Recipe, clips: Sequence[StoredClip]) -> dict[str, float]:
    """Return the intensity from which on each stem plays; a layer is a stem of all its players."""
    found: dict[str, float] = {}
    for clip, stored in zip(recipe.clips, clips, strict=True):
        for own, enters in stored.entrances.items():
            stem = clip.layer or own
            found[stem] = min(enters, found.get(stem, enters))
    return found


def _stems(
    recipe: Recipe, clips: Sequence[StoredClip], made: Mapping[str, _Made]
) -> Iterator[PlacedStem]:
    lufs, entrances = recipe.master.lufs, _entrances(recipe, clips)
    for name, stem in made.items():
        is_mix = name == MIX
        is_asked = is_mix == (recipe.master.normalise != "stem" or len(made) == 1)
        yield PlacedStem(
            name=name,
            path=stem.record.path,
            sha256=stem.record.sha256,
            channels=stem.facts.channels,
            integrated_lufs=stem.facts.integrated_lufs,
            true_peak_dbtp=stem.facts.true_peak_dbtp,
            # All cues of a sheet together have the loudness that is asked, none of them alone.
            asked_lufs=None if recipe.sheet_gain_db is not None or not is_asked else lufs,
            asked_ceiling_dbtp=recipe.master.ceiling_dbtp if is_mix else None,
            enters=None if is_mix else entrances.get(name),
        )
