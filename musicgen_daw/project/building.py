"""The output folder as a build: only what is not right yet is mastered and written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import PurePosixPath

from musicgen_daw.events import Observer, TakeFinished, Warned
from musicgen_daw.export.names import distinct_names, safe_name, stem_path
from musicgen_daw.planning import Plan, PlannedCue, PlannedTake, Verdicts
from musicgen_daw.project.facts import StemFacts
from musicgen_daw.project.finishing import (
    finish,
    span_of,
    stem_names,
    tail_samples_of,
    tempo_map_of,
)
from musicgen_daw.session import PlacedClip, PlacedCue, PlacedStem
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.output import OutputFolder, OutputRecord
from musicgen_daw.store.records import StoredClip
from musicgen_daw.timeline import Score, Span

__all__ = ["Builder"]

BUILD_VERSION = 1
"""Raised when the same clips and settings give other files, so that all are made again."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A stem that is in the folder: its file, and what is known of it."""

    record: OutputRecord
    facts: StemFacts


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of one take: paths by stem, and what went into all of them."""

    paths: Mapping[str, str]
    recipe: str


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
    ) -> None:
        self._plan = plan
        self._store = store
        self._folder = folder
        self._observer = observer
        self._clock = clock
        ids = [cue.id for cue in plan.sheet.cues]
        self._leaves = dict(
            zip(ids, distinct_names(cue.name for cue in plan.sheet.cues), strict=True)
        )
        self._verdicts = {
            (cue, verdict.take): verdict.verdict
            for cue, takes in verdicts.items()
            for verdict in takes
        }

    def build(self, cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]) -> PlacedCue:
        """Make the files of a take, or find them right, and return the take in its place.

        Raises:
            AudioError: where a clip can't be processed.
            StoreError: where a clip can't be read.
            OutputError: where a file can't be written.
        """
        began_s = self._clock()
        found = self.find(cue, take, clips)
        placed = found or self._make(cue, take, clips)
        written = 0 if found else len(placed.stems)
        elapsed_s = self._clock() - began_s
        self._observer(TakeFinished(cue.cue.id, take.take, len(placed.stems), written, elapsed_s))
        return placed

    def find(
        self, cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]
    ) -> PlacedCue | None:
        """Return the take in its place if all its files are right already."""
        files = self._files(cue, take, clips)
        made = {}
        for stem, path in files.paths.items():
            record = self._folder.is_right(path, files.recipe)
            facts = StemFacts.parse(record.facts) if record else None
            if record is None or facts is None:
                return None
            made[stem] = _Made(record, facts)
        return self._placed(cue, take, clips, made)

    def has_files(self, cue: PlannedCue) -> bool:
        """Tell whether the folder holds files of a cue, right or not."""
        mix = stem_path(self._leaves[cue.cue.id], "mix", 1, 1)
        return self._folder.has_files_in(str(PurePosixPath(mix).parent))

    def _make(self, cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]) -> PlacedCue:
        files = self._files(cue, take, clips)
        mastered, stems = finish(
            cue, take, clips, self._store, self._plan.output, project=self._plan.sheet.title
        )
        for warning in mastered.warnings:
            self._observer(Warned(f"{cue.cue.name}, take {take.take}", warning))
        made = {}
        for stem in stems:
            facts = StemFacts.of(mastered, stem.channels, stem.levels)
            record = self._folder.write(
                files.paths[stem.name], files.recipe, stem.write, facts.as_json()
            )
            made[stem.name] = _Made(record, facts)
        return self._placed(cue, take, clips, made)

    def _files(self, cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]) -> _Files:
        output = self._plan.output
        stems = stem_names(cue, take, clips)
        paths = {
            stem: stem_path(
                self._leaves[cue.cue.id],
                leaf,
                take.take,
                len(cue.takes),
                f".{output.file_format}",
            )
            for stem, leaf in zip(stems, distinct_names(map(safe_name, stems)), strict=True)
        }
        ingredients = {
            "version": BUILD_VERSION,
            "project": self._plan.sheet.title,
            "cue": [cue.cue.name, str(cue.cue.start_s), str(cue.cue.end_s), cue.prompt],
            "take": [take.take, take.seed],
            "hits": [[str(hit.at_s), hit.name] for hit in cue.cue.hits],
            "clips": [[clip.layer, str(clip.start_s), clip.key] for clip in take.clips],
            "blobs": [stem.blob.sha256 for clip in clips for stem in clip.stems],
            "tail": str(cue.tail_s),
            "master": asdict(cue.master),
            "stems": {name: asdict(mix) for name, mix in cue.preset.stems.items()},
            "output": asdict(output),
            "licence": cue.capabilities.licence,
        }
        text = json.dumps(ingredients, sort_keys=True, default=str)
        return _Files(paths, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())

    def _placed(
        self,
        cue: PlannedCue,
        take: PlannedTake,
        clips: Sequence[StoredClip],
        made: Mapping[str, _Made],
    ) -> PlacedCue:
        output = self._plan.output
        span, tail = span_of(cue, output), tail_samples_of(cue, output)
        facts = made["mix"].facts
        return PlacedCue(
            id=cue.cue.id,
            name=cue.cue.name,
            take=take.take,
            span=Span(span.start_samples, span.end_samples + tail),
            tail_samples=tail,
            stems=tuple(_stems(cue, made)),
            hits=cue.cue.hits,
            loop_samples=facts.loop,
            read_score=partial(self._read_score, tuple(clip.key for clip in take.clips)),
            tempo_map=tempo_map_of(cue, clips),
            preset=cue.preset.name,
            prompt=cue.prompt,
            seed=take.seed,
            backend=cue.backend,
            licence=cue.capabilities.licence,
            clips=tuple(
                PlacedClip(planned.layer, planned.start_s, stored.key, stored.request)
                for planned, stored in zip(take.clips, clips, strict=True)
            ),
            asked={"lufs": cue.master.lufs, "ceiling_dbtp": cue.master.ceiling_dbtp},
            facts={
                "gain_db": f"{facts.gain_db:.3f}",
                "reduction_db": f"{facts.reduction_db:.3f}",
                **{f"warning {n}": text for n, text in enumerate(facts.warnings, 1)},
            },
            understood=clips[0].understood,
            ignored=clips[0].ignored,
            verdict=self._verdicts.get((cue.cue.id, take.take)),
        )

    def _read_score(self, keys: tuple[str, ...]) -> Score | None:
        """Return the notes of a take that is one clip; segments and layers have none together."""
        clip = self._store.get(keys[0]) if len(keys) == 1 else None
        return clip.score if clip else None


def _stems(cue: PlannedCue, made: Mapping[str, _Made]) -> Iterator[PlacedStem]:
    for name, stem in made.items():
        is_mix = name == "mix"
        yield PlacedStem(
            name=name,
            path=stem.record.path,
            sha256=stem.record.sha256,
            channels=stem.facts.channels,
            integrated_lufs=stem.facts.integrated_lufs,
            true_peak_dbtp=stem.facts.true_peak_dbtp,
            asked_lufs=cue.master.lufs if is_mix else None,
            asked_ceiling_dbtp=cue.master.ceiling_dbtp if is_mix else None,
        )
