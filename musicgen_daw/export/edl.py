"""A sheet as a CMX 3600 edit decision list: for any editor, or as the markers of DaVinci Resolve.

Positions are whole video frames: each edge goes to the nearest. A list tells neither its frame rate
nor where the programme begins, only absolute timecode. There is no place for tempo or loops.

Source: CMX 3600 as in the documents of its users; File > Import > Timeline Markers from EDL in
DaVinci Resolve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from musicgen_daw.export.marker_text import cue_line, hit_line, regions_of
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.sheet import on_timeline
from musicgen_daw.export.video_frames import FrameClock
from musicgen_daw.formats import edl
from musicgen_daw.formats.edl import Comment, Edl, Event, ResolveMarker
from musicgen_daw.timeline import Cue, CueSheet, Timecode

__all__ = ["encode", "encode_resolve"]


def encode(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return an event for each cue, its text as the clip's name and its hits as locators.

    Raises:
        UsageError: where nobody tells the frame rate.
    """
    clock = FrameClock.of(sheet, "an EDL")
    cues = sorted(on_timeline(sheet).cues, key=lambda cue: cue.start_s)
    events = [
        _event(number, clock.span(cue.start_s, cue.end_s), "A", _comments(cue, clock, cue_text))
        for number, cue in enumerate(cues, 1)
    ]
    return _dumped(sheet, clock, events)


def encode_resolve(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return an event for each cue and hit, with the marker that Resolve makes of it.

    Raises:
        UsageError: where nobody tells the frame rate.
    """
    clock = FrameClock.of(sheet, "Resolve's marker list")
    events = []
    for number, mark in enumerate(regions_of(on_timeline(sheet).cues, cue_text), 1):
        first, last = clock.span(mark.at_s, mark.end_s)
        colour = "ResolveColorRed" if mark.end_s is None else "ResolveColorBlue"
        video_frames = max(1, last.video_frames - first.video_frames)
        marker = ResolveMarker(mark.text, video_frames, colour)
        one_frame = first, Timecode(first.video_frames + 1, clock.rate)
        events.append(_event(number, one_frame, "V", [marker.comment()]))
    return _dumped(sheet, clock, events)


def _event(
    number: int, span: tuple[Timecode, Timecode], track: str, comments: list[Comment]
) -> Event:
    record_in, record_out = map(str, span)
    return Event(
        number, "AX", track, "C", record_in, record_out, record_in, record_out, tuple(comments)
    )


def _comments(cue: Cue, clock: FrameClock, cue_text: Callable[[Cue], str]) -> list[Comment]:
    return [Comment(f"* FROM CLIP NAME: {cue_text(cue)}"), *_locators(cue, clock)]


def _locators(cue: Cue, clock: FrameClock) -> Iterator[Comment]:
    for hit in cue.hits:
        yield Comment(f"* LOC: {clock.timecode(hit.at_s)} RED     {hit_line(hit)}")


def _dumped(sheet: CueSheet, clock: FrameClock, events: list[Event]) -> bytes:
    listed = Edl(one_line(sheet.title), clock.rate.drop_frame, tuple(events))
    return edl.dump(listed).encode("utf-8")
