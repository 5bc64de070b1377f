"""The tags of a FLAC, Ogg, MP3 or AIFF file that goes on to another one of them.

Where the kind of tags stays, all of them go along: comments, pictures, frames, chunks. Where it
changes, texts that both kinds have names for do, others under their own name, and pictures. Places
in samples move with the sample rate; what tells how loud a player is to play is no longer true.

Source: Xiph's Ogg Vorbis I comment header; RFC 9639, 8; ID3v2.4.0; Apple's AIFF 1.3.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from musicgen_daw.export.wav.carried import Change
from musicgen_daw.formats import aiff

__all__ = ["TAGGED_FORMATS", "FoundTags", "find_tags", "write_tags"]

TAGGED_FORMATS = ("aiff", "flac", "mp3", "ogg")
"""The formats whose tags are carried."""

_PICTURE = "METADATA_BLOCK_PICTURE"
_UNTRUE = re.compile(r"REPLAYGAIN_|R128_|ENCODED|ENCODER\b|TLEN|TSSE|RVA2|RGAD", re.IGNORECASE)
_PLACES = re.compile(r"LOOP_?(START|END|LENGTH)", re.IGNORECASE)
_FRAMES = {
    "TITLE": "TIT2",
    "ARTIST": "TPE1",
    "ALBUM": "TALB",
    "ALBUMARTIST": "TPE2",
    "COMPOSER": "TCOM",
    "DATE": "TDRC",
    "GENRE": "TCON",
    "TRACKNUMBER": "TRCK",
    "COPYRIGHT": "TCOP",
    "BPM": "TBPM",
    "ISRC": "TSRC",
}
_COMMENTS = {frame: name for name, frame in _FRAMES.items()}
_UTF8 = 3
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
        return (*(("pictures",) if pictures else ()), *sheet, *_chunk_names(self))


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


def write_tags(
    file: BinaryIO, file_format: str, tags: FoundTags, change: Change
) -> tuple[str, ...]:
    """Give tags to a whole file that has none of its own, open for reading and writing.

    Returns what its format can't hold, in words.
    """
    if file_format in ("flac", "ogg"):
        comments, lost = _as_comments(tags, change)
        lost += _write_comments(file, file_format, comments, _all_pictures(tags), tags, change)
        return (*lost, *_chunk_names(tags))
    frames = _as_frames(tags, change)
    lost = ("cue sheet",) if tags.cue_sheet is not None else ()
    if file_format == "mp3":
        _save(_id3(frames), file)
        return (*lost, *_chunk_names(tags))
    chunks = [(kind, _moved(kind, body, change)) for kind, body in tags.chunks]
    if frames:
        content = io.BytesIO()
        _save(_id3(frames), content)
        chunks.append((b"ID3 ", content.getvalue()))
    aiff.append_chunks(file, chunks)
    return lost


# -- reading ---------------------------------------------------------------------------------------


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
        if name.upper() == _PICTURE:
            pictures.append(Picture(base64.b64decode(text)))
    texts = tuple(each for each in comments if each[0].upper() != _PICTURE)
    return FoundTags(texts, tuple(pictures))


def _read_mp3(file: BinaryIO) -> FoundTags:
    from mutagen.id3 import ID3

    found: Any = ID3(file)
    if found.version[0] == 1:  # it tells no encoding, and libsndfile writes UTF-8
        for frame in found.values():
            with suppress(UnicodeError, AttributeError):
                frame.text = [text.encode("latin-1").decode("utf-8") for text in frame.text]
            frame.encoding = _UTF8
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


# -- from one kind to the other --------------------------------------------------------------------


def _as_comments(tags: FoundTags, change: Change) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return all texts as comments, and the names of frames that are none."""
    comments = [
        (name, _placed(name, text, change))
        for name, text in tags.comments
        if not _UNTRUE.match(name)
    ]
    lost: dict[str, None] = {}
    for frame in tags.frames:
        own = list(_comments_of(frame))
        comments += [(name, _placed(name, text, change)) for name, text in own]
        if not own and frame.FrameID != "APIC" and not _UNTRUE.match(frame.FrameID):
            lost[f"ID3 frame {frame.FrameID}"] = None
    return comments, tuple(lost)


