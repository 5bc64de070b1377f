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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, BinaryIO

from musicgen_daw.export.plain_text import ascii_line, one_line
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.formats import aiff
from musicgen_daw.formats.aiff import AiffMarker
from musicgen_daw.timeline import Span

__all__ = ["FileTags", "write_tags"]

_MOST_CUE_TRACKS = 254
"""Tracks of a FLAC cue sheet but for the one at its end."""
_CUE_SHEET_END = 255
_MOST_CHAPTERS = 255
"""An ID3 table of contents counts them in a byte."""


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

    def in_order(self) -> list[Marker]:
        """Return the markers in the order of time."""
        return sorted(self.markers)


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
    if tags.loop is not None:
        texts["LOOPSTART"] = str(tags.loop.start_samples)
        texts["LOOPLENGTH"] = str(tags.loop.length_samples)
    for number, marker in enumerate(tags.in_order()[:999], 1):
        texts[f"CHAPTER{number:03}"] = _clock(marker, tags.sample_rate)
        texts[f"CHAPTER{number:03}NAME"] = marker.name
    return [(name, plain) for name, text in texts.items() if (plain := one_line(text))]


def _clock(marker: Marker, sample_rate: int) -> str:
    seconds, milliseconds = divmod(_milliseconds(marker.at_samples, sample_rate), 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{milliseconds:03}"


def _write_flac(file: BinaryIO, tags: FileTags) -> None:
    from mutagen.flac import FLAC

    flac: Any = FLAC(file)
    if flac.tags is None:
        flac.add_tags()
    flac.tags.clear()
    flac.tags.extend(_comments(tags))
    if tags.markers:
        flac.metadata_blocks.append(_cue_sheet(tags))
    _save(flac, file)


def _cue_sheet(tags: FileTags) -> Any:
    from mutagen.flac import CueSheet, CueSheetTrack, CueSheetTrackIndex

    sheet: Any = CueSheet(None)
    sheet.compact_disc, sheet.lead_in_samples = False, 0
    for number, marker in enumerate(tags.in_order()[:_MOST_CUE_TRACKS], 1):
        track = CueSheetTrack(number, marker.at_samples)
        track.indexes.append(CueSheetTrackIndex(1, 0))
        sheet.tracks.append(track)
    sheet.tracks.append(CueSheetTrack(_CUE_SHEET_END, tags.length_samples))
    return sheet


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
    for chapter in _chapters(tags):
        found.add(chapter)
    return found


def _chapters(tags: FileTags) -> Iterator[Any]:
    """Yield the table of contents and a chapter for each marker, which lasts until the next."""
    from mutagen import id3

    placed = tags.in_order()[:_MOST_CHAPTERS]
    if not placed:
        return
    names = [f"marker{number}" for number in range(1, len(placed) + 1)]
    yield id3.CTOC(element_id="markers", flags=3, child_element_ids=names)
    ends = [*(marker.at_samples for marker in placed[1:]), tags.length_samples]
    for name, marker, end_samples in zip(names, placed, ends, strict=True):
        title = id3.TIT2(encoding=1, text=[one_line(marker.name)])
        yield id3.CHAP(
            element_id=name,
            start_time=_milliseconds(marker.at_samples, tags.sample_rate),
            end_time=_milliseconds(end_samples, tags.sample_rate),
            sub_frames=[title],
        )


# -- chunks of AIFF ----------------------------------------------------------------------------


def _write_aiff(file: BinaryIO, tags: FileTags) -> None:
    placed = [AiffMarker(m.at_samples, ascii_line(m.name, 255)) for m in tags.in_order()]
    placed = placed[: aiff.MAX_MARKERS - 2]
    chunks = []
    if tags.loop is not None:
        placed.append(AiffMarker(tags.loop.start_samples, "loop start"))
        placed.append(AiffMarker(tags.loop.end_samples, "loop end"))
        chunks.append(aiff.instrument(len(placed) - 1, len(placed)))
    if placed:
        chunks.insert(0, aiff.markers(placed))
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


def _milliseconds(samples: int, sample_rate: int) -> int:
    return (samples * 1000 + sample_rate // 2) // sample_rate


def _bpm(bpm: Fraction) -> str:
    return f"{float(bpm):.2f}".rstrip("0").rstrip(".")
