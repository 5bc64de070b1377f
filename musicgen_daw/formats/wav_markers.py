"""Markers of WAV files, as bytes: cue points, and what the "adtl" list says of each.

    "cue "  count, then number, position, chunk, chunk start, block start, sample of each point
    "labl"  number, text that ends with a zero; "note" likewise
    "ltxt"  number, length in samples, purpose, country, language, dialect, code page, text

Source: Microsoft/IBM, Multimedia Programming Interface and Data Specifications 1.0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["CUE_POINT", "FoundPoint", "Said", "parse_points", "parse_said", "told_points"]

CUE_POINT = struct.Struct("<II4sIII")
"""Number, position, chunk, chunk start, block start, sample."""

_COUNT_BYTES = 4
_NUMBER_BYTES = 4
_REGION_HEAD_BYTES = 20
_SAYING = (b"labl", b"note", b"ltxt")


@dataclass(frozen=True, slots=True)
class FoundPoint:
    """A cue point; ``offset`` is its byte in the body of its chunk."""

    number: int
    at_samples: int
    offset: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a chunk of an "adtl" list says of a cue point: a text, and of a region its length."""

    number: int
    text: bytes
    length_samples: int = 0


def told_points(body: bytes) -> int:
    """Return how many points a chunk says that it holds."""
    return int.from_bytes(body[:_COUNT_BYTES], "little")


def parse_points(body: bytes) -> Iterator[FoundPoint]:
    """Yield the points of a "cue " chunk, as far as they are whole, whatever it counts."""
    for offset in range(_COUNT_BYTES, len(body) - CUE_POINT.size + 1, CUE_POINT.size):
        number, position, _, _, _, sample = CUE_POINT.unpack_from(body, offset)
        yield FoundPoint(number, sample or position, offset)


def parse_said(kind: bytes, body: bytes) -> Said | None:
    """Return what one chunk of an "adtl" list says, if it says anything of a point."""
    if kind not in _SAYING or len(body) < _NUMBER_BYTES:
        return None
    is_region = kind == b"ltxt"
    number = int.from_bytes(body[:_NUMBER_BYTES], "little")
    length = int.from_bytes(body[_NUMBER_BYTES : 2 * _NUMBER_BYTES], "little") if is_region else 0
    text = body[_REGION_HEAD_BYTES:] if is_region else body[_NUMBER_BYTES:]
    return Said(number, text.partition(b"\0")[0], length)
