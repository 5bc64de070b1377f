"""A sheet as a CMX 3600 edit decision list: for any editor, or as the markers of DaVinci Resolve.

Positions are whole video frames: each edge goes to the nearest. A list tells neither its frame rate
nor where the programme begins, only absolute timecode. There is no place for tempo or loops.

Source: CMX 3600 as in the documents of its users; File > Import > Timeline Markers from EDL in
DaVinci Resolve.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from musicgen_daw.export.marker_text import TextMarker, cue_line, markers_of, regions_of
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.sheet import on_timeline
from musicgen_daw.export.video_frames import FrameClock
from musicgen_daw.formats import edl
from musicgen_daw.formats.edl import Comment, Edl, Event, ResolveMarker
from musicgen_daw.timeline import Cue, CueSheet, Timecode, in_time

__all__ = ["encode", "encode_resolve", "without_bars"]


def encode(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return an event for each cue, and locators where cues begin, are hit and end.

    Raises:
        UsageError: where nobody tells the frame rate.
        ExportError: where the timeline passes a day.
    """
    clock = FrameClock.of(sheet, "an EDL")
    cues = sorted(on_timeline(sheet).cues, key=lambda cue: in_time(cue.start_s))
    starts = [in_time(cue.start_s) for cue in cues]
    locators: list[list[Comment]] = [[] for _ in cues]
    for mark in markers_of(cues, cue_text):
        begun = max(1, bisect_right(starts, in_time(mark.at_s)))
        locators[begun - 1].append(_locator(mark, clock))
    events = [
        _event(number, clock.span(cue.start_s, cue.end_s), "A", [_clip_name(cue, cue_text), *under])
        for number, (cue, under) in enumerate(zip(cues, locators, strict=True), 1)
    ]
    return _dumped(sheet, clock, events)


def encode_resolve(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return an event for each cue and hit, with the marker that Resolve makes of it.

    Raises:
        UsageError: where nobody tells the frame rate.
        ExportError: where the timeline passes a day.
    """
    clock = FrameClock.of(sheet, "Resolve's marker list")
    events = []
    for number, mark in enumerate(regions_of(on_timeline(sheet).cues, cue_text), 1):
        first, last = clock.span(mark.at_s, mark.end_s)
        colour = "ResolveColorRed" if mark.end_s is None else "ResolveColorBlue"
        video_frames = max(1, last.video_frames - first.video_frames)
        marker = ResolveMarker(mark.text, video_frames, colour)
        one_frame = clock.span(mark.at_s, mark.at_s)
        events.append(_event(number, one_frame, "V", [marker.comment()]))
    return _dumped(sheet, clock, events)


def _event(
    number: int, span: tuple[Timecode, Timecode], track: str, comments: list[Comment]
) -> Event:
    record_in, record_out = map(str, span)
    return Event(
        number, "AX", track, "C", record_in, record_out, record_in, record_out, tuple(comments)
    )


def _clip_name(cue: Cue, cue_text: Callable[[Cue], str]) -> Comment:
    return Comment(f"* FROM CLIP NAME: {without_bars(cue_text(cue))}")


def _locator(mark: TextMarker, clock: FrameClock) -> Comment:
    colour = "RED" if mark.text.startswith("!") else "BLUE"
    return Comment(f"* LOC: {clock.timecode(mark.at_s)} {colour:<7} {without_bars(mark.text)}")


def without_bars(text: str) -> str:
    """Return a text in which no ``|M:`` makes a marker of Resolve: bars become slashes."""
    return text.replace("|", "/")


def _dumped(sheet: CueSheet, clock: FrameClock, events: list[Event]) -> bytes:
    listed = Edl(one_line(sheet.title), clock.rate.drop_frame, tuple(events))
    return edl.dump(listed).encode("utf-8")
