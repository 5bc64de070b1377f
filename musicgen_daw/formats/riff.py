"""RIFF, the chunked container of WAV files: chunks to bytes and back; bytes in, bytes out.

    offset  0  "RIFF"  size of all that follows  "WAVE"
           12  "fmt "  size  body…  pad byte where the size is odd
               "data"  size  body…

Sizes are 32 bits wide. Beyond 4 GiB the file is an RF64: its id says so, the 32-bit sizes hold
``FFFFFFFF``, and a "ds64" chunk, in the place that a "JUNK" chunk of the same length keeps free
in every smaller file, holds the true ones.

Source: Microsoft/IBM, Multimedia Programming Interface and Data Specifications 1.0; EBU Tech 3306.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

__all__ = [
    "MAX_SIZE",
    "Chunk",
    "Content",
    "FileContent",
    "FoundChunk",
    "Riff",
    "head",
    "list_chunk",
    "parse",
    "parse_list",
]

MAX_SIZE = 0xFFFFFFFE
"""The largest size that a 32-bit field can tell; ``FFFFFFFF`` means "see ds64"."""

MAX_CHUNKS = 400_000
"""Of a file, and of a list in it: three for each of a hundred thousand markers are fewer. What
follows is not read."""

_SEE_DS64 = 0xFFFFFFFF
_HEADER = struct.Struct("<4sI")
_DS64 = struct.Struct("<QQQI")
_FORMS = (b"RIFF", b"RF64", b"BW64")


# -- writing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk to be written: four ASCII characters and a body."""

    id: bytes
    body: bytes

    def __post_init__(self) -> None:
        if not _is_id(self.id):
            raise ValueError(f"a chunk id is four printable ASCII characters, not {self.id!r}")
        if len(self.body) > MAX_SIZE:
            raise ValueError(f"a {self.id!r} chunk of {len(self.body)} bytes is too long")

    def encode(self) -> bytes:
        """Return header, body and, after an odd body, the pad byte that no size counts."""
        return _HEADER.pack(self.id, len(self.body)) + self.body + b"\0" * (len(self.body) % 2)


def list_chunk(kind: bytes, chunks: Iterable[Chunk]) -> Chunk:
    """Return a LIST of ``kind`` (``INFO``, ``adtl``) that holds ``chunks``."""
    return Chunk(b"LIST", kind + b"".join(chunk.encode() for chunk in chunks))


def head(
    before: Iterable[Chunk],
    data_size: int,
    after: Iterable[Chunk],
    length_samples: int,
    rf64_above: int = MAX_SIZE,
) -> bytes:
    """Return all bytes of a WAVE file up to its samples, the header of "data" included.

    ``before`` and ``after`` are the chunks on both sides of "data", whose ``data_size`` bytes and
    ``after`` are for the caller to write. A file whose size field would pass ``rf64_above``
    becomes an RF64.
    """
    opening = b"".join(chunk.encode() for chunk in before)
    closing_size = sum(len(chunk.encode()) for chunk in after)
    ds64_size = _HEADER.size + _DS64.size
    padded_data_size = _HEADER.size + data_size + data_size % 2
    size = len(b"WAVE") + ds64_size + len(opening) + padded_data_size + closing_size
    if size > rf64_above:
        form = _HEADER.pack(b"RF64", _SEE_DS64)
        reserved = Chunk(b"ds64", _DS64.pack(size, data_size, length_samples, 0))
        data_header = _HEADER.pack(b"data", _SEE_DS64)
    else:
        form = _HEADER.pack(b"RIFF", size)
        reserved = Chunk(b"JUNK", bytes(_DS64.size))
        data_header = _HEADER.pack(b"data", data_size)
    return form + b"WAVE" + reserved.encode() + opening + data_header


# -- reading -----------------------------------------------------------------------------------


