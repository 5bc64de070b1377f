"""IFF, the big-endian elder of RIFF, as far as AIFF and AIFF-C files are read.

    offset  0  "FORM"  size of all that follows  "AIFF" or "AIFC"
           12  "COMM"  size  channels, samples, bits, sample rate
               "MARK"  size  count, then number, place and name of each marker

Source: Apple, Audio Interchange File Format, version 1.3; IEEE 754 for the 80-bit sample rate.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.formats.riff import MAX_CHUNKS, Content, FoundChunk

__all__ = ["PlacedMarker", "chunks", "is_aiff", "markers", "sample_rate_and_length"]

_HEADER = struct.Struct(">4sI")
_COMMON = struct.Struct(">hIhHQ")
_MARKER = struct.Struct(">hIB")
_KINDS = (b"AIFF", b"AIFC")


@dataclass(frozen=True, slots=True)
class PlacedMarker:
    """A marker of a file: ``at_samples`` lie before it; ``offset`` is its byte in the chunk."""

    number: int
    at_samples: int
    name: bytes
    offset: int


def is_aiff(content: Content) -> bool:
    """Tell whether a file begins as AIFF or AIFF-C does."""
    return content[:4] == b"FORM" and content[8:12] in _KINDS


def chunks(content: Content) -> Iterator[FoundChunk]:
    """Yield the chunks of a file, the last one as long as it is there."""
    offset, end = 12, len(content)
    for _ in range(MAX_CHUNKS):
        if offset + _HEADER.size > end:
            return
        chunk_id, size = _HEADER.unpack(content[offset : offset + _HEADER.size])
        body = offset + _HEADER.size
        yield FoundChunk(chunk_id, body, min(size, end - body))
        offset = body + size + size % 2


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


def markers(marks: bytes) -> Iterator[PlacedMarker]:
    """Yield the markers of a chunk, as far as they are whole."""
    offset = 2
    while offset + _MARKER.size <= len(marks):
        number, at_samples, size = _MARKER.unpack_from(marks, offset)
        name = offset + _MARKER.size
        yield PlacedMarker(number, at_samples, marks[name : name + size], offset)
        offset = name + size + (size + 1) % 2
