"""OpenTimelineIO (``.otio``, and ``.otioz`` archives): markers wherever they hang on the timeline.

A marker lies in the time of what it hangs on. From there it is carried outwards: a track plays its
children one after another, a stack all at once, and each shows only its ``source_range``. A marker
on a part that is cut away is left out. One longer than a video frame is a region. The first
timeline of a collection is read. The timecode of second 0 is ``global_start_time``.

Source: OpenTimelineIO's serialized schema (Timeline.1, Stack.1, Track.1, Marker.2, RationalTime.1).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, BinaryIO

from musicgen_daw.cuesheets.marks import MAX_MARKS, FileFacts, Mark, sheet_of, too_many_marks
from musicgen_daw.cuesheets.otio_values import (
    Json,
    Time,
    Times,
    children_of,
    frame_rate_of,
    json_of,
    schema_of,
    text_of,
)
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import zipped
from musicgen_daw.timeline import CueSheet, SheetWarning

__all__ = ["READER", "parse", "parse_file"]

MAX_DEPTH = 32
MAX_BYTES = 32 * 2**20

_MEMBER = "content.otio"


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read an ``.otio`` or ``.otioz`` file.

    Raises:
        CueSheetError: with the place in the timeline, when the JSON or the archive is broken, a
            marker can't be understood, or there is no cue.
    """
    if zipped.names(content):
        return parse_file(io.BytesIO(content), options)
    if len(content) > MAX_BYTES:
        raise CueSheetError(f"{len(content)} bytes are too many for a timeline")
    return _sheet(content, options)


def parse_file(file: BinaryIO, options: SheetOptions) -> CueSheet:
    """Read an ``.otioz`` file without its media."""
    return _sheet(zipped.read(file, _MEMBER, MAX_BYTES), options)


def _sheet(content: bytes, options: SheetOptions) -> CueSheet:
    warnings: list[SheetWarning] = []
    timeline = _timeline(json_of(content), warnings)
    stack = timeline.get("tracks")
    if not isinstance(stack, dict):
        raise CueSheetError("the timeline has no tracks")
    walk = _Walk(warnings)
    start = walk.times.time(timeline.get("global_start_time"))
    shown = walk.composition(stack, "the timeline", 0)
    facts = FileFacts(
        frame_rate=frame_rate_of(start or walk.first_time),
        start_s=start.seconds if start else None,
        end_s=shown.length_s or None,
    )
    return sheet_of(shown.marks, options, facts, warnings, file="the timeline")


def _timeline(read: Any, warnings: list[SheetWarning]) -> Json:
    within = [read]
    timelines: list[Json] = []
    while within and len(timelines) < 2:
        found = within.pop(0)
        if schema_of(found) == "Timeline":
            timelines.append(found)
        elif schema_of(found) == "SerializableCollection":
            within += children_of(found)
    if not timelines:
        raise CueSheetError("the file has no timeline: export a whole timeline as OTIO")
    if len(timelines) > 1:
        name = text_of(timelines[0], "name")[:40]
        message = f"the file has several timelines: {name!r} is read"
        warnings.append(SheetWarning("", message))
    return timelines[0]


# -- the timeline ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """What an item shows: its length, and its markers as seconds from its own beginning."""

    length_s: Fraction
    marks: tuple[Mark, ...] = ()


class _Walk:
    """Carries markers from where they hang to the timeline."""

    def __init__(self, warnings: list[SheetWarning]) -> None:
        self.warnings = warnings
        self.times = Times()
        self.first_time: Time | None = None
        self.seen = 0

    def composition(self, item: Json, place: str, depth: int) -> _Shown:
        """Return what a stack or track shows."""
        if depth > MAX_DEPTH:
            raise CueSheetError(f"stacks lie more than {MAX_DEPTH} deep in each other", place=place)
        one_after_another = schema_of(item) == "Track"
        at_s = length_s = Fraction(0)
        marks: list[Mark] = []
        for index, child in enumerate(children_of(item), 1):
            if schema_of(child) in ("", "Transition"):  # a transition takes no time of its own
                continue
            shown = self.item(child, _place(child, index, place), depth + 1)
            marks += (_moved(mark, at_s) for mark in shown.marks)
            if one_after_another:
                at_s += shown.length_s
            length_s = max(length_s, at_s, shown.length_s)
        marks += self.own_marks(item, place)
        shown_range = self.times.range(item.get("source_range"))
        return self.cut(marks, shown_range, length_s, place)

    def item(self, item: Json, place: str, depth: int) -> _Shown:
        """Return what anything on a track or stack shows."""
        if children_of(item):
            shown = self.composition(item, place, depth)
        else:
            media_range = self.times.range(item.get("source_range") or _available(item))
            shown = self.cut(list(self.own_marks(item, place)), media_range, Fraction(0), place)
        if item.get("enabled") is False:
            return _Shown(shown.length_s)
        return shown

    def own_marks(self, item: Json, place: str) -> Iterator[Mark]:
        """Yield the markers that hang on an item, in its own time."""
        markers = item.get("markers")
        for index, marker in enumerate(markers if isinstance(markers, list) else (), 1):
            own_place = f"marker {index} on {place}"
            told = marker.get("marked_range") if isinstance(marker, dict) else None
            marked = self.times.range(told)
            if marked is None:
                self.warnings.append(SheetWarning(own_place, "has no time, and is left out"))
                continue
            start, duration = marked
            self.seen += 1
            if self.seen > MAX_MARKS:
                raise too_many_marks()
            self.first_time = self.first_time or start
            is_region = duration.seconds > duration.video_frame_s
            end_s = start.seconds + duration.seconds if is_region else None
            name, comment = text_of(marker, "name"), text_of(marker, "comment")
            yield Mark(start.seconds, name, own_place, end_s, comment)

    def cut(
        self,
        marks: Sequence[Mark],
        shown_range: tuple[Time, Time] | None,
        length_s: Fraction,
        place: str,
    ) -> _Shown:
        """Keep what begins in the range that an item shows, counted from its beginning."""
        if shown_range is None:
            return _Shown(length_s, tuple(marks))
        start_s, length_s = shown_range[0].seconds, max(Fraction(0), shown_range[1].seconds)
        kept = tuple(
            _moved(mark, -start_s) for mark in marks if start_s <= mark.at_s < start_s + length_s
        )
        if len(kept) < len(marks):
            hidden = len(marks) - len(kept)
            message = f"markers on what is cut away are left out ({hidden})"
            self.warnings.append(SheetWarning(place, message))
        return _Shown(length_s, kept)


def _available(item: Json) -> Any:
    """Return the range of a clip's media: of the active one of several, or of the only one."""
    references = item.get("media_references")
    media = item.get("media_reference")
    if isinstance(references, dict):
        media = references.get(text_of(item, "active_media_reference_key") or "DEFAULT_MEDIA")
    return media.get("available_range") if isinstance(media, dict) else None


def _moved(mark: Mark, by_s: Fraction) -> Mark:
    end_s = None if mark.end_s is None else mark.end_s + by_s
    return replace(mark, at_s=mark.at_s + by_s, end_s=end_s)


def _place(item: Json, index: int, around: str) -> str:
    name = item.get("name")
    what = f"{schema_of(item).lower()} {index}"
    if isinstance(name, str) and name:
        what += f" {name[:40]!r}"
    return what if around == "the timeline" else f"{what} of {around}"


def _recognises(content: bytes) -> bool:
    if content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return b'"OTIO_SCHEMA"' in content[:65536]
    return _MEMBER in zipped.names(content)


READER = Reader("OpenTimelineIO", (".otio", ".otioz"), _recognises, parse, parse_file)
