"""Which kind of audio file some bytes are, and whether its end is there; pure.

The magic bytes tell the kind; what a server declares is not trusted. That the end is missing is
told only where the file itself says how long it is: some writers can't know it and put a
placeholder, which is accepted.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import Enum

__all__ = ["Container", "container_of", "is_cut_short", "with_true_size"]


class Container(Enum):
    """A kind of audio file that the service is known, or may come, to send."""

    WAV = "WAV"
    AIFF = "AIFF"
    FLAC = "FLAC"
    OGG = "Ogg"
    MP3 = "MP3"
    MP4 = "MP4"
    WEBM = "WebM"


_MIN_BYTES = 12
_WAVE_FORMS = (b"RIFF", b"RIFX", b"RF64", b"BW64")
_UNKNOWN_SIZES = (0, 0x7FFFFFFF, 0xFFFFFFFF)
"""What writers put that can't go back to the start of the file."""

_FLAC_HEADER_BYTES = 42
_MPEG_FRAME_BYTES = 2048  # no frame is longer; encoders differ in whether they count the last


def container_of(content: bytes) -> Container | None:
    """Return the kind of an audio file, by its first bytes."""
    if len(content) < _MIN_BYTES:
        return None
    magic, kind = content[:4], content[8:12]
    if magic in _WAVE_FORMS:
        return Container.WAV if kind == b"WAVE" else None
    if magic == b"FORM":
        return Container.AIFF if kind in (b"AIFF", b"AIFC") else None
    if content[4:8] == b"ftyp":
        return Container.MP4
    for start, container in _MAGIC.items():
        if content.startswith(start):
            return container
    return Container.MP3 if _is_mpeg_audio(content) else None


_MAGIC = {
    b"fLaC": Container.FLAC,
    b"OggS": Container.OGG,
    b"ID3": Container.MP3,
    b"\x1a\x45\xdf\xa3": Container.WEBM,
}


def is_cut_short(content: bytes, container: Container) -> bool:
    """Tell whether the file says that it goes on beyond these bytes."""
    check = _CHECKS.get(container)
    return check is not None and check(content)


def _is_mpeg_audio(content: bytes) -> bool:
    """Tell whether bytes begin with the header of an MPEG audio frame that can be."""
    first, second, third = content[:3]
    if first != 0xFF or second & 0xE0 != 0xE0:
        return False
    version, layer = second >> 3 & 3, second >> 1 & 3
    bit_rate, sample_rate = third >> 4, third >> 2 & 3
    return version != 1 and layer != 0 and bit_rate not in (0, 15) and sample_rate != 3


def with_true_size(content: bytes) -> bytes:
    """Return a WAV file whose writer left the size of the sound at zero with the size that it has.

    libsndfile knows the other placeholders, but takes this one for silence.
    """
    if not content.startswith(b"RIFF") or container_of(content) is not Container.WAV:
        return content
    start, size = _chunk(content, "<", b"data")
    there = len(content) - start
    if size or there < 1 or _begins_chunk(content, start):
        return content
    return content[: start - 4] + struct.pack("<I", there) + content[start:]


def _chunk(content: bytes, order: str, wanted: bytes) -> tuple[int, int]:
    """Return where the body of a chunk begins and its size; beyond the end where it is missing."""
    header, offset = struct.Struct(f"{order}4sI"), 12
    while offset + header.size <= len(content):
        name, size = header.unpack_from(content, offset)
        start = offset + header.size
        if name == wanted:
            return start, size
        offset = start + size + size % 2
    return len(content), 1


def _begins_chunk(content: bytes, offset: int) -> bool:
    """Tell whether another chunk begins there that ends within the file."""
    if offset + 8 > len(content):
        return False
    name = content[offset : offset + 4]
    size = int.from_bytes(content[offset + 4 : offset + 8], "little")
    return name.isalnum() and offset + 8 + size <= len(content)


def _is_chunked_cut(content: bytes, order: str, sound: bytes) -> bool:
    start, size = _chunk(content, order, sound)
    return size not in _UNKNOWN_SIZES and start + size > len(content)


def _is_wav_cut(content: bytes) -> bool:
    order = ">" if content[:4] == b"RIFX" else "<"
    if content[:4] in (b"RF64", b"BW64"):
        # "ds64" comes first and holds the size of the file, then that of the sound.
        (size,) = struct.unpack_from("<Q", content.ljust(36, b"\0"), 28)
        return int(size) > len(content)
    return _is_chunked_cut(content, order, b"data")


def _is_aiff_cut(content: bytes) -> bool:
    return _is_chunked_cut(content, ">", b"SSND")


def _is_flac_cut(content: bytes) -> bool:
    """Tell whether even the header is not there; the samples are counted in decoding."""
    return len(content) < _FLAC_HEADER_BYTES


def _is_ogg_cut(content: bytes) -> bool:
    """Walk the pages: the last one must be whole."""
    offset = 0
    while content.startswith(b"OggS", offset):
        table = offset + 27
        if table > len(content):
            return True
        sizes = content[table : table + content[offset + 26]]
        offset = table + content[offset + 26] + sum(sizes)
    return offset > len(content)


def _is_mp3_cut(content: bytes) -> bool:
    """Compare with the length that the encoder noted in the first frame, where it did."""
    start = _id3_bytes(content)
    head = content[start : start + 200]
    for mark in (b"Xing", b"Info"):
        at = head.find(mark)
        if at >= 0:
            flags, *_ = struct.unpack_from(">I", head.ljust(220, b"\0"), at + 4)
            size_at = at + 8 + (4 if flags & 1 else 0)
            (size,) = struct.unpack_from(">I", head.ljust(220, b"\0"), size_at)
            return bool(flags & 2) and len(content) - start + _MPEG_FRAME_BYTES < size
    return len(content) <= start


def _id3_bytes(content: bytes) -> int:
    """Return how long the tag is that stands before the first frame."""
    if not content.startswith(b"ID3"):
        return 0
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10


def _is_mp4_cut(content: bytes) -> bool:
    """Walk the boxes: the last one must be whole, and the table of contents there."""
    offset, found = 0, set()
    while offset + 8 <= len(content):
        size, name = struct.unpack_from(">I4s", content, offset)
        if size == 1:
            (size,) = struct.unpack_from(">Q", content.ljust(offset + 16, b"\0"), offset + 8)
        elif size == 0:  # to the end of the file
            size = len(content) - offset
        if size < 8:
            return True
        found.add(name)
        offset += size
    return offset > len(content) or not found & {b"moov", b"moof"}


_CHECKS: dict[Container, Callable[[bytes], bool]] = {
    Container.WAV: _is_wav_cut,
    Container.AIFF: _is_aiff_cut,
    Container.FLAC: _is_flac_cut,
    Container.OGG: _is_ogg_cut,
    Container.MP3: _is_mp3_cut,
    Container.MP4: _is_mp4_cut,
}
