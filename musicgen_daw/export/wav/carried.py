"""The chunks of a file that goes on to another one: places in samples move with the sample rate,
those past the end are left out, loudness is told anew, everything else stays as it was.

Source: EBU Tech 3285 (bext); iXML specification; Microsoft/IBM, Multimedia Programming Interface
and Data Specifications 1.0 (cue, LIST); Microsoft, Multimedia Data Standards Update 3.0 (smpl).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from musicgen_daw.audio import Levels
from musicgen_daw.export.wav import smpl
from musicgen_daw.export.wav.bext import LOUDNESS_TAGS, UNKNOWN_LEVEL, VERSION, Bext
from musicgen_daw.formats.riff import Chunk, FoundChunk, list_chunk, parse_list
from musicgen_daw.formats.wav_markers import CUE_POINT

__all__ = ["SHORTEST_LOOP_SAMPLES", "Change", "carried", "past_the_end"]

_OF_THE_SAMPLES = {b"fmt ", b"data", b"fact", b"ds64", b"PEAK", b"levl"}
"""What tells of the samples themselves, and is written anew or no longer true."""

_SIGNATURE = {b"C2PA"}
"""What holds for these very bytes: in any other file it would tell of a forgery."""

_PADDING = {b"JUNK", b"junk", b"PAD ", b"FLLR", b"filr"}

_BEXT_TIME = struct.Struct("<QH")
_BEXT_TIME_AT = 338
_BEXT_LEVELS = struct.Struct("<5h")
_BEXT_LEVELS_AT = 412
_BEXT_HISTORY_AT = 602

_LARGEST = 0xFFFFFFFF

SHORTEST_LOOP_SAMPLES = 2
"""What is shorter is no loop; importers fail on it or, worse, don't."""


@dataclass(frozen=True, slots=True)
class Change:
    """What has become of the sound, of ``old_length_samples``: it has ``length_samples`` now.

    ``coding_history`` is the line that is added to a bext chunk's history.
    """

    old_rate: int
    sample_rate: int
    old_length_samples: int
    length_samples: int
    bit_depth: int
    coding_history: str
    levels: Levels | None = None

    def place(self, samples: int) -> int:
        """Return a place in the old sound, or on its timeline, as one in the new."""
        return (2 * samples * self.sample_rate + self.old_rate) // (2 * self.old_rate)

    def place_inside(self, samples: int) -> int | None:
        """Return the same, ``None`` for a place past the end of the sound.

        At a lower rate more than one of its samples may come to its last one.
        """
        if samples >= self.old_length_samples or not self.length_samples:
            return None
        return min(self.place(samples), self.length_samples - 1)

    def length(self, samples: int, start_samples: int) -> int:
        """Return the length of what starts at a place, as long as the new sound lasts."""
        end = min(self.place(start_samples + samples), self.length_samples)
        return max(0, end - self.place(start_samples))


def carried(chunks: Iterable[Chunk], change: Change) -> tuple[Chunk, ...]:
    """Return the chunks that the new file gets; a chunk that is broken stays as it is."""
    chunks = [chunk for chunk in chunks if chunk.id not in _OF_THE_SAMPLES | _SIGNATURE | _PADDING]
    points = _Points.of(chunks, change)
    return tuple(moved for chunk in chunks if (moved := _moved(chunk, change, points)) is not None)


def past_the_end(chunks: Iterable[Chunk], change: Change) -> tuple[int, int]:
    """Return how many cue points and how many loops ``carried`` leaves out."""
    chunks = tuple(chunks)
    loops = [loop for chunk in chunks if chunk.id == b"smpl" for loop in smpl.loops(chunk.body)]
    lost_points = [point for point in _points_of(chunks) if not _is_inside(point, change)]
    return len(lost_points), sum(_moved_loop(loop, change) is None for loop in loops)


_Point = tuple[int, int, bytes, int, int, int]
"""Number, position, chunk, chunk start, block start, sample."""


@dataclass(frozen=True, slots=True)
class _Points:
    """Where the cue points of a file stand, by their number, and which of them are left out."""

    starts: dict[int, int]
    lost: frozenset[int]

    @classmethod
    def of(cls, chunks: Iterable[Chunk], change: Change) -> _Points:
        points = list(_points_of(chunks))
        kept = {point[0] for point in points if _is_inside(point, change)}
        starts = {point[0]: _place_of(point) for point in points}
        return cls(starts, frozenset(starts) - kept)


def _moved(chunk: Chunk, change: Change, points: _Points) -> Chunk | None:
    """Return the chunk as the new file has it, ``None`` where nothing is left of it."""
    try:
        match chunk.id:
            case b"bext":
                return _bext(chunk, change)
            case b"iXML":
                return _ixml(chunk, change)
            case b"cue ":
                return _cue(chunk, change)
            case b"smpl":
                return _smpl(chunk, change)
            case b"LIST" if chunk.body[:4] == b"adtl":
                return _labels(chunk, change, points)
    except struct.error:
        pass
    return chunk


def _bext(chunk: Chunk, change: Change) -> Chunk:
    body = bytearray(chunk.body)
    reference, version = _BEXT_TIME.unpack_from(body, _BEXT_TIME_AT)
    reference = min(change.place(reference), 2**64 - 1)
    _BEXT_TIME.pack_into(body, _BEXT_TIME_AT, reference, max(version, VERSION))
    _BEXT_LEVELS.pack_into(body, _BEXT_LEVELS_AT, *Bext(levels=change.levels).loudness_fields)
    history = bytes(body[_BEXT_HISTORY_AT:]).rstrip(b"\0").rstrip(b"\r\n")
    lines = [*([history] if history else []), change.coding_history.encode("ascii"), b""]
    return Chunk(chunk.id, bytes(body[:_BEXT_HISTORY_AT]) + b"\r\n".join(lines))


