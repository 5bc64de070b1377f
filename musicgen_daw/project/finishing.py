"""From stored clips to finished files: assemble, master, tag, encode."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from musicgen_daw.audio import Levels, Pcm
from musicgen_daw.audio.codecs import encode
from musicgen_daw.errors import AudioError
from musicgen_daw.export.stems import StemTags, stem_chunks
from musicgen_daw.export.wav import wav
from musicgen_daw.mastering import MIX, MasteredCue, master_cue
from musicgen_daw.mastering.assembly import Piece, assemble
from musicgen_daw.project.recipe import Recipe
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.records import StoredClip

__all__ = ["FinishedStem", "finish"]

SHORTEST_LOOP_SAMPLES = 2
"""A sampler's loop has a first and a last sample."""


@dataclass(frozen=True, slots=True, eq=False)
class FinishedStem:
    """A stem that only has to be written: ``write`` takes a binary file open for writing."""

    name: str
    channels: int
    levels: Levels
    write: Callable[[BinaryIO], None]


def finish(
    recipe: Recipe, clips: Sequence[StoredClip], store: ClipStore
) -> tuple[MasteredCue, list[FinishedStem]]:
    """Master one take and return its stems, the mix last.

    Raises:
        AudioError: where a clip can't be processed, or is too short to loop.
        StoreError: where a clip can't be read.
    """
    if recipe.master.end == "loop" and recipe.span.length_samples < SHORTEST_LOOP_SAMPLES:
        raise AudioError(f"cue {recipe.cue!r} is too short to loop: give it a length")
    mastered = _master(recipe, clips, store)
    sounds = {**mastered.stems, MIX: mastered.mix}
    return mastered, [
        FinishedStem(
            name, pcm.channels, mastered.levels[name], _writer(recipe, mastered, name, pcm)
        )
        for name, pcm in sounds.items()
    ]


def _master(recipe: Recipe, clips: Sequence[StoredClip], store: ClipStore) -> MasteredCue:
    pieces = [
        Piece(clip.layer, clip.start_s, _asked_s(stored), store.load(stored))
        for clip, stored in zip(recipe.clips, clips, strict=True)
    ]
    return master_cue(
        assemble(pieces),
        recipe.master,
        sample_rate=recipe.output.sample_rate,
        bit_depth=recipe.output.bit_depth,
        length_samples=recipe.span.length_samples,
        tail_samples=recipe.tail_samples,
        stem_mix=recipe.stem_mix,
        rings_out=recipe.rings_out,
        dither_seed=recipe.seed,
    )


def _asked_s(clip: StoredClip) -> Fraction:
    """Return the length with tail that a clip was asked for, which it tells itself."""
    request = json.loads(clip.request)
    return Fraction(request["length_s"]) + Fraction(request["tail_s"])


def _writer(
    recipe: Recipe, mastered: MasteredCue, name: str, pcm: Pcm
) -> Callable[[BinaryIO], None]:
    tags = StemTags(
        project=recipe.project,
        cue=recipe.cue,
        stem=name,
        take=recipe.take,
        start_samples=recipe.span.start_samples,
        start_timecode=recipe.output.start_timecode,
        provenance=recipe.provenance,
        frame_rate=recipe.output.picture_rate,
        levels=mastered.levels[name],
        loop=mastered.loop,
        tempo_map=recipe.tempo_map,
        markers=recipe.markers,
    )

    def write(file: BinaryIO) -> None:
        if recipe.output.file_format == "wav":
            wav.write(file, pcm, stem_chunks(tags, pcm))
        else:
            encode(pcm, recipe.output.file_format, file)

    return write
