"""The tags of stems that are no WAV files: what they are, where they come from, loop and markers.

FLAC and Ogg have comments: the loop as LOOPSTART and LOOPLENGTH, as game engines read it, markers
as chapters; FLAC has them to the sample in its cue sheet as well. AIFF has markers and the loop of
an instrument, and an ID3 chunk. MP3 has ID3 with chapters, in milliseconds; it has no loop, since
its decoders don't agree on the first sample.

Source: Xiph's Ogg Vorbis I comment header and Chapter Extension; RFC 9639, 8.7; ID3v2.3.0 and the
ID3v2 Chapter Frame Addendum; Apple's AIFF 1.3.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, BinaryIO

from musicgen_daw.export import places_in_tags
from musicgen_daw.export.places import Places
from musicgen_daw.export.plain_text import ascii_line, one_line
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.formats import aiff
from musicgen_daw.timeline import Span

__all__ = ["FileTags", "write_tags"]


@dataclass(frozen=True, slots=True)
class FileTags:
    """What the tags of one file tell.

    ``more`` are further texts by name, such as provenance. ``loop`` ends exclusive.
    """

    title: str
    album: str
    artist: str
    comment: str
    copyright: str
    software: str
    length_samples: int
    sample_rate: int
    bpm: Fraction | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    loop: Span | None = None
    markers: Sequence[Marker] = ()

    def places(self) -> Places:
        """Return the loop, and the markers in the order of time."""
        return Places(tuple(sorted(self.markers)), self.loop)


def write_tags(file: BinaryIO, format_: str, tags: FileTags) -> None:
    """Write tags into a whole ``aiff``, ``flac``, ``ogg`` or ``mp3`` file, open for both ways.

    The same tags give the same bytes.

    Raises:
        ValueError: for another format, or an AIFF file that would be too long.
    """
    if format_ not in _WRITERS:
        raise ValueError(f"unknown format {format_!r}: use one of {', '.join(_WRITERS)}")
    file.seek(0)
    _WRITERS[format_](file, tags)


# -- comments of FLAC and Ogg ------------------------------------------------------------------


def _comments(tags: FileTags) -> list[tuple[str, str]]:
    texts = {
        "TITLE": tags.title,
        "ALBUM": tags.album,
        "ARTIST": tags.artist,
        "COMMENT": tags.comment,
        "COPYRIGHT": tags.copyright,
        "ENCODER": tags.software,
        "BPM": "" if tags.bpm is None else _bpm(tags.bpm),
        **tags.more,
    }
    own = [(name, plain) for name, text in texts.items() if (plain := one_line(text))]
    return [*own, *places_in_tags.comments(tags.places(), tags.sample_rate)]


def _write_flac(file: BinaryIO, tags: FileTags) -> None:
    from mutagen.flac import FLAC

    flac: Any = FLAC(file)
    if flac.tags is None:
        flac.add_tags()
    flac.tags.clear()
    flac.tags.extend(_comments(tags))
    if tags.markers:
        flac.metadata_blocks.append(places_in_tags.cue_sheet(tags.places(), tags.length_samples))
    _save(flac, file)


def _write_ogg(file: BinaryIO, tags: FileTags) -> None:
    from mutagen.oggvorbis import OggVorbis

    ogg: Any = OggVorbis(file)
    ogg.tags.clear()
    ogg.tags.extend(_comments(tags))
    _save(ogg, file)


# -- ID3 of MP3 and AIFF -----------------------------------------------------------------------


def _write_mp3(file: BinaryIO, tags: FileTags) -> None:
    _save(_id3(tags), file, v1=0, v2_version=3)


def _id3(tags: FileTags) -> Any:
    from mutagen import id3

    texts: dict[Any, str] = {
        id3.TIT2: tags.title,
        id3.TALB: tags.album,
        id3.TPE1: tags.artist,
        id3.TCOP: tags.copyright,
        id3.TSSE: tags.software,
        id3.TBPM: "" if tags.bpm is None else _bpm(tags.bpm),
    }
    found: Any = id3.ID3()
    for frame, text in texts.items():
        if plain := one_line(text):
            found.add(frame(encoding=1, text=[plain]))
    found.add(id3.COMM(encoding=1, lang="eng", desc="", text=[one_line(tags.comment)]))
    for name, text in tags.more.items():
        found.add(id3.TXXX(encoding=1, desc=name, text=[one_line(text)]))
    for chapter in places_in_tags.chapters(tags.places(), tags.length_samples, tags.sample_rate):
        found.add(chapter)
    return found


# -- chunks of AIFF ----------------------------------------------------------------------------


def _write_aiff(file: BinaryIO, tags: FileTags) -> None:
    chunks = list(places_in_tags.aiff_chunks(tags.places()))
    texts = {b"NAME": tags.title, b"AUTH": tags.artist, b"(c) ": tags.copyright}
    texts[b"ANNO"] = tags.comment
    chunks += [aiff.text(kind, ascii_line(text, 65_535)) for kind, text in texts.items() if text]
    id3 = io.BytesIO()
    _save(_id3(tags), id3, v1=0, v2_version=3)
    aiff.append_chunks(file, [*chunks, (b"ID3 ", id3.getvalue())])


_WRITERS: Mapping[str, Callable[[BinaryIO, FileTags], None]] = MappingProxyType(
    {"aiff": _write_aiff, "flac": _write_flac, "mp3": _write_mp3, "ogg": _write_ogg}
)


def _save(tagged: Any, file: BinaryIO, **how: int) -> None:
    """Let mutagen write into an open file, from its beginning on."""
    file.seek(0)
    tagged.save(file, **how)
    file.seek(0, io.SEEK_END)


def _bpm(bpm: Fraction) -> str:
    return f"{float(bpm):.2f}".rstrip("0").rstrip(".")