def _ixml(chunk: Chunk, change: Change) -> Chunk:
    """Change numbers in the text: what a parser would lose or rewrite stays as it was."""
    body = chunk.body
    for prefix, first, second in (
        ("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_", "HI", "LO"),
        ("BWF_TIME_REFERENCE_", "HIGH", "LOW"),
    ):
        high, low = (_number(body, prefix + name) for name in (first, second))
        if high is not None and low is not None:
            high, low = divmod(change.place((high << 32) + low), 2**32)
            body = _told(body, prefix + first, str(high))
            body = _told(body, prefix + second, str(low))
    for tag in ("FILE_SAMPLE_RATE", "DIGITIZER_SAMPLE_RATE", "TIMESTAMP_SAMPLE_RATE"):
        if _number(body, tag) == change.old_rate:
            body = _told(body, tag, str(change.sample_rate))
    body = _told(body, "AUDIO_BIT_DEPTH", str(change.bit_depth))
    fields = Bext(levels=change.levels).loudness_fields
    for tag, hundredths in zip(LOUDNESS_TAGS, fields, strict=True):
        text = "" if hundredths == UNKNOWN_LEVEL else f"{hundredths / 100:.2f}"
        body = _told(body, tag, text)
    return Chunk(chunk.id, body)


def _number(body: bytes, tag: str) -> int | None:
    found = re.search(rb"<%s>\s*(\d{1,20})\s*</%s>" % ((tag.encode(),) * 2), body)
    return int(found[1]) if found else None


def _told(body: bytes, tag: str, text: str) -> bytes:
    name = tag.encode()
    replacement = b"<%s>%s</%s>" % (name, text.encode(), name)
    return re.sub(rb"<%s>[^<]*</%s>" % (name, name), lambda _: replacement, body)


def _points_of(chunks: Iterable[Chunk]) -> Iterator[_Point]:
    """Yield the cue points of a file, as far as they are whole."""
    for chunk in chunks:
        if chunk.id == b"cue " and len(chunk.body) >= 4:
            yield from _points(chunk.body)


def _points(body: bytes) -> list[_Point]:
    (count,) = struct.unpack_from("<I", body)
    fitting = min(count, (len(body) - 4) // CUE_POINT.size)
    return [CUE_POINT.unpack_from(body, 4 + CUE_POINT.size * n) for n in range(fitting)]


def _place_of(point: _Point) -> int:
    """Return where a point stands: some programs tell it in one of the two places only."""
    return point[5] or point[1]


def _is_inside(point: _Point, change: Change) -> bool:
    place = change.place_inside(_place_of(point))
    return place is not None and place <= _LARGEST


def _cue(chunk: Chunk, change: Change) -> Chunk | None:
    points = _points(chunk.body)
    kept = [
        CUE_POINT.pack(
            number,
            min(change.place(position), change.length_samples - 1),
            kind,
            chunk_start,
            block_start,
            min(change.place(offset), change.length_samples - 1),
        )
        for number, position, kind, chunk_start, block_start, offset in points
        if _is_inside((number, position, kind, chunk_start, block_start, offset), change)
    ]
    if points and not kept:
        return None
    return Chunk(chunk.id, struct.pack("<I", len(kept)) + b"".join(kept))


def _labels(chunk: Chunk, change: Change, points: _Points) -> Chunk | None:
    """Return a list of labels without those of points that are left out."""
    found = FoundChunk(chunk.id, 0, len(chunk.body))
    said = [(label.id, label.body(chunk.body)) for label in parse_list(chunk.body, found)[1]]
    labels = []
    for label_id, body in said:
        number = int.from_bytes(body[:4], "little") if len(body) >= 4 else None
        if number in points.lost:
            continue
        if label_id == b"ltxt" and len(body) >= 8:
            number, length = struct.unpack_from("<II", body)
            length = min(change.length(length, points.starts.get(number, 0)), _LARGEST)
            body = struct.pack("<II", number, length) + body[8:]
        labels.append(Chunk(label_id, body))
    return list_chunk(b"adtl", labels) if labels or not said else None


def _smpl(chunk: Chunk, change: Change) -> Chunk:
    """Return what a sampler is told: also without any loop that is left it has a pitch."""
    fields = list(smpl.SAMPLER.unpack_from(chunk.body))
    found = list(smpl.loops(chunk.body))
    loops = [moved for loop in found if (moved := _moved_loop(loop, change)) is not None]
    fields[2] = (1_000_000_000 + change.sample_rate // 2) // change.sample_rate
    fields[7] -= len(found) - len(loops)
    rest = chunk.body[smpl.SAMPLER.size + smpl.LOOP.size * len(found) :]
    packed = b"".join(smpl.LOOP.pack(*loop) for loop in loops)
    return Chunk(chunk.id, smpl.SAMPLER.pack(*fields) + packed + rest)


def _moved_loop(loop: smpl.Loop, change: Change) -> smpl.Loop | None:
    """Return a loop in the new sound, ``None`` where its end leaves too little of it."""
    name, kind, start, last, fraction, count = loop
    # The last sample is played: what moves is the end, the sample after it.
    first, end = change.place_inside(start), change.place(last + 1)
    end_inside = min(end, change.length_samples, _LARGEST)
    is_cut = end_inside < end
    if first is None or (is_cut and end_inside - first < SHORTEST_LOOP_SAMPLES):
        return None
    return name, kind, first, max(first, end_inside - 1), fraction, count