def _comments_of(frame: Any) -> Iterator[tuple[str, str]]:
    kind = frame.FrameID
    name = {"COMM": "COMMENT", "TXXX": getattr(frame, "desc", "")}.get(kind) or _COMMENTS.get(kind)
    if name and not _UNTRUE.match(name) and re.fullmatch(r"[ -<>-}]+", name):
        yield from ((name.upper(), str(text)) for text in frame.text)


def _as_frames(tags: FoundTags, change: Change) -> list[Any]:
    """Return all texts and pictures as ID3 frames."""
    from mutagen import id3

    frames = [frame for frame in tags.frames if not _UNTRUE.match(_name_of(frame))]
    texts: dict[str, list[str]] = {}
    for name, text in tags.comments:
        if not _UNTRUE.match(name):
            texts.setdefault(name.upper(), []).append(_placed(name, text, change))
    for name, several in texts.items():
        if name in ("COMMENT", "DESCRIPTION"):
            frames.append(id3.COMM(encoding=_UTF8, lang="eng", desc="", text=several))
        elif name in _FRAMES:
            frames.append(id3.Frames[_FRAMES[name]](encoding=_UTF8, text=several))
        else:
            frames.append(id3.TXXX(encoding=_UTF8, desc=name, text=several))
    frames += [
        id3.APIC(encoding=_UTF8, mime=each.mime, type=each.type, desc=each.desc, data=each.data)
        for each in tags.pictures
    ]
    return frames


def _all_pictures(tags: FoundTags) -> list[Any]:
    from mutagen.flac import Picture

    pictures = list(tags.pictures)
    for frame in tags.frames:
        if frame.FrameID == "APIC":
            picture: Any = Picture()
            picture.mime, picture.type = frame.mime, int(frame.type)
            picture.desc, picture.data = frame.desc, frame.data
            pictures.append(picture)
    return pictures


def _name_of(frame: Any) -> str:
    return str(frame.desc if frame.FrameID == "TXXX" else frame.FrameID)


def _placed(name: str, text: str, change: Change) -> str:
    """Return the text of a comment; one that tells a place or a length in samples is moved."""
    if _PLACES.fullmatch(name) and re.fullmatch(r"\d{1,15}", text.strip()):
        return str(change.place(int(text)))
    return text


def _moved(kind: bytes, body: bytes, change: Change) -> bytes:
    if kind != b"MARK":
        return body
    try:
        return aiff.moved_markers(body, change.place)
    except ValueError:
        return body


def _chunk_names(tags: FoundTags) -> tuple[str, ...]:
    known = {b"MARK": "markers", b"INST": "loop points", b"MIDI": "MIDI data"}
    told = {known.get(kind, "") for kind, _ in tags.chunks}
    return tuple(name for name in known.values() if name in told)


# -- writing ---------------------------------------------------------------------------------------


def _write_comments(
    file: BinaryIO,
    file_format: str,
    comments: list[tuple[str, str]],
    pictures: list[Any],
    tags: FoundTags,
    change: Change,
) -> tuple[str, ...]:
    from mutagen.flac import FLAC
    from mutagen.oggvorbis import OggVorbis

    file.seek(0)
    tagged: Any = FLAC(file) if file_format == "flac" else OggVorbis(file)
    if tagged.tags is None:
        tagged.add_tags()
    tagged.tags.clear()
    tagged.tags.extend(comments)
    lost: tuple[str, ...] = ()
    if file_format == "flac":
        for picture in pictures:
            tagged.add_picture(picture)
        if tags.cue_sheet is not None:
            tagged.metadata_blocks.append(_moved_sheet(tags.cue_sheet, change))
    else:
        for picture in pictures:
            tagged.tags.append((_PICTURE, base64.b64encode(picture.write()).decode("ascii")))
        lost = ("cue sheet",) if tags.cue_sheet is not None else ()
    _save(tagged, file)
    return lost


def _moved_sheet(sheet: Any, change: Change) -> Any:
    for track in sheet.tracks:
        track.start_offset = change.place(track.start_offset)
        track.indexes = [
            type(index)(index.index_number, change.place(index.index_offset))
            for index in track.indexes
        ]
    return sheet


def _id3(frames: list[Any]) -> Any:
    from mutagen.id3 import ID3

    found: Any = ID3()
    for frame in frames:
        found.add(frame)
    return found


def _save(tagged: Any, file: BinaryIO) -> None:
    """Let mutagen write into an open file, from its beginning on."""
    file.seek(0)
    tagged.save(file)
    file.seek(0, io.SEEK_END)
