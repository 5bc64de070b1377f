"""Everything that decides the files of one take, as one value: a file is right while it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction

from musicgen_daw.export.stems import Provenance, hit_markers
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.mastering import MIX
from musicgen_daw.planning import Output, PlannedCue, PlannedTake
from musicgen_daw.presets import Master, StemMix
from musicgen_daw.presets.schema import master_files
from musicgen_daw.project.environment import content_digest
from musicgen_daw.store.records import StoredClip
from musicgen_daw.timeline import Span, TempoMap

__all__ = ["Recipe", "RecipeClip", "recipe_of"]

BUILD_VERSION = 4
"""Raised when the same recipe gives other files, so that all are made again."""


@dataclass(frozen=True, slots=True)
class RecipeClip:
    """One clip of a take, its place in it, and the sounds that it is made of.

    ``is_loose`` says that its generator followed no tempo, so that it may be fitted to one.
    """

    layer: str
    start_s: Fraction
    key: str
    blobs: tuple[str, ...]
    is_loose: bool


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes into the files of one take; nothing else may.

    ``span`` is the cue's place in the session, without the tail. ``stems`` are the names of the
    files, the mix last. What a clip says of itself (its words, generator, licence, tempo) is told
    of it, also where a kept take no longer is what the sheet asks for. ``sheet_gain_db`` is the
    gain that all cues of the sheet get, where they are levelled together. ``tempo_is_told``: the
    tempo is not the generator's own choice. ``signed_by`` stands for who signs the files.
    """

    project: str
    cue: str
    take: int
    seed: int
    span: Span
    tail_samples: int
    clips: tuple[RecipeClip, ...]
    stems: tuple[str, ...]
    stem_mix: Mapping[str, StemMix]
    master: Master
    rings_out: bool
    output: Output
    provenance: Provenance
    tempo_map: TempoMap | None
    tempo_is_told: bool
    markers: tuple[Marker, ...]
    sheet_gain_db: float | None = None
    signed_by: str = ""

    def digest(self) -> str:
        """Return the sha256 hex digest of everything in the recipe."""
        values = {
            **asdict(self),
            "tempo_map": repr(self.tempo_map),
            "plugins": [content_digest(path) for path in master_files(self.master)],
            "version": BUILD_VERSION,
        }
        if not self.signed_by:  # as before anybody signed
            del values["signed_by"]
        text = json.dumps(values, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def recipe_of(
    cue: PlannedCue,
    take: PlannedTake,
    clips: Sequence[StoredClip],
    output: Output,
    *,
    project: str,
) -> Recipe:
    """Return the recipe of a take whose clips are stored, in the order of ``take.clips``."""
    span = Span.between(cue.cue.start_s, cue.cue.end_s, output.sample_rate)
    tail_samples = _tail_samples(cue, output)
    length_samples = span.length_samples + tail_samples
    return Recipe(
        project=project,
        cue=cue.cue.name,
        take=take.take,
        seed=take.seed,
        span=span,
        tail_samples=tail_samples,
        clips=tuple(
            RecipeClip(
                planned.layer,
                planned.start_s,
                stored.key,
                tuple(stem.blob.sha256 for stem in stored.stems),
                _is_loose(cue, stored),
            )
            for planned, stored in zip(take.clips, clips, strict=True)
        ),
        stems=tuple(_stem_names(cue, take, clips)),
        stem_mix=cue.preset.stems,
        master=cue.master,
        rings_out=all(clip.rings_out for clip in clips),
        output=output,
        provenance=Provenance.of(
            (clip.request for clip in clips), take.seed, (clip.licence for clip in clips)
        ),
        tempo_map=_tempo_map(cue, clips),
        tempo_is_told=cue.tempo_map is not None,
        markers=hit_markers(cue.cue.hits, cue.cue.start_s, length_samples, output.sample_rate),
    )


def _is_loose(cue: PlannedCue, clip: StoredClip) -> bool:
    """Tell whether a clip follows no tempo; one that was kept may be of another generator."""
    request = json.loads(clip.request)
    if request["tempo_map"] is not None or clip.score_json is not None:
        return False
    return request["backend"] != cue.backend or not cue.capabilities.obeys_tempo


def _tail_samples(cue: PlannedCue, output: Output) -> int:
    """Return how many samples the files go on after the cue; a loop has its tail in its head."""
    if cue.master.end == "loop":
        return 0
    end_s = cue.cue.end_s
    return Span.between(end_s, end_s + cue.tail_s, output.sample_rate).length_samples


def _stem_names(cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]) -> list[str]:
    """Return the stems of a take that are heard, the mix last."""
    names: dict[str, None] = {}
    for planned, stored in zip(take.clips, clips, strict=True):
        own = [stem.name for stem in stored.stems]
        names.update(dict.fromkeys([planned.layer] if planned.layer else own))
    muted = {name for name, mix in cue.preset.stems.items() if mix.mute}
    return [*(name for name in names if name not in muted and name != MIX), MIX]


def _tempo_map(cue: PlannedCue, clips: Sequence[StoredClip]) -> TempoMap | None:
    """Return the tempo that a take really has: that of its notes, else the cue's."""
    score = clips[0].score if len(clips) == 1 else None
    return score.tempo_map if score else cue.tempo_map
