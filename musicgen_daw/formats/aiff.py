"""Chunks of AIFF and AIFF-C files: markers, the loop of an instrument, texts.

    offset  0  "FORM"  size of all that follows  "AIFF" or "AIFC"
           12  "COMM"  size  channels, samples, bits, sample rate
               "MARK"  size  count, then number, place and name of each marker

All numbers are big-endian. A marker stands between two samples: 0 is before the first one, so the
end of a loop is the place behind its last sample.

Source: Apple, Audio Interchange File Format, version 1.3; IEEE 754 for the 80-bit sample rate.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import BinaryIO

from musicgen_daw.formats.riff import MAX_CHUNKS, Content, FileContent, FoundChunk

__all__ = [
    "AiffMarker",
    "FoundMarker",
    "append_chunks",
    "instrument",
    "is_aiff",
    "loop_and_others",
    "markers",
    "moved_markers",
    "other_chunks",
    "parse",
    "parse_markers",
    "sample_rate_and_length",
    "text",
    "told_samples",
]

MAX_MARKERS = 2**15 - 1
"""The highest number of a marker, which is a signed word."""

_MAX_SIZE = 2**32 - 1
_MAX_NAME_BYTES = 255
_MIDDLE_C = 60
_FORWARD = 1

_OF_THE_SAMPLES = (b"COMM", b"SSND", b"FVER", b"FLLR", b"PEAK")
_LARGEST_READ_BYTES = 1 << 24
_MOST_READ = 1000
_HEADER = struct.Struct(">4sI")
_COMMON = struct.Struct(">hIhHQ")
_MARKER = struct.Struct(">hIB")
_NOTES = struct.Struct(">6bh")
_LOOP = struct.Struct(">3h")

_NO_PROMISE_BYTES = 0x7F000000
"""What SoX tells of sound that it writes to a pipe, as far as it is whole samples."""

_KINDS = (b"AIFF", b"AIFC")

_Chunk = tuple[bytes, bytes]

# -- writing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AiffMarker:
    """A named place in samples from the start of the file; the name is ASCII."""

    at_samples: int
    name: str


def markers(placed: Sequence[AiffMarker]) -> _Chunk:
    """Return the chunk of markers, numbered from 1 on in their order.

    Raises:
        ValueError: for more of them than have numbers.
    """
    if len(placed) > MAX_MARKERS:
        raise ValueError(f"AIFF holds {MAX_MARKERS} markers, not {len(placed)}")
    body = b"".join(
        struct.pack(">hI", number, marker.at_samples) + _counted(marker.name)
        for number, marker in enumerate(placed, 1)
    )
    return b"MARK", struct.pack(">H", len(placed)) + body


def instrument(start_marker: int, end_marker: int, base_note: int = _MIDDLE_C) -> _Chunk:
    """Return the chunk of an instrument that plays one loop for ever, between two markers."""
    notes = _NOTES.pack(base_note, 0, 0, 127, 1, 127, 0)
    return b"INST", notes + _LOOP.pack(_FORWARD, start_marker, end_marker) + _LOOP.pack(0, 0, 0)


def text(chunk_id: bytes, words: str) -> _Chunk:
    """Return a chunk of text, such as ``NAME``; characters that ASCII lacks become ``?``."""
    return chunk_id, words.encode("ascii", "replace")


def append_chunks(file: BinaryIO, chunks: Iterable[_Chunk]) -> None:
    """Add chunks at the end of a file that is open for reading and writing.

    Raises:
        ValueError: for a file that is no AIFF, or would be longer than AIFF can be.
    """
    file.seek(0)
    if file.read(4) != b"FORM":
        raise ValueError("no AIFF file: it does not begin with FORM")
    end = file.seek(0, 2)
    if end % 2:
        end += file.write(b"\0")
    for chunk_id, body in chunks:
        end += file.write(chunk_id + struct.pack(">I", len(body)) + body + b"\0" * (len(body) % 2))
    if end - 8 > _MAX_SIZE:
        raise ValueError("longer than AIFF can be")
    file.seek(4)
    file.write(struct.pack(">I", end - 8))
    file.seek(0, 2)


def moved_markers(body: bytes, place: Callable[[int], int]) -> bytes:
    """Return the body of a chunk of markers with each marker at another place.

    Raises:
        ValueError: for a body that ends too early.
    """
    count = int.from_bytes(body[:2])
    found = list(islice(parse_markers(body), count))
    if len(body) < 2 or len(found) < count:
        raise ValueError("the chunk of markers ends too early")
    moved = bytearray(body)
    for marker in found:
        at_samples = min(place(marker.at_samples), _MAX_SIZE)
        struct.pack_into(">I", moved, marker.offset + 2, at_samples)
    return bytes(moved)


def _counted(words: str) -> bytes:
    """Return a text after its length, of an even number of bytes in all."""
    content = words.encode("ascii", "replace")[:_MAX_NAME_BYTES]
    counted = bytes([len(content)]) + content
    return counted + b"\0" * (len(counted) % 2)


# -- reading -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FoundMarker:
    """A marker of a file: ``at_samples`` lie before it; ``offset`` is its byte in the chunk."""

    number: int
    at_samples: int
    name: bytes
    offset: int


def is_aiff(content: Content) -> bool:
    """Tell whether a file begins as AIFF or AIFF-C does."""
    return content[:4] == b"FORM" and content[8:12] in _KINDS


def parse(content: Content) -> Iterator[FoundChunk]:
    """Yield the chunks of a file, the last one as long as it is there."""
    offset, end = 12, len(content)
    for _ in range(MAX_CHUNKS):
        if offset + _HEADER.size > end:
            return
        chunk_id, size = _HEADER.unpack(content[offset : offset + _HEADER.size])
        body = offset + _HEADER.size
        there = min(size, end - body)
        yield FoundChunk(chunk_id, body, there, size - there)
        offset = body + size + size % 2


def other_chunks(file: BinaryIO) -> list[_Chunk]:
    """Return the chunks of an AIFF file but those that tell of its samples, a thousand at most.

    What is cut short or larger than 16 MiB is left out, and not read.

    Raises:
        ValueError: for a file that is no AIFF.
    """
    content = FileContent(file)
    if not is_aiff(content):
        raise ValueError("no AIFF file: it does not begin with FORM")
    others = (
        (chunk.id, chunk.body(content))
        for chunk in parse(content)
        if chunk.id not in _OF_THE_SAMPLES
        and chunk.size <= _LARGEST_READ_BYTES
        and not chunk.missing_bytes
    )
    return list(islice(others, _MOST_READ))


def sample_rate_and_length(common: bytes) -> tuple[Fraction, int]:
    """Return the sample rate and the number of samples that the common chunk tells.

    Raises:
        ValueError: when it is cut short, or its rate is none.
    """
    if len(common) < _COMMON.size:
        raise ValueError("the common chunk is cut short")
    _, length_samples, _, exponent, mantissa = _COMMON.unpack_from(common)
    shift = exponent - 16383 - 63
    if not (-63 <= shift < 0 and mantissa):
        raise ValueError("the sample rate is impossible")
    return Fraction(mantissa, 2**-shift), length_samples


def told_samples(content: Content) -> int | None:
    """Return how many samples of each channel there should be; ``None`` where nothing tells it.

    Raises:
        ValueError: for a file that is no AIFF, or whose common chunk is none.
    """
    common = next((chunk for chunk in parse(content) if chunk.id == b"COMM"), None)
    if not is_aiff(content) or common is None:
        raise ValueError("no AIFF file with a common chunk")
    body = common.body(content)
    _, length_samples = sample_rate_and_length(body)
    channels, _, bits, _, _ = _COMMON.unpack_from(body)
    sample_bytes = channels * -(-bits // 8)
    is_unknown = 0 <= _NO_PROMISE_BYTES - length_samples * sample_bytes < sample_bytes
    return None if is_unknown else length_samples


def parse_markers(marks: bytes) -> Iterator[FoundMarker]:
    """Yield the markers of a chunk, as far as they are whole."""
    offset = 2
    while offset + _MARKER.size <= len(marks):
        number, at_samples, size = _MARKER.unpack_from(marks, offset)
        name = offset + _MARKER.size
        yield FoundMarker(number, at_samples, marks[name : name + size], offset)
        offset = name + size + (size + 1) % 2


def loop_and_others(
    marks: bytes, instrument_body: bytes
) -> tuple[tuple[int, int] | None, list[FoundMarker]]:
    """Part markers from the two between which an instrument sustains, if it plays on for ever.

    Returns the loop's places, the end behind its last sample, and the markers that are there for
    themselves: an end of the loop is one of them if its name tells of anything else.
    """
    found = list(parse_markers(marks))
    ends = _looped_markers(instrument_body)
    placed = {marker.number: marker.at_samples for marker in found}
    if ends is None or not all(number in placed for number in ends):
        return None, found
    start, end = (placed[number] for number in ends)
    others = [
        marker
        for marker in found
        if marker.number not in ends or (marker.name and b"loop" not in marker.name.lower())
    ]
    return ((start, end) if start < end else None), others


def _looped_markers(instrument_body: bytes) -> tuple[int, int] | None:
    if len(instrument_body) < _NOTES.size + _LOOP.size:
        return None
    mode, start, end = _LOOP.unpack_from(instrument_body, _NOTES.size)
    return (start, end) if mode == _FORWARD else None
