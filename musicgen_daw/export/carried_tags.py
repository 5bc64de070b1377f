"""Tags for a FLAC, Ogg, MP3 or AIFF file that is made of another one of them.

Where the kind of tags stays, all of them go along: comments, pictures, frames, chunks. Where it
changes, texts that both kinds have names for do, others under their own name, and pictures. Places
in samples move with the sample rate; what tells how loud a player is to play is no longer true.

Source: Xiph's Ogg Vorbis I comment header; RFC 9639, 8; ID3v2.4.0; Apple's AIFF 1.3.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from musicgen_daw.export import places_in_tags
from musicgen_daw.export.found_tags import PICTURE, UTF8, FoundTags
from musicgen_daw.export.places import Places
from musicgen_daw.export.wav.carried import Change
from musicgen_daw.formats import aiff

__all__ = ["write_places", "write_tags"]

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


def write_tags(
    file: BinaryIO, file_format: str, tags: FoundTags, change: Change
) -> tuple[str, ...]:
    """Give tags to a whole file that has none of its own, open for reading and writing.

    Returns what its format can't hold, in words.
    """
    if file_format in ("flac", "ogg"):
        comments, lost = _as_comments(tags, change)
        lost += _write_comments(file, file_format, comments, _all_pictures(tags), tags, change)
        return (*lost, *tags.chunk_names())
    frames = _as_frames(tags, change)
    lost = ("cue sheet",) if tags.cue_sheet is not None else ()
    if file_format == "mp3":
        _save(_id3(frames), file)
        return (*lost, *tags.chunk_names())
    chunks = [(kind, _moved(kind, body, change)) for kind, body in tags.chunks]
    if frames:
        content = io.BytesIO()
        _save(_id3(frames), content)
        chunks.append((b"ID3 ", content.getvalue()))
    aiff.append_chunks(file, chunks)
    return lost


def write_places(
    file: BinaryIO, file_format: str, places: Places, change: Change
) -> tuple[str, ...]:
    """Add markers and a loop to a whole file, open for reading and writing, that has none yet.

    ``places`` are in the new file. Returns what its format can't hold, in words.
    """
    file.seek(0)
    if file_format == "aiff":
        aiff.append_chunks(file, places_in_tags.aiff_chunks(places))
    elif file_format == "mp3":
        _add_frames(file, places, change)
    else:
        tagged = _tagged(file, file_format)
        tagged.tags.extend(places_in_tags.comments(places, change.sample_rate))
        if file_format == "flac" and places.markers:
            sheet = places_in_tags.cue_sheet(places, change.length_samples)
            tagged.metadata_blocks.append(sheet)
        _save(tagged, file)
    most = places_in_tags.MOST_MARKERS[file_format]
    further = (f"markers after the first {most}",) if len(places.markers) > most else ()
    regions = ("region lengths",) if any(m.length_samples for m in places.markers) else ()
    notes = ("marker notes",) if any(m.note for m in places.markers) else ()
    return (*further, *regions, *notes)


def _add_frames(file: BinaryIO, places: Places, change: Change) -> None:
    """Add chapters and a loop to the frames of an MP3 file."""
    from mutagen import MutagenError, id3

    try:
        found: Any = id3.ID3(file)
    except MutagenError:
        found = id3.ID3()
    for frame in places_in_tags.chapters(places, change.length_samples, change.sample_rate):
        found.add(frame)
    texts = {} if places.loop is None else places_in_tags.loop_texts(places.loop)
    for name, text in texts.items():
        found.add(id3.TXXX(encoding=UTF8, desc=name, text=[text]))
    _save(found, file)


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
            frames.append(id3.COMM(encoding=UTF8, lang="eng", desc="", text=several))
        elif name in _FRAMES:
            frames.append(id3.Frames[_FRAMES[name]](encoding=UTF8, text=several))
        else:
            frames.append(id3.TXXX(encoding=UTF8, desc=name, text=several))
    frames += [
        id3.APIC(encoding=UTF8, mime=each.mime, type=each.type, desc=each.desc, data=each.data)
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


# -- writing ---------------------------------------------------------------------------------------


def _write_comments(
    file: BinaryIO,
    file_format: str,
    comments: list[tuple[str, str]],
    pictures: list[Any],
    tags: FoundTags,
    change: Change,
) -> tuple[str, ...]:
    file.seek(0)
    tagged = _tagged(file, file_format)
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
            tagged.tags.append((PICTURE, base64.b64encode(picture.write()).decode("ascii")))
        lost = ("cue sheet",) if tags.cue_sheet is not None else ()
    _save(tagged, file)
    return lost


def _tagged(file: BinaryIO, file_format: str) -> Any:
    """Return a FLAC or Ogg file as mutagen has it, with room for comments."""
    from mutagen.flac import FLAC
    from mutagen.oggvorbis import OggVorbis

    tagged: Any = FLAC(file) if file_format == "flac" else OggVorbis(file)
    if tagged.tags is None:
        tagged.add_tags()
    return tagged


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
