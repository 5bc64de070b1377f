"""From stored clips to finished files: assemble, master, tag, encode."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import BinaryIO

from musicgen_daw.audio import Audio, Levels, Pcm
from musicgen_daw.audio.codecs import encode
from musicgen_daw.errors import AudioError
from musicgen_daw.export.stems import StemTags, file_tags, stem_chunks
from musicgen_daw.export.tags import write_tags
from musicgen_daw.export.wav import wav
from musicgen_daw.mastering import MIX, MasteredCue, hear_cue, master_cue
from musicgen_daw.mastering.assembly import Piece, assemble
from musicgen_daw.mastering.fitting import Fitted, fit_clip
from musicgen_daw.mastering.master import Heard
from musicgen_daw.mastering.shaping import LOOP_CROSSFADE_MS, Shape
from musicgen_daw.presets.schema import Master
from musicgen_daw.project.recipe import Recipe, RecipeClip
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.records import StoredClip
from musicgen_daw.timeline import Span

__all__ = ["FinishedStem", "finish", "hear"]

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


def hear(recipe: Recipe, clips: Sequence[StoredClip], store: ClipStore) -> Heard:
    """Return how loud one take is before it is levelled.

    Raises:
        AudioError: where a clip can't be processed.
        StoreError: where a clip can't be read.
    """
    stems = _assembled(recipe, clips, store, facts={}, warnings=[])
    return hear_cue(stems, recipe.master, _shape(recipe), recipe.stem_mix)


def _master(recipe: Recipe, clips: Sequence[StoredClip], store: ClipStore) -> MasteredCue:
    facts: dict[str, str] = {}
    warnings: list[str] = []
    # What goes in is held by nobody else, so that it is gone as soon as it is shaped.
    mastered = master_cue(
        _assembled(recipe, clips, store, facts, warnings),
        recipe.master,
        _shape(recipe),
        bit_depth=recipe.output.bit_depth,
        stem_mix=recipe.stem_mix,
        sheet_gain_db=recipe.sheet_gain_db,
        dither_seed=recipe.seed,
    )
    if mastered.loop is not None:
        length, uneven = _loop_length(recipe, mastered.loop)
        facts["loop length"] = length
        warnings += uneven
    return replace(
        mastered,
        facts={**facts, **mastered.facts},
        warnings=(*warnings, *mastered.warnings),
    )


def _assembled(
    recipe: Recipe,
    clips: Sequence[StoredClip],
    store: ClipStore,
    facts: dict[str, str],
    warnings: list[str],
) -> dict[str, Audio]:
    """Return the stems of a take, its clips fitted; what is to be told of that is added."""
    pieces: list[Piece] = []
    last_start_s = max(clip.start_s for clip in recipe.clips)
    for number, (clip, stored) in enumerate(zip(recipe.clips, clips, strict=True), 1):
        is_last = clip.start_s == last_start_s
        used_s = _used_s(recipe, stored) if is_last else _length_s(stored)
        # What goes on in the next segment does not end.
        fits = recipe.master.fit != "bars" or is_last
        master = recipe.master if fits else replace(recipe.master, fit="trim")
        fitted = _fitted(recipe, clip, store.load(stored), master, used_s)
        length_s = _asked_s(stored) if is_last else used_s
        pieces.append(Piece(clip.layer, clip.start_s, length_s, fitted.stems))
        name = f"clip {number}" + (f" ({clip.layer})" if clip.layer else "")
        if fitted.done:
            facts[f"{name}, fit"] = "; ".join(fitted.done)
        warnings += [f"{name}: {warning}" for warning in fitted.warnings]
    return assemble(pieces)


def _loop_length(recipe: Recipe, loop: Span) -> tuple[str, tuple[str, ...]]:
    """Return a loop's length in bars and samples, and a warning where the bars are not whole."""
    samples = f"{loop.length_samples} samples"
    if recipe.tempo_map is None:
        return samples, ()
    sample_rate = recipe.output.sample_rate
    bars = recipe.tempo_map.bars_between(0, Fraction(loop.length_samples, sample_rate))
    # Bars are as long as their tempo says, to a fraction of a sample.
    one_bar_s = recipe.tempo_map.seconds_at(recipe.tempo_map.beats_after(0, 1))
    if abs(bars - round(bars)) * one_bar_s * sample_rate <= 1 and round(bars):
        return f"{round(bars)} {'bar' if round(bars) == 1 else 'bars'}, {samples}", ()
    told = f"{float(bars):.3f} bars, {samples}"
    if not recipe.tempo_is_told or bars < 1:  # nobody counted bars here
        return told, ()
    return told, (f"the loop is not whole bars but {float(bars):.3f}: give its length in bars",)


def _fitted(
    recipe: Recipe,
    clip: RecipeClip,
    stems: Mapping[str, Audio],
    master: Master,
    length_s: Fraction,
) -> Fitted:
    """Return the stems of a clip of which a length is used, fitted to the tempo if it may be."""
    if not clip.is_loose:
        return Fitted(stems)
    tempo_map = recipe.tempo_map
    if tempo_map is not None:
        tempo_map = tempo_map.window(clip.start_s, clip.start_s + length_s)
    return fit_clip(stems, master, tempo_map, length_s)


def _shape(recipe: Recipe) -> Shape:
    return Shape(
        recipe.output.sample_rate,
        recipe.span.length_samples,
        recipe.tail_samples,
        recipe.rings_out,
        recipe.tempo_map,
    )


def _asked_s(clip: StoredClip) -> Fraction:
    """Return the length with tail that a clip was asked for, which it tells itself."""
    request = json.loads(clip.request)
    return Fraction(request["length_s"]) + Fraction(request["tail_s"])


def _length_s(clip: StoredClip) -> Fraction:
    """Return the length without a tail that a clip was asked for."""
    return Fraction(json.loads(clip.request)["length_s"])


def _used_s(recipe: Recipe, clip: StoredClip) -> Fraction:
    """Return how much of the last clip is used: more may have been asked for, to be moved by.

    A loop uses what its head is blended with.
    """
    request = json.loads(clip.request)
    own_tail_s = Fraction(recipe.tail_samples, recipe.output.sample_rate)
    if recipe.master.end == "loop":
        return _length_s(clip) + Fraction(LOOP_CROSSFADE_MS) / 1000
    return _length_s(clip) + min(Fraction(request["tail_s"]), own_tail_s)


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
        tail_samples=recipe.tail_samples,
        tempo_map=recipe.tempo_map,
        markers=recipe.markers,
    )

    def write(file: BinaryIO) -> None:
        if recipe.output.file_format == "wav":
            wav.write(file, pcm, stem_chunks(tags, pcm))
        else:
            encode(pcm, recipe.output.file_format, file)
            write_tags(file, recipe.output.file_format, file_tags(tags, pcm))

    return write
