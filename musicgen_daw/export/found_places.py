"""Markers and the loop of a file, read from its chunks or tags; what is broken is not there.

Where a format tells a marker twice, to the sample and to the millisecond with a better name, it is
one marker.

Source: as ``places_in_tags`` and the chunks of ``wav`` tell.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import Any

from musicgen_daw.export.found_tags import FoundTags
from musicgen_daw.export.places import Places
from musicgen_daw.export.places_in_tags import CUE_SHEET_END
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.wav import smpl
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.formats import aiff, riff, wav_markers
from musicgen_daw.formats.riff import Chunk, FoundChunk
from musicgen_daw.timeline import Span

__all__ = ["PLACE_CHUNKS", "PLACE_COMMENTS", "places_in_chunks", "places_of_tags", "without_places"]

PLACE_CHUNKS = (b"cue ", b"adtl", b"smpl", b"MARK", b"INST")
"""The chunks of WAV and AIFF files that hold places; "adtl" is the kind of a list."""

PLACE_COMMENTS = re.compile(r"CHAPTER\d{3}(NAME|URL)?|LOOP_?(START|END|LENGTH)", re.IGNORECASE)
"""The names of comments that tell places."""

_MOST_MARKERS = 100_000
_CLOCK = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?")
_SAME_PLACE_S = Fraction(1, 1000)


def places_in_chunks(chunks: Iterable[Chunk]) -> Places:
    """Return the places that the chunks of a WAV file tell."""
    points: dict[int, int] = {}
    said: dict[tuple[int, bytes], wav_markers.Said] = {}
    loops: list[Span] = []
    for chunk in chunks:
        if chunk.id == b"cue ":
            found = islice(wav_markers.parse_points(chunk.body), _MOST_MARKERS)
            points |= {point.number: point.at_samples for point in found}
        elif chunk.id == b"LIST" and chunk.body[:4] == b"adtl":
            said |= {(each.number, kind): each for kind, each in _said(chunk.body)}
        elif chunk.id == b"smpl":
            loops += islice(smpl.endless_loops(chunk.body), 1)
    silent = wav_markers.Said(0, b"")
    markers = []
    for number, at_samples in points.items():
        name, note, region = (
            said.get((number, kind), silent) for kind in (b"labl", b"note", b"ltxt")
        )
        texts = (_decoded(name.text or region.text), region.length_samples, _decoded(note.text))
        markers.append(Marker(at_samples, *texts))
    return Places(tuple(sorted(markers)), loops[0] if loops else None)


def _said(body: bytes) -> Iterator[tuple[bytes, wav_markers.Said]]:
    for part in riff.parse_list(body, FoundChunk(b"LIST", 0, len(body)))[1]:
        each = wav_markers.parse_said(part.id, part.body(body))
        if each is not None:
            yield part.id, each


def places_of_tags(tags: FoundTags, sample_rate: int, length_samples: int) -> Places:
    """Return the places that a FLAC, Ogg, MP3 or AIFF file of so many samples tells."""
    chunks = dict(tags.chunks)
    looped, others = aiff.loop_and_others(chunks.get(b"MARK", b""), chunks.get(b"INST", b""))
    exact = [Marker(marker.at_samples, _decoded(marker.name)) for marker in others]
    exact += _tracks(tags.cue_sheet)
    comments = [(name.upper(), text) for name, text in tags.comments]
    for frame in tags.frames:
        if frame.FrameID == "TXXX":
            comments += [(frame.desc.upper(), str(text)) for text in frame.text]
    rough = [*_chapters(comments, sample_rate), *_chapter_frames(tags.frames, sample_rate)]
    loop = Span(*looped) if looped else _loop_of_comments(dict(comments), length_samples)
    return Places(tuple(sorted(_merged(exact, rough, sample_rate))), loop)


def without_places(tags: FoundTags) -> FoundTags:
    """Return all tags but those that tell places."""
    return replace(
        tags,
        comments=tuple(each for each in tags.comments if not PLACE_COMMENTS.fullmatch(each[0])),
        cue_sheet=None,
        frames=tuple(frame for frame in tags.frames if not _tells_places(frame)),
        chunks=tuple(chunk for chunk in tags.chunks if chunk[0] not in PLACE_CHUNKS),
    )


def _tells_places(frame: Any) -> bool:
    if frame.FrameID == "TXXX":
        return PLACE_COMMENTS.fullmatch(frame.desc) is not None
    return frame.FrameID in ("CHAP", "CTOC")


def _tracks(cue_sheet: Any) -> Iterator[Marker]:
    """Yield the tracks of a FLAC cue sheet but the one at its end: that of a CD is 170."""
    for track in cue_sheet.tracks[:-1] if cue_sheet is not None else ():
        if track.track_number < CUE_SHEET_END:
            first = min((index.index_offset for index in track.indexes), default=0)
            yield Marker(track.start_offset + first, f"Track {track.track_number}")


def _chapters(comments: Sequence[tuple[str, str]], sample_rate: int) -> Iterator[Marker]:
    named = dict(comments)
    for name, text in named.items():
        clock = _CLOCK.fullmatch(text.strip())
        if clock is None or not re.fullmatch(r"CHAPTER\d{3}", name):
            continue
        hours, minutes, seconds = (int(part) for part in clock.groups()[:3])
        at_s = Fraction(f"{hours * 3600 + minutes * 60 + seconds}.{clock[4] or 0}")
        yield Marker(round(at_s * sample_rate), one_line(named.get(f"{name}NAME", "")))


def _chapter_frames(frames: Iterable[Any], sample_rate: int) -> Iterator[Marker]:
    for frame in frames:
        if frame.FrameID == "CHAP":
            titles = frame.sub_frames.getall("TIT2")
            name = one_line(str(titles[0])) if titles else ""
            yield Marker(round(Fraction(frame.start_time, 1000) * sample_rate), name)


def _loop_of_comments(comments: dict[str, str], length_samples: int) -> Span | None:
    """Return the loop that comments tell; one without an end lasts until the file's."""
    told = {
        name.replace("_", ""): int(text)
        for name, text in comments.items()
        if PLACE_COMMENTS.fullmatch(name) and re.fullmatch(r"\s*\d{1,15}\s*", text)
    }
    if "LOOPSTART" not in told:
        return None
    start = told["LOOPSTART"]
    length = told.get("LOOPLENGTH", told.get("LOOPEND", length_samples) - start)
    return Span(start, start + length) if length > 0 else None


def _merged(exact: list[Marker], rough: list[Marker], sample_rate: int) -> Iterator[Marker]:
    """Yield exact places with the names of rough ones that are the same, then the other ones."""
    within = int(_SAME_PLACE_S * sample_rate)
    by_place: dict[int, list[Marker]] = {}
    for marker in rough:
        by_place.setdefault(marker.at_samples, []).append(marker)
    places = sorted(by_place)
    for marker in exact:
        near = _nearest(places, marker.at_samples)
        same = (
            by_place[near] if near is not None and abs(near - marker.at_samples) <= within else []
        )
        yield replace(marker, name=same.pop(0).name or marker.name) if same else marker
    yield from (marker for left in by_place.values() for marker in left)


def _nearest(places: Sequence[int], at_samples: int) -> int | None:
    at = bisect_left(places, at_samples)
    return min(places[max(0, at - 1) : at + 1], key=lambda p: abs(p - at_samples), default=None)


def _decoded(text: bytes) -> str:
    """Return a name, which most programs write as UTF-8, and older ones as Windows' Latin."""
    try:
        return one_line(text.decode("utf-8"))
    except UnicodeDecodeError:
        return one_line(text.decode("cp1252", "replace"))
