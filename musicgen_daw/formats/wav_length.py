"""How many samples a WAV file says that it has, which may be more than are there.

A program that writes to a pipe can't know the length when it begins: it tells about as much as the
field holds (ffmpeg ``FFFFFFFF``, SoX ``7FFFF000``), and that is no promise.

Source: Microsoft/IBM, Multimedia Programming Interface and Data Specifications 1.0; Microsoft,
Multimedia Data Standards Update 3.0 (1994), for the samples of what is compressed.
"""

from __future__ import annotations

import struct

from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Content

__all__ = ["told_samples"]

_FORMAT = struct.Struct("<HHIIHH")
_BLOCK_IS_SAMPLE = (0x0001, 0x0003, 0x0006, 0x0007, 0xFFFE)
"""Integers, floats, A-law, mu-law, and what names them at greater length."""

_FIELD_ENDS = (2**31, 2**32, 2**64)
_NO_PROMISE_BYTES = 1 << 16


def told_samples(content: Content) -> int | None:
    """Return how many samples of each channel there should be; ``None`` where nothing tells it.

    Raises:
        ValueError: for a file that is no RIFF, with the byte offset.
    """
    found = riff.parse(content)
    sound, format_chunk = found.first(b"data"), found.first(b"fmt ")
    if sound is None or format_chunk is None or format_chunk.size < _FORMAT.size:
        return None
    told_bytes = sound.size + sound.missing_bytes
    if any(0 <= end - told_bytes <= _NO_PROMISE_BYTES for end in _FIELD_ENDS):
        return None
    head = content[format_chunk.offset : format_chunk.offset + _FORMAT.size]
    kind, _, _, _, block_bytes, _ = _FORMAT.unpack(head)
    if kind in _BLOCK_IS_SAMPLE:
        return told_bytes // block_bytes if block_bytes else None
    fact = found.first(b"fact")
    if fact is None or fact.size < 4:
        return None
    return int.from_bytes(content[fact.offset : fact.offset + 4], "little")
