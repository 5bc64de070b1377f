"""The chunks of a file that goes on to another one: places in samples move with the sample rate,
loudness is told anew, everything else stays as it was.

Source: EBU Tech 3285 (bext); iXML specification; Microsoft/IBM, Multimedia Programming Interface
and Data Specifications 1.0 (cue, LIST); Microsoft, Multimedia Data Standards Update 3.0 (smpl).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from musicgen_daw.audio import Levels
from musicgen_daw.export.wav import smpl
from musicgen_daw.export.wav.bext import LOUDNESS_TAGS, UNKNOWN_LEVEL, VERSION, Bext
from musicgen_daw.formats.riff import Chunk, FoundChunk, list_chunk, parse_list
from musicgen_daw.formats.wav_markers import CUE_POINT

__all__ = ["Change", "carried"]

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


@dataclass(frozen=True, slots=True)
class Change:
    """What has become of the sound. ``length_samples`` is its new length.

    ``coding_history`` is the line that is added to a bext chunk's history.
    """

    old_rate: int
    sample_rate: int
    length_samples: int
    bit_depth: int
    coding_history: str
    levels: Levels | None = None

    def place(self, samples: int) -> int:
        """Return a place in the old sound, or on its timeline, as one in the new."""
        return (2 * samples * self.sample_rate + self.old_rate) // (2 * self.old_rate)

    def place_inside(self, samples: int) -> int:
        """Return a place in the old sound as one in the new, at the latest its last sample."""
        return min(self.place(samples), max(0, self.length_samples - 1), _LARGEST)

    def length(self, samples: int, start_samples: int) -> int:
        """Return the length of what starts at a place, as long as the new sound lasts."""
        end = min(self.place(start_samples + samples), self.length_samples)
        return max(0, end - self.place(start_samples))


def carried(chunks: Iterable[Chunk], change: Change) -> tuple[Chunk, ...]:
    """Return the chunks that the new file gets; a chunk that is broken stays as it is."""
    chunks = [chunk for chunk in chunks if chunk.id not in _OF_THE_SAMPLES | _SIGNATURE | _PADDING]
    starts = _cue_starts(chunks)
    return tuple(_moved(chunk, change, starts) for chunk in chunks)


def _moved(chunk: Chunk, change: Change, starts: dict[int, int]) -> Chunk:
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
                return _labels(chunk, change, starts)
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


def _points(body: bytes) -> list[tuple[int, int, bytes, int, int, int]]:
    (count,) = struct.unpack_from("<I", body)
    fitting = min(count, (len(body) - 4) // CUE_POINT.size)
    return [CUE_POINT.unpack_from(body, 4 + CUE_POINT.size * n) for n in range(fitting)]


def _cue_starts(chunks: Sequence[Chunk]) -> dict[int, int]:
    """Return where each cue point stands, by its number: a region's length counts from there."""
    body = next((chunk.body for chunk in chunks if chunk.id == b"cue "), b"")
    return {point[0]: point[5] for point in _points(body)} if len(body) >= 4 else {}


def _cue(chunk: Chunk, change: Change) -> Chunk:
    points = [
        CUE_POINT.pack(
            number,
            change.place_inside(position),
            kind,
            chunk_start,
            block_start,
            change.place_inside(offset),
        )
        for number, position, kind, chunk_start, block_start, offset in _points(chunk.body)
    ]
    return Chunk(chunk.id, struct.pack("<I", len(points)) + b"".join(points))


def _labels(chunk: Chunk, change: Change, starts: dict[int, int]) -> Chunk:
    found = FoundChunk(chunk.id, 0, len(chunk.body))
    labels = []
    for label in parse_list(chunk.body, found)[1]:
        body = label.body(chunk.body)
        if label.id == b"ltxt" and len(body) >= 8:
            number, length = struct.unpack_from("<II", body)
            length = min(change.length(length, starts.get(number, 0)), _LARGEST)
            body = struct.pack("<II", number, length) + body[8:]
        labels.append(Chunk(label.id, body))
    return list_chunk(b"adtl", labels)


def _smpl(chunk: Chunk, change: Change) -> Chunk:
    fields = list(smpl.SAMPLER.unpack_from(chunk.body))
    fields[2] = (1_000_000_000 + change.sample_rate // 2) // change.sample_rate
    body = bytearray(chunk.body)
    smpl.SAMPLER.pack_into(body, 0, *fields)
    for number in range(fields[7]):
        at = smpl.SAMPLER.size + smpl.LOOP.size * number
        if at + smpl.LOOP.size > len(body):
            break
        name, kind, start, last, fraction, count = smpl.LOOP.unpack_from(body, at)
        # The last sample is played: what moves is the end, the sample after it.
        start = change.place_inside(start)
        end = min(change.place(last + 1), change.length_samples)
        last = min(max(start, end - 1), _LARGEST)
        smpl.LOOP.pack_into(body, at, name, kind, start, last, fraction, count)
    return Chunk(chunk.id, bytes(body))