class Content(Protocol):
    """The bytes of a file, of which parts are asked for: ``bytes``, or a ``FileContent``."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


class FileContent:
    """The bytes of an open file, each part read when it is asked for: sound may be gigabytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice, /) -> bytes:
        start, stop, _ = part.indices(self._size)
        self._file.seek(start)
        return self._file.read(max(0, stop - start))


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A chunk in a file: its body is ``size`` bytes from ``offset`` (in bytes) on.

    ``missing_bytes`` more should be there, but the file ends before.
    """

    id: bytes
    offset: int
    size: int
    missing_bytes: int = 0

    def body(self, content: Content) -> bytes:
        """Return the chunk's body out of the file's content."""
        return content[self.offset : self.offset + self.size]


@dataclass(frozen=True, slots=True)
class Riff:
    """What a RIFF file holds: ``form`` is RIFF, RF64 or BW64, ``kind`` is WAVE for sound."""

    form: bytes
    kind: bytes
    chunks: tuple[FoundChunk, ...]

    def first(self, chunk_id: bytes) -> FoundChunk | None:
        """Return the first chunk of an id, or ``None``."""
        return next((chunk for chunk in self.chunks if chunk.id == chunk_id), None)


def parse(content: Content) -> Riff:
    """Read the chunks of a RIFF or RF64 file.

    Wrong sizes of the whole file, missing pad bytes, a last chunk that is cut short and bytes
    after the last chunk are read over, since programs write them.

    Raises:
        ValueError: for a file that is no RIFF, with the byte offset.
    """
    form, kind = content[:4], content[8:12]
    if form not in _FORMS:
        raise ValueError(f"byte 0: {form!r} is no RIFF file")
    if len(kind) < 4:
        raise ValueError("byte 8: the file ends inside its header")
    data_size = None if form == b"RIFF" else _ds64_data_size(content)
    return Riff(form, kind, tuple(_walk(content, 12, len(content), data_size)))


def parse_list(content: Content, chunk: FoundChunk) -> tuple[bytes, tuple[FoundChunk, ...]]:
    """Return the kind of a LIST chunk and the chunks in it, with their offsets in the file.

    Raises:
        ValueError: for a chunk that is no LIST, with the byte offset.
    """
    if chunk.id != b"LIST" or chunk.size < 4:
        raise ValueError(f"byte {chunk.offset}: {chunk.id!r} is no LIST chunk")
    end = chunk.offset + chunk.size
    kind = content[chunk.offset : chunk.offset + 4]
    return kind, tuple(_walk(content, chunk.offset + 4, end, None))


def _walk(content: Content, offset: int, end: int, data_size: int | None) -> Iterator[FoundChunk]:
    for _ in range(MAX_CHUNKS):
        if offset + _HEADER.size > end:
            return
        chunk_id, size = _HEADER.unpack(content[offset : offset + _HEADER.size])
        if not _is_id(chunk_id):
            return  # what follows the last chunk: padding, or another program's trailer
        body = offset + _HEADER.size
        if chunk_id == b"data" and size == _SEE_DS64 and data_size is not None:
            size = data_size
        there = min(size, end - body)
        yield FoundChunk(chunk_id, body, there, size - there)
        offset = _next_chunk(content, body + there, there)


def _next_chunk(content: Content, end_of_body: int, size: int) -> int:
    """Step over the pad byte of an odd chunk, unless its writer forgot it."""
    if size % 2 == 0:
        return end_of_body
    if content[end_of_body : end_of_body + 1] != b"\0" and _is_id(
        content[end_of_body : end_of_body + 4]
    ):
        return end_of_body
    return end_of_body + 1


def _ds64_data_size(content: Content) -> int:
    if content[12:16] != b"ds64" or len(content) < 20 + _DS64.size:
        raise ValueError("byte 12: an RF64 file must begin with a whole ds64 chunk")
    _, data_size, _, _ = _DS64.unpack(content[20 : 20 + _DS64.size])
    return int(data_size)


def _is_id(chunk_id: bytes) -> bool:
    return len(chunk_id) == 4 and all(0x20 <= character < 0x7F for character in chunk_id)
