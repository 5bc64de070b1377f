"""From stored clips to finished files: assemble, master, tag, encode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from musicgen_daw.audio import Levels, Pcm
from musicgen_daw.audio.codecs import encode
from musicgen_daw.errors import AudioError
from musicgen_daw.export.stems import Provenance, StemTags, hit_markers, stem_chunks
from musicgen_daw.export.wav import wav
from musicgen_daw.mastering import MIX, MasteredCue, master_cue
from musicgen_daw.mastering.assembly import Piece, assemble
from musicgen_daw.planning import Output, PlannedCue, PlannedTake
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.records import StoredClip
from musicgen_daw.timeline import Span, TempoMap, to_samples

__all__ = ["FinishedStem", "finish", "span_of", "stem_names", "tail_samples_of", "tempo_map_of"]

SHORTEST_LOOP_SAMPLES = 2
"""A sampler's loop has a first and a last sample."""


@dataclass(frozen=True, slots=True, eq=False)
class FinishedStem:
    """A stem that only has to be written: ``write`` takes a binary file open for writing."""

    name: str
    channels: int
    levels: Levels
    write: Callable[[BinaryIO], None]


def span_of(cue: PlannedCue, output: Output) -> Span:
    """Return the cue's place in the session, without its tail."""
    return Span.between(cue.cue.start_s, cue.cue.end_s, output.sample_rate)


def tail_samples_of(cue: PlannedCue, output: Output) -> int:
    """Return how many samples the files go on after the cue; a loop has its tail in its head."""
    if cue.master.end == "loop":
        return 0
    start_s = cue.cue.end_s
    end_s = start_s + cue.tail_s
    return Span.between(start_s, end_s, output.sample_rate).length_samples


def tempo_map_of(cue: PlannedCue, clips: Sequence[StoredClip]) -> TempoMap | None:
    """Return the cue's own tempo map: the sheet's, else the one that the composer chose."""
    if cue.tempo_map is not None:
        return cue.tempo_map
    score = clips[0].score if len(clips) == 1 else None
    return score.tempo_map if score else None


def stem_names(cue: PlannedCue, take: PlannedTake, clips: Sequence[StoredClip]) -> list[str]:
    """Return the stems of a take that are heard, the mix last."""
    names: dict[str, None] = {}
    for planned, stored in zip(take.clips, clips, strict=True):
        own = [stem.name for stem in stored.stems]
        names.update(dict.fromkeys([planned.layer] if planned.layer else own))
    muted = {name for name, mix in cue.preset.stems.items() if mix.mute}
    return [*(name for name in names if name not in muted and name != MIX), MIX]


def finish(
    cue: PlannedCue,
    take: PlannedTake,
    clips: Sequence[StoredClip],
    store: ClipStore,
    output: Output,
    *,
    project: str,
) -> tuple[MasteredCue, list[FinishedStem]]:
    """Master one take and return its stems, the mix last.

    Raises:
        AudioError: where a clip can't be processed, or is too short to loop.
        StoreError: where a clip can't be read.
    """
    if cue.master.end == "loop" and span_of(cue, output).length_samples < SHORTEST_LOOP_SAMPLES:
        raise AudioError(f"cue {cue.cue.name!r} is too short to loop: give it a length")
    mastered = _master(cue, take, clips, store, output)
    sounds = {**mastered.stems, MIX: mastered.mix}
    finished = []
    for name, pcm in sounds.items():
        levels = mastered.levels[name]
        tags = _tags(cue, take, clips, output, mastered, project=project, stem=name, pcm=pcm)
        finished.append(FinishedStem(name, pcm.channels, levels, _writer(pcm, tags, output)))
    return mastered, finished


def _master(
    cue: PlannedCue,
    take: PlannedTake,
    clips: Sequence[StoredClip],
    store: ClipStore,
    output: Output,
) -> MasteredCue:
    pieces = [
        Piece(planned.layer, planned.start_s, store.load(stored))
        for planned, stored in zip(take.clips, clips, strict=True)
    ]
    return master_cue(
        assemble(pieces),
        cue.master,
        sample_rate=output.sample_rate,
        bit_depth=output.bit_depth,
        length_samples=span_of(cue, output).length_samples,
        tail_samples=tail_samples_of(cue, output),
        stem_mix=cue.preset.stems,
        rings_out=cue.capabilities.rings_out,
        dither_seed=take.seed,
    )


def _tags(
    cue: PlannedCue,
    take: PlannedTake,
    clips: Sequence[StoredClip],
    output: Output,
    mastered: MasteredCue,
    *,
    project: str,
    stem: str,
    pcm: Pcm,
) -> StemTags:
    request = take.clips[0].request
    return StemTags(
        project=project,
        cue=cue.cue.name,
        stem=stem,
        take=take.take,
        start_samples=to_samples(cue.cue.start_s, output.sample_rate),
        start_timecode=output.start_timecode,
        provenance=Provenance(
            generator=cue.backend,
            model=(request.model if request else None) or "",
            seed=take.seed,
            prompt=cue.prompt,
            licence=cue.capabilities.licence,
        ),
        frame_rate=output.frame_rate,
        levels=mastered.levels[stem],
        loop=mastered.loop,
        tempo_map=tempo_map_of(cue, clips),
        markers=hit_markers(cue.cue.hits, cue.cue.start_s, pcm.length_samples, output.sample_rate),
    )


def _writer(pcm: Pcm, tags: StemTags, output: Output) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        if output.file_format == "wav":
            wav.write(file, pcm, stem_chunks(tags, pcm))
        else:
            encode(pcm, output.file_format, file)

    return write
