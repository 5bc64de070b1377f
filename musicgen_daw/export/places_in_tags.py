"""Markers and a loop as the tags of FLAC, Ogg, MP3 and AIFF files hold them.

Comments tell a chapter's start to the millisecond, and so does ID3; AIFF and FLAC's cue sheet are
exact to the sample. ``MOST_MARKERS`` tells how many each format holds; more are left out.

Source: Xiph's Ogg Vorbis I Chapter Extension; RFC 9639, 8.7; ID3v2 Chapter Frame Addendum; Apple's
AIFF 1.3. LOOPSTART and LOOPLENGTH are what game engines read, in samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from musicgen_daw.export.places import Places
from musicgen_daw.export.plain_text import ascii_line, one_line
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.formats import aiff
from musicgen_daw.formats.aiff import AiffMarker
from musicgen_daw.timeline import Span

__all__ = [
    "CUE_SHEET_END",
    "MOST_MARKERS",
    "aiff_chunks",
    "chapters",
    "comments",
    "cue_sheet",
    "loop_texts",
]

MOST_MARKERS: Mapping[str, int] = MappingProxyType(
    {"aiff": aiff.MAX_MARKERS - 2, "flac": 999, "mp3": 255, "ogg": 999}
)
"""An AIFF keeps two for its loop, a comment counts in three digits, a table of ID3 in a byte."""

CUE_SHEET_END = 255
"""The number of the track at the end of a FLAC cue sheet that is no CD's."""

_MOST_CUE_TRACKS = 254
"""Tracks of a FLAC cue sheet but for the one at its end."""


def comments(places: Places, sample_rate: int) -> list[tuple[str, str]]:
    """Return the comments of a loop and of markers, as chapters."""
    texts = {} if places.loop is None else loop_texts(places.loop)
    for number, marker in enumerate(places.markers[: MOST_MARKERS["flac"]], 1):
        texts[f"CHAPTER{number:03}"] = _clock(marker, sample_rate)
        texts[f"CHAPTER{number:03}NAME"] = one_line(marker.name)
    return [(name, text) for name, text in texts.items() if text]


def loop_texts(loop: Span) -> dict[str, str]:
    """Return the comments of a loop by their names."""
    return {"LOOPSTART": str(loop.start_samples), "LOOPLENGTH": str(loop.length_samples)}


def _clock(marker: Marker, sample_rate: int) -> str:
    seconds, milliseconds = divmod(_milliseconds(marker.at_samples, sample_rate), 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{milliseconds:03}"


def cue_sheet(places: Places, length_samples: int) -> Any:
    """Return FLAC's cue sheet, a track for each marker."""
    from mutagen.flac import CueSheet, CueSheetTrack, CueSheetTrackIndex

    sheet: Any = CueSheet(None)
    sheet.compact_disc, sheet.lead_in_samples = False, 0
    for number, marker in enumerate(places.markers[:_MOST_CUE_TRACKS], 1):
        track = CueSheetTrack(number, marker.at_samples)
        track.indexes.append(CueSheetTrackIndex(1, 0))
        sheet.tracks.append(track)
    sheet.tracks.append(CueSheetTrack(CUE_SHEET_END, length_samples))
    return sheet


def chapters(places: Places, length_samples: int, sample_rate: int) -> Iterator[Any]:
    """Yield ID3's table of contents and a chapter for each marker, which lasts until the next."""
    from mutagen import id3

    placed = places.markers[: MOST_MARKERS["mp3"]]
    if not placed:
        return
    names = [f"marker{number}" for number in range(1, len(placed) + 1)]
    yield id3.CTOC(element_id="markers", flags=3, child_element_ids=names)
    ends = [*(marker.at_samples for marker in placed[1:]), length_samples]
    for name, marker, end_samples in zip(names, placed, ends, strict=True):
        title = id3.TIT2(encoding=1, text=[one_line(marker.name)])
        yield id3.CHAP(
            element_id=name,
            start_time=_milliseconds(marker.at_samples, sample_rate),
            end_time=_milliseconds(end_samples, sample_rate),
            sub_frames=[title],
        )


def aiff_chunks(places: Places) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks of an AIFF file: its markers, and the instrument that plays its loop."""
    placed = [
        AiffMarker(marker.at_samples, ascii_line(marker.name, 255)) for marker in places.markers
    ]
    placed = placed[: MOST_MARKERS["aiff"]]
    if places.loop is not None:
        placed.append(AiffMarker(places.loop.start_samples, "loop start"))
        placed.append(AiffMarker(places.loop.end_samples, "loop end"))
    if placed:
        yield aiff.markers(placed)
    if places.loop is not None:
        yield aiff.instrument(len(placed) - 1, len(placed))


def _milliseconds(samples: int, sample_rate: int) -> int:
    return (samples * 1000 + sample_rate // 2) // sample_rate
