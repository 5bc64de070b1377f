"""CMX 3600 edit decision lists: events, and the comments under them.

    TITLE: Reel 1
    FCM: NON-DROP FRAME

    001  AX       V     C        01:00:00:00 01:00:04:00 01:00:00:00 01:00:04:00
    * FROM CLIP NAME: 1M1 Chase
     |C:ResolveColorBlue |M:1M1 Chase |D:96
    * LOC: 01:00:02:10 RED     door slam

An event is a line that ends with four timecodes: source in and out, record in and out. Whatever
else is a comment of the event above. Timecodes are kept as they are written: the file tells no
frame rate, only whether it drops frames.

Source: CMX 3600 as in the documents of its users; the marker comments are those of DaVinci
Resolve (``|C: |M: |D:``) and Avid Media Composer (``* LOC:``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from musicgen_daw.formats.lines import numbered

__all__ = ["Comment", "Edl", "Event", "Locator", "ResolveMarker", "dump", "parse"]

MAX_LINES = 200_000

_LABEL = r"\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2}"
_TIMECODE = re.compile(_LABEL, re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_LOCATOR = re.compile(
    rf"\*\s*LOC:\s*(?P<at>{_LABEL})(?:\s+(?P<color>\S+))?(?:\s+(?P<name>.*))?",
    re.ASCII | re.IGNORECASE,
)
_CLIP_NAME = re.compile(r"\*\s*(?:FROM\s+)?CLIP\s+NAME\s*:\s*(.+)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Comment:
    """A line under an event, or above the first; ``line`` counts from 1."""

    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class ResolveMarker:
    """A marker at the record in of its event, as Resolve writes it; 1 frame long is a point."""

    name: str
    video_frames: int = 1
    color: str = "ResolveColorBlue"
    note: str = ""

    @classmethod
    def of(cls, comment: Comment) -> ResolveMarker | None:
        """Return the marker that a comment is, if it is one."""
        head, marked, rest = comment.text.partition("|M:")
        if not marked:
            return None
        note, _, color = head.partition("|C:")
        name, _, frames = rest.rpartition("|D:")
        if not _NUMBER.fullmatch(frames.strip()):
            name, frames = rest, "1"
        return cls(name.strip(), int(frames), color.strip(), note.strip("* "))

    def comment(self) -> Comment:
        """Return it as a comment; a ``|`` would end the name, so it becomes a slash."""
        name, note = (_one_line(text).replace("|", "/") for text in (self.name, self.note))
        return Comment(f"{note} |C:{self.color} |M:{name} |D:{self.video_frames}".strip())


@dataclass(frozen=True, slots=True)
class Locator:
    """A marker at a record timecode, as Avid writes it."""

    at: str
    name: str
    color: str = ""

    @classmethod
    def of(cls, comment: Comment) -> Locator | None:
        """Return the locator that a comment is, if it is one."""
        found = _LOCATOR.fullmatch(comment.text)
        return found and cls(found["at"], (found["name"] or "").strip(), found["color"] or "")


@dataclass(frozen=True, slots=True)
class Event:
    """One edit. ``transition`` is ``C`` for a cut, or a dissolve or wipe with its frames.

    ``drop_frame`` is what the ``FCM:`` line above says, ``None`` where there is none.
    """

    number: int
    reel: str
    track: str
    transition: str
    source_in: str
    source_out: str
    record_in: str
    record_out: str
    comments: tuple[Comment, ...] = ()
    drop_frame: bool | None = None
    line: int = 0

    @property
    def clip_name(self) -> str:
        """The name of its clip, where a comment tells it."""
        for comment in self.comments:
            if found := _CLIP_NAME.fullmatch(comment.text):
                return found[1].strip()
        return ""


@dataclass(frozen=True, slots=True)
class Edl:
    """A whole list; ``comments`` are those above the first event."""

    title: str = ""
    drop_frame: bool | None = None
    events: tuple[Event, ...] = ()
    comments: tuple[Comment, ...] = ()

    def all_comments(self) -> Iterator[Comment]:
        """Yield the comments of the list and of all events in the order of the file."""
        yield from self.comments
        for event in self.events:
            yield from event.comments


def parse(text: str) -> Edl:
    """Read a list; what is no event, title or frame code mode is kept as a comment.

    Raises:
        CueSheetError: for a file of absurdly many lines.
    """
    reading = _Reading()
    for number, line in numbered(text, MAX_LINES):
        reading.read(line, number)
    return reading.edl()


class _Reading:
    def __init__(self) -> None:
        self.title = ""
        self.drop_frame: bool | None = None
        self.first_drop_frame: bool | None = None
        self.events: list[Event] = []
        self.comments: list[list[Comment]] = [[]]

    def read(self, line: str, number: int) -> None:
        keyword, _, rest = line.partition(":")
        if event := _event(line.split(), self.drop_frame, number):
            self.events.append(event)
            self.comments.append([])
        elif keyword.upper() == "TITLE" and not self.events:
            self.title = rest.strip()
        elif keyword.upper() == "FCM":
            self.drop_frame = "NON" not in rest.upper() and "DROP" in rest.upper()
            if self.first_drop_frame is None:
                self.first_drop_frame = self.drop_frame
        else:
            self.comments[-1].append(Comment(line, number))

    def edl(self) -> Edl:
        first, *under = self.comments
        events = (
            replace(event, comments=tuple(comments))
            for event, comments in zip(self.events, under, strict=True)
        )
        return Edl(self.title, self.first_drop_frame, tuple(events), tuple(first))


def _event(words: list[str], drop_frame: bool | None, line: int) -> Event | None:
    """Return the event of a line: a number, reel, track and transition, four timecodes."""
    if len(words) < 5 or not _NUMBER.fullmatch(words[0]):
        return None
    if not all(map(_TIMECODE.fullmatch, words[-4:])):
        return None
    source_in, source_out, record_in, record_out = words[-4:]
    return Event(
        number=int(words[0]),
        reel=words[1] if len(words) > 5 else "",
        track=words[2] if len(words) > 6 else "",
        transition=" ".join(words[3:-4]),
        source_in=source_in,
        source_out=source_out,
        record_in=record_in,
        record_out=record_out,
        drop_frame=drop_frame,
        line=line,
    )


def dump(edl: Edl) -> str:
    """Return the text of a list, with the line ends of the format (CR LF)."""
    lines = [f"TITLE: {_one_line(edl.title)}"]
    if edl.drop_frame is not None:
        lines.append(f"FCM: {'' if edl.drop_frame else 'NON-'}DROP FRAME")
    lines += ["", *(_one_line(comment.text) for comment in edl.comments)]
    for event in edl.events:
        labels = event.source_in, event.source_out, event.record_in, event.record_out
        head = f"{event.number:03}  {event.reel:<8} {event.track:<5} {event.transition:<8}"
        lines.append(" ".join([head, *labels]))
        lines += [_written(comment) for comment in event.comments]
        lines.append("")
    return "\r\n".join([*lines, ""])


def _written(comment: Comment) -> str:
    """Return a comment's line; Resolve's own begin with a blank."""
    text = _one_line(comment.text)
    return text if text.startswith("*") else f" {text}"


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()
