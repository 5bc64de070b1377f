"""The markers and regions of a program's own file as a cue sheet.

A marker is a moment with a text, a region a stretch of time with one. A region is a cue that ends
where it ends. A marker's text says what it is (see ``cuesheets.marker``); where it is only a name
it begins a cue, but inside a region it is a hit of that region: composers who draw regions for
their cues mark the moments to be caught with plain markers. A comment is the prompt of a cue of
which only the name is told (``cuesheets.comments``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from musicgen_daw.cuesheets.assemble import DEFAULT_BPM, MAX_SHEET_S, assemble
from musicgen_daw.cuesheets.comments import with_comment
from musicgen_daw.cuesheets.events import CueEvent, EndEvent, HitEvent, SheetEvent
from musicgen_daw.cuesheets.marker import CueText, HitText, tidy
from musicgen_daw.cuesheets.marker import parse as parse_marker
from musicgen_daw.cuesheets.reader import SheetOptions, standing_at
from musicgen_daw.errors import CueSheetError
from musicgen_daw.settings import SAMPLE_RATE_RANGE
from musicgen_daw.timeline import (
    ASSUMED_FRAME_RATE,
    FOUR_FOUR,
    CueSettings,
    CueSheet,
    FrameRate,
    SheetWarning,
    TempoMap,
    Timecode,
    in_time,
)

__all__ = [
    "MAX_MARKS",
    "FileFacts",
    "Mark",
    "event_of",
    "said_tempo",
    "sheet_of",
    "sheet_of_events",
    "too_many_marks",
]

MAX_MARKS = 100_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker, or a region where ``end_s`` is given; ``place`` is where the file has it.

    ``comment`` is what the program keeps beside the name: a marker without a name says that.
    """

    at_s: Fraction
    text: str
    place: str
    end_s: Fraction | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file tells besides its markers, ``None`` for what it doesn't.

    ``start_s`` is the timecode of second 0 in seconds, ``end_s`` where the file's timeline ends.
    """

    tempo_map: TempoMap | None = None
    frame_rate: FrameRate | None = None
    start_s: Fraction | None = None
    end_s: Fraction | None = None
    sample_rate: int | None = None


def sheet_of(
    marks: Iterable[Mark],
    options: SheetOptions,
    facts: FileFacts,
    warnings: Sequence[SheetWarning],
    *,
    file: str,
) -> CueSheet:
    """Return the sheet that markers and regions make; ``file`` is what messages call the file.

    What the options say rules over what the file tells.

    Raises:
        CueSheetError: when a text can't be understood or there is no cue.
    """
    noted = list(warnings)
    events = list(_events(marks, facts.end_s, noted))
    if not events:
        hint = "name each cue with a marker where it begins, or draw a region over it"
        damage = f" (read with a fault: {noted[0]})" if noted else ""
        raise CueSheetError(f"{file} has no marker: {hint}{damage}")
    return sheet_of_events(events, options, facts, noted, file=file)


def sheet_of_events(
    events: Iterable[SheetEvent],
    options: SheetOptions,
    facts: FileFacts,
    warnings: Sequence[SheetWarning],
    *,
    file: str,
) -> CueSheet:
    """Return the sheet of what has been read as cues, hits and ends already.

    Raises:
        CueSheetError: when there is no cue, or one has no length.
    """
    noted = list(warnings)
    options, start_timecode = _started(options, facts, noted)
    tempo_map = facts.tempo_map or said_tempo(options, noted)
    cues, notes = assemble(events, options, tempo_map, facts.end_s)
    if not cues:
        raise CueSheetError(f"{file} has markers, but none of them is a cue")
    return CueSheet(
        title=options.title,
        cues=cues,
        tempo_map=tempo_map,
        frame_rate=options.frame_rate,
        start_timecode=start_timecode,
        seed=options.seed,
        sample_rate=options.sample_rate or _usable(facts.sample_rate),
        bit_depth=options.bit_depth,
        file_format=options.file_format,
        warnings=(*noted, *notes),
        defaults=options.defaults,
    )


def said_tempo(options: SheetOptions, warnings: list[SheetWarning]) -> TempoMap | None:
    """Return the tempo that is said for a sheet whose file tells none, if it is said."""
    defaults = options.defaults
    if defaults.bpm is not None:
        return TempoMap.constant(defaults.bpm, *(defaults.meter or FOUR_FOUR))
    grid = f"the MIDI file's grid is {DEFAULT_BPM} bpm; set bpm in {options.title}.toml"
    warnings.append(SheetWarning("", f"the sheet tells no tempo: {grid}"))
    return None


def event_of(mark: Mark) -> SheetEvent:
    """Return what the text of a marker or region says.

    Raises:
        CueSheetError: with the place, when the text can't be understood.
    """
    with standing_at(mark.place):
        said = parse_marker(mark.text)
    if isinstance(said, CueText):
        return CueEvent(
            mark.at_s, said.name, mark.place, said.settings, end_s=mark.end_s, bare=said.bare
        )
    if isinstance(said, HitText):
        return HitEvent(
            mark.at_s, said.name, mark.place, said.important, said.prompt, said.intensity
        )
    if mark.end_s is not None:  # a region called "Way out" ends nothing else
        return CueEvent(mark.at_s, mark.text, mark.place, end_s=mark.end_s, bare=True)
    return EndEvent(mark.at_s, said.name, mark.place)


def too_many_marks() -> CueSheetError:
    """Return the refusal of a file with more markers than any sheet."""
    return CueSheetError(f"more than {MAX_MARKS} markers are too many for a cue sheet")


# -- markers -----------------------------------------------------------------------------------


def _events(
    marks: Iterable[Mark], end_s: Fraction | None, warnings: list[SheetWarning]
) -> Iterator[SheetEvent]:
    readable = list(_readable(marks, warnings))
    regions = [(mark.at_s, mark.end_s) for mark in readable if mark.end_s is not None]
    regions.sort(key=lambda region: in_time(region[0]))
    starts = [in_time(start) for start, _ in regions]
    reaches = list(accumulate((end for _, end in regions), max))
    last_s = max((mark.at_s for mark in readable), default=None) if end_s is None else None
    for mark in readable:
        event = event_of(mark)
        before = bisect_right(starts, in_time(mark.at_s))
        inside = before > 0 and mark.at_s < reaches[before - 1]
        if not isinstance(event, CueEvent) or not _is_name(event):
            yield event
        elif inside and mark.end_s is None:
            yield HitEvent(mark.at_s, event.name, mark.place)
        elif mark.comment:
            needs_length = mark.at_s == last_s and mark.end_s is None
            yield with_comment(event, mark.comment, warnings, needs_length=needs_length)
        else:
            yield event


def _is_name(event: CueEvent) -> bool:
    return event.bare and event.settings == CueSettings()


def _readable(marks: Iterable[Mark], warnings: list[SheetWarning]) -> Iterator[Mark]:
    """Leave out what is no moment of the sheet; make a region without length a marker."""
    for count, mark in enumerate(marks, 1):
        if count > MAX_MARKS:
            raise too_many_marks()
        name, comment = tidy(mark.text), tidy(mark.comment)
        text = name or comment
        if not text:
            if mark.end_s is not None:
                warnings.append(SheetWarning(mark.place, "a region without a name is left out"))
            continue
        end_s = mark.end_s
        if end_s is not None and end_s <= mark.at_s:
            end_s = None
        if mark.at_s < 0:
            warnings.append(SheetWarning(mark.place, f"{text!r} is before the start: left out"))
        elif mark.at_s > MAX_SHEET_S:
            warnings.append(SheetWarning(mark.place, f"{text!r} is after 100 hours: left out"))
        else:
            yield replace(mark, text=text, end_s=end_s, comment=comment if name else "")


# -- the file ----------------------------------------------------------------------------------


def _started(
    options: SheetOptions, facts: FileFacts, warnings: list[SheetWarning]
) -> tuple[SheetOptions, Timecode | None]:
    """Return the timecode of the start: what is said outside of the file, else what it tells."""
    options = replace(options, frame_rate=options.frame_rate or facts.frame_rate)
    if options.start_timecode is not None or facts.start_s is None:
        options = options.settled()
        return options, options.started_at()
    rate = options.frame_rate or options.settled().frame_rate or ASSUMED_FRAME_RATE
    if not 0 <= facts.start_s <= MAX_SHEET_S:
        message = "the timecode of the start is impossible, and left out: say --timecode-start"
        warnings.append(SheetWarning("", message))
        return options, None
    start = Timecode.at(facts.start_s + 1 / rate.fps / 2, rate)
    off_s = abs(start.seconds - facts.start_s)
    if off_s * 10_000 > 1:
        message = (
            f"the file starts {float(off_s) * 1000:.1f} ms off the video frame {start} "
            f"at {rate} frames a second, and is put on it"
        )
        warnings.append(SheetWarning("", message))
    return options, start


def _usable(sample_rate: int | None) -> int | None:
    low, high = SAMPLE_RATE_RANGE
    return sample_rate if sample_rate is not None and low <= sample_rate <= high else None
