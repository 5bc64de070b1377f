"""From clips to the stems of a take: layers become stems, segments a row.

What a generator gave beyond a segment's length is cut off, so that neighbours are blended in
exactly what they share. The last one keeps what it has: mastering fits the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.audio.resample import resample
from musicgen_daw.audio.splice import fade, join
from musicgen_daw.mastering.shaping import HEAD_EDGE_MS, TAIL_EDGE_MS, with_equal_channels
from musicgen_daw.timeline import to_samples

__all__ = ["Piece", "assemble", "sum_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The sound of one clip, and its place in the take.

    ``start_s`` counts from the start of the cue. ``length_s`` is the length that was asked for,
    with its tail; what was made may be longer or shorter. ``layer`` is ``""`` for a clip whose
    own stems are the stems of the take; else the clip as a whole is the stem of that name.
    """

    layer: str
    start_s: Fraction
    length_s: Fraction
    stems: Mapping[str, Audio]


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    """A stem of one piece. ``is_last``: nothing of the take follows, so it is not cut."""

    start_s: Fraction
    end_s: Fraction
    is_last: bool
    audio: Audio


def assemble(pieces: Sequence[Piece]) -> dict[str, Audio]:
    """Return the stems of a take; the segments of a stem are crossfaded where they overlap.

    Segments that differ get the highest rate and the most channels among them. One that is
    shorter than asked is followed by silence until the next one begins.

    Raises:
        AudioError: for segments whose channels don't fit together.
        ValueError: for segments that do not follow each other.
    """
    last_start_s = max((piece.start_s for piece in pieces), default=Fraction(0))
    rows: dict[str, list[_Segment]] = {}
    for piece in pieces:
        start_s, end_s = piece.start_s, piece.start_s + piece.length_s
        stems = {piece.layer: sum_of(piece.stems)} if piece.layer else piece.stems
        for name, audio in stems.items():
            segment = _Segment(start_s, end_s, start_s == last_start_s, audio)
            rows.setdefault(name, []).append(segment)
    return {name: _row(name, row) for name, row in rows.items()}


def _row(name: str, row: Sequence[_Segment]) -> Audio:
    if len(row) == 1 and row[0].start_s == 0 and row[0].is_last:
        return row[0].audio
    sounds = _alike(name, [segment.audio for segment in row])
    sample_rate = sounds[0].sample_rate
    starts = [to_samples(segment.start_s, sample_rate) for segment in row]
    sounds = [
        sound if segment.is_last else _cut(sound, to_samples(segment.end_s, sample_rate) - start)
        for sound, segment, start in zip(sounds, row, starts, strict=True)
    ]
    sounds = _in_order(_edged(sounds, starts, is_open=row[-1].is_last), starts)
    return join(sounds, starts, _ends(sounds, starts)[-1])


def _alike(name: str, sounds: Sequence[Audio]) -> list[Audio]:
    """Return the segments of a stem at their highest rate and with the most channels."""
    sample_rate = max(sound.sample_rate for sound in sounds)
    numbered = {
        f"{name}, segment {number}": resample(sound, sample_rate)
        for number, sound in enumerate(sounds, 1)
    }
    return list(with_equal_channels(numbered).values())


def _cut(sound: Audio, length_samples: int) -> Audio:
    return Audio(sound.samples[:, :length_samples], sound.sample_rate)


def _edged(sounds: Sequence[Audio], starts: Sequence[int], *, is_open: bool) -> list[Audio]:
    """Round every edge that no neighbour is blended with, such as where a clip is too short.

    The edges of the take itself are mastering's; ``is_open``: the last end is one of them.
    """
    sample_rate = sounds[0].sample_rate
    head, tail = (round(ms * sample_rate / 1000) for ms in (HEAD_EDGE_MS, TAIL_EDGE_MS))
    ends = _ends(sounds, starts)
    blended = [end - start >= tail for end, start in zip(ends[:-1], starts[1:], strict=True)]
    lasting = [True, *(earlier <= later for earlier, later in pairwise(ends))]
    begins_well = [starts[0] == 0, *blended]
    ends_well = [both and lasts for both, lasts in zip([*blended, is_open], lasting, strict=True)]
    return [
        fade(sound, 0 if begins else head, 0 if closes else tail)
        for sound, begins, closes in zip(sounds, begins_well, ends_well, strict=True)
    ]


def _in_order(sounds: Sequence[Audio], starts: Sequence[int]) -> list[Audio]:
    """Fill up with silence what ends before the segment that it follows."""
    ends = accumulate(_ends(sounds, starts), max)
    return [
        Audio(np.pad(sound.samples, ((0, 0), (0, missing))), sound.sample_rate)
        if (missing := end - start - sound.length_samples)
        else sound
        for sound, start, end in zip(sounds, starts, ends, strict=True)
    ]


def _ends(sounds: Sequence[Audio], starts: Sequence[int]) -> list[int]:
    return [start + sound.length_samples for sound, start in zip(sounds, starts, strict=True)]


def sum_of(stems: Mapping[str, Audio]) -> Audio:
    """Return the mix of a clip's stems; a clip that brings its mix along has just that."""
    if "mix" in stems:
        return stems["mix"]
    parts = with_equal_channels(stems).values()
    first = next(iter(parts))
    total = np.sum([part.samples for part in parts], axis=0, dtype=np.float32)
    return Audio(np.asarray(total, np.float32), first.sample_rate)
