"""CMX 3600 edit decision lists: markers of DaVinci Resolve, locators of Avid, or the edits.

Where the list has markers they are the sheet: a Resolve marker that lasts longer than one video
frame is a region, one of a single frame and an Avid locator are moments. The note of a marker is
its prompt. Only where there are no markers each edit is a cue, named after its clip, as in a list
of a music track. Times are record times.

The list tells no frame rate, so ``--fps`` must.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from musicgen_daw.cuesheets.encoding import decode, decoded
from musicgen_daw.cuesheets.frames import Labels, warn_of_an_unsaid_start
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import edl
from musicgen_daw.formats.edl import Comment, Edl, Event, Locator, ResolveMarker
from musicgen_daw.timeline import CueSheet, SheetWarning

__all__ = ["READER", "parse"]

_FILE = "the EDL"
_BLACK = ("BL", "BLK", "BLACK")


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a list of any program.

    Raises:
        CueSheetError: with the line, when a marker or timecode can't be understood, nobody says
            the frame rate, or there is no cue.
    """
    warnings: list[SheetWarning] = []
    decisions = edl.parse(decoded(content, options.charset, warnings))
    labels = Labels.of(options, warnings, file=_FILE, drop_frame=decisions.drop_frame)
    end_s = _end(decisions.events, labels)
    marks = list(_distinct(_markers(decisions, labels)))
    if not marks:
        marks = list(_distinct(_edits(decisions.events, labels)))
        message = f"the EDL has no markers, so its {len(marks)} edits are the cues"
        warnings.append(SheetWarning("", message))
    warn_of_an_unsaid_start(marks, options, warnings)
    return sheet_of(marks, options, FileFacts(end_s=end_s), warnings, file=_FILE)


def _end(events: Iterable[Event], labels: Labels) -> Fraction | None:
    """Return where the last edit ends; the events that only carry markers of Resolve are none."""
    ends = [
        labels.position(event.record_out, f"line {event.line}")
        for event in events
        if not any(map(ResolveMarker.of, event.comments))
    ]
    return max(ends, default=None)


def _markers(decisions: Edl, labels: Labels) -> Iterator[Mark]:
    yield from _locators(decisions.comments, labels)
    for event in decisions.events:
        for comment in event.comments:
            if marker := ResolveMarker.of(comment):
                yield _resolve(marker, event, f"line {comment.line}", labels)
        yield from _locators(event.comments, labels)


def _locators(comments: Iterable[Comment], labels: Labels) -> Iterator[Mark]:
    for comment in comments:
        if locator := Locator.of(comment):
            place = f"line {comment.line}"
            yield Mark(labels.position(locator.at, place), locator.name, place)


def _resolve(marker: ResolveMarker, event: Event, place: str, labels: Labels) -> Mark:
    at_s = labels.position(event.record_in, f"line {event.line}")
    end_s = at_s + labels.frames(marker.video_frames) if marker.video_frames > 1 else None
    return Mark(at_s, marker.name, place, end_s, marker.note)


def _edits(events: Iterable[Event], labels: Labels) -> Iterator[Mark]:
    for event in events:
        name = event.clip_name or event.reel
        if event.reel.upper() in _BLACK or event.record_in == event.record_out:
            continue
        place = f"line {event.line}"
        at_s = labels.position(event.record_in, place)
        yield Mark(at_s, name, place, labels.position(event.record_out, place))


def _distinct(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Leave out what stands again under the edits of other tracks, as Avid writes it."""
    seen = set()
    for mark in marks:
        key = mark.at_s, mark.end_s, mark.text
        if key not in seen:
            seen.add(key)
            yield mark


def _recognises(content: bytes) -> bool:
    try:
        text = decode(content[:4096])[0].removeprefix("\ufeff").lstrip()
    except CueSheetError:
        return False
    return text.startswith(("TITLE:", "FCM:")) or bool(edl.parse(text).events)


READER = Reader("EDL", (".edl",), _recognises, parse)
