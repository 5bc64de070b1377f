"""The tags that a FLAC, Ogg, MP3 or AIFF file has, as its format has them.

Source: Xiph's Ogg Vorbis I comment header; RFC 9639, 8; ID3v2.4.0; Apple's AIFF 1.3.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from musicgen_daw.formats import aiff

__all__ = ["PICTURE", "TAGGED_FORMATS", "UTF8", "FoundTags", "find_tags"]

TAGGED_FORMATS = ("aiff", "flac", "mp3", "ogg")
"""The formats whose tags are carried."""

PICTURE = "METADATA_BLOCK_PICTURE"
"""The comment of an Ogg file that holds a picture."""
UTF8 = 3
"""The number of that encoding in a frame of ID3."""

_BROKEN = (ValueError, LookupError, OverflowError, struct.error, binascii.Error)
"""What a library may stumble over in a file that is broken on purpose."""


@dataclass(frozen=True, slots=True)
class FoundTags:
    """What a file has of tags, as its format has it.

    ``comments`` are names with texts, ``pictures`` FLAC's own, ``cue_sheet`` too; ``frames`` are
    those of ID3, and ``chunks`` those of AIFF beside it.
    """

    comments: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Any, ...] = ()
    cue_sheet: Any = None
    frames: tuple[Any, ...] = ()
    chunks: tuple[tuple[bytes, bytes], ...] = ()

    def beside_texts(self) -> tuple[str, ...]:
        """Return in words what there is beside texts: a format without its kind can't hold it."""
        pictures = self.pictures or any(frame.FrameID == "APIC" for frame in self.frames)
        sheet = ("cue sheet",) if self.cue_sheet is not None else ()
        return (*(("pictures",) if pictures else ()), *sheet, *self.chunk_names())

    def chunk_names(self) -> tuple[str, ...]:
        """Return in words what the chunks of AIFF hold that no other format can."""
        known = {b"MARK": "markers", b"INST": "loop points", b"MIDI": "MIDI data"}
        told = {known.get(kind, "") for kind, _ in self.chunks}
        return tuple(name for name in known.values() if name in told)


def find_tags(path: Path, container: str) -> FoundTags:
    """Read the tags of a file; one that can't be read has none.

    Raises:
        OSError: as the system tells it.
    """
    from mutagen import MutagenError

    with path.open("rb") as file:
        try:
            return _READERS[container](file)
        except (MutagenError, *_BROKEN):
            return FoundTags()


def _read_flac(file: BinaryIO) -> FoundTags:
    from mutagen.flac import FLAC

    found: Any = FLAC(file)
    comments = tuple(found.tags or ())
    return FoundTags(comments, tuple(found.pictures), found.cuesheet)


def _read_ogg(file: BinaryIO) -> FoundTags:
    import mutagen
    from mutagen.flac import Picture

    found: Any = mutagen.File(file)
    comments = tuple(found.tags or ()) if found is not None else ()
    pictures = []
    for name, text in comments:
        if name.upper() == PICTURE:
            pictures.append(Picture(base64.b64decode(text)))
    texts = tuple(each for each in comments if each[0].upper() != PICTURE)
    return FoundTags(texts, tuple(pictures))


def _read_mp3(file: BinaryIO) -> FoundTags:
    from mutagen.id3 import ID3

    found: Any = ID3(file)
    if found.version[0] == 1:  # it tells no encoding, and libsndfile writes UTF-8
        for frame in found.values():
            with suppress(UnicodeError, AttributeError):
                frame.text = [text.encode("latin-1").decode("utf-8") for text in frame.text]
            frame.encoding = UTF8
    return FoundTags(frames=tuple(each for each in found.values() if not _is_signature(each)))


def _is_signature(frame: Any) -> bool:
    """Tell whether a frame holds for these very bytes, and for no file made from them."""
    return frame.FrameID == "GEOB" and "c2pa" in frame.mime


def _read_aiff(file: BinaryIO) -> FoundTags:
    chunks = aiff.other_chunks(file)
    frames: tuple[Any, ...] = ()
    for kind, body in chunks:
        if kind in (b"ID3 ", b"id3 "):
            frames = _read_mp3(io.BytesIO(body)).frames
    rest = tuple(chunk for chunk in chunks if chunk[0] not in (b"ID3 ", b"id3 "))
    return FoundTags(frames=frames, chunks=rest)


_READERS = {"aiff": _read_aiff, "flac": _read_flac, "mp3": _read_mp3, "ogg": _read_ogg}
