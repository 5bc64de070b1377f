"""From the clips of a take to its stems: layers side by side, segments in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.audio.splice import join
from musicgen_daw.timeline import to_samples

__all__ = ["Piece", "assemble"]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The sound of one clip, and its place in the take.

    ``start_s`` counts from the start of the cue. ``layer`` is ``""`` for a clip whose own stems
    are the stems of the take; else the clip as a whole is the stem of that name.
    """

    layer: str
    start_s: Fraction
    stems: Mapping[str, Audio]


def assemble(pieces: Sequence[Piece]) -> dict[str, Audio]:
    """Return the stems of a take; the segments of a stem are crossfaded where they overlap.

    Raises:
        ValueError: for segments that do not follow each other.
    """
    rows: dict[str, list[tuple[Fraction, Audio]]] = {}
    for piece in pieces:
        stems = {piece.layer: _sum(piece.stems)} if piece.layer else piece.stems
        for name, audio in stems.items():
            rows.setdefault(name, []).append((piece.start_s, audio))
    return {name: _row(row) for name, row in rows.items()}


def _row(row: list[tuple[Fraction, Audio]]) -> Audio:
    if len(row) == 1 and row[0][0] == 0:
        return row[0][1]
    starts = [to_samples(start_s, audio.sample_rate) for start_s, audio in row]
    length = max(
        start + audio.length_samples for start, (_, audio) in zip(starts, row, strict=True)
    )
    return join([audio for _, audio in row], starts, length)


def _sum(stems: Mapping[str, Audio]) -> Audio:
    """Return the mix of a clip's stems; a clip that brings its mix along has just that."""
    if "mix" in stems:
        return stems["mix"]
    first = next(iter(stems.values()))
    total = np.sum([audio.samples for audio in stems.values()], axis=0, dtype=np.float32)
    return Audio(np.asarray(total, np.float32), first.sample_rate)
