"""DAWproject 1.0 (Bitwig, Studio One, Cubase and others): the markers of the arrangement.

A zip archive with a ``project.xml``. Times are in beats or seconds: ``timeUnit`` of an element, or
of the nearest one around it, says which, and beats where none does. Tempo and signature are the
transport's, or automation over the arrangement, of which each point holds or goes straight to the
next. The format has no regions, timecode or frame rate. The timeline ends with the last clip.

Source: the DAWproject 1.0 schema, Project.xsd.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import BinaryIO

from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.cuesheets.tempo_points import TempoPoint, on_grid, tempo_map_of
from musicgen_daw.cuesheets.times import parse_decimal
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import xml, zipped
from musicgen_daw.formats.xml import TreeElement
from musicgen_daw.timeline import (
    FOUR_FOUR,
    CueSheet,
    MeterChange,
    SheetWarning,
    TempoMap,
    us_per_beat,
)

__all__ = ["READER", "parse", "parse_file"]

_MEMBER = "project.xml"
_BEATS, _SECONDS = "beats", "seconds"


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a ``.dawproject`` file.

    Raises:
        CueSheetError: with the line of ``project.xml``, when the archive or the XML is broken, a
            marker can't be understood, or there is no cue.
    """
    return parse_file(io.BytesIO(content), options)


def parse_file(file: BinaryIO, options: SheetOptions) -> CueSheet:
    """Read a ``.dawproject`` file without its audio."""
    root = xml.parse(zipped.read(file, _MEMBER))
    arrangement = root.find("Arrangement")
    if root.tag != "Project" or arrangement is None:
        raise CueSheetError("the project has no arrangement", place=_MEMBER)
    warnings: list[SheetWarning] = []
    tempo_map = _tempo_map(root, arrangement, warnings)
    if tempo_map is None and options.defaults.bpm is not None:
        tempo_map = TempoMap.constant(options.defaults.bpm, *(options.defaults.meter or FOUR_FOUR))
    marks = list(_marks(arrangement, tempo_map, warnings))
    facts = FileFacts(tempo_map, end_s=_end_s(arrangement, tempo_map))
    return sheet_of(marks, options, facts, warnings, file="the project")


def _place(element: TreeElement) -> str:
    return f"{_MEMBER} {xml.place(element)}"


def _number(element: TreeElement, name: str) -> Fraction:
    """Return a number that an element must have.

    Raises:
        ValueError: when it is missing or is none.
    """
    text = element.get(name)
    if text is None:
        raise ValueError(f"it has no {name}")
    try:
        return parse_decimal(text.strip())
    except ValueError as error:
        raise ValueError(f"its {name}: {error}") from None


# -- tempo -------------------------------------------------------------------------------------


def _tempo_map(
    root: TreeElement, arrangement: TreeElement, warnings: list[SheetWarning]
) -> TempoMap | None:
    tempo, signature = root.find("Transport/Tempo"), root.find("Transport/TimeSignature")
    tempos = _automation(arrangement, "TempoAutomation", "RealPoint")
    if not tempos and tempo is not None:
        tempos = [(_BEATS, tempo)]
    points = list(_tempo_points(tempos, warnings))
    if not points:
        return None
    tempo_map = tempo_map_of(points, (), warnings)
    meters = _automation(arrangement, "TimeSignatureAutomation", "TimeSignaturePoint")
    if not meters and signature is not None:
        meters = [(_BEATS, signature)]
    return tempo_map_of(points, _meters(meters, tempo_map, warnings), warnings)


def _automation(arrangement: TreeElement, lane: str, kind: str) -> list[tuple[str, TreeElement]]:
    """Return the points of an automation lane of the arrangement, each with its unit."""
    found = arrangement.find(lane)
    if found is None:
        return []
    unit = found.get("timeUnit") or arrangement.get("timeUnit") or _BEATS
    return [(unit, point) for point in found.iterfind(kind)]


def _tempo_points(
    elements: list[tuple[str, TreeElement]], warnings: list[SheetWarning]
) -> Iterator[TempoPoint]:
    """Yield the points in beats; a time in seconds is measured along the tempos before it."""
    timed: list[tuple[Fraction, TempoPoint, str, bool]] = []
    for unit, element in elements:
        try:
            at = parse_decimal(element.get("time", "0").strip())
            point = TempoPoint(Fraction(0), _bpm(element), _place(element))
        except ValueError as error:
            warnings.append(SheetWarning(_place(element), f"a tempo is left out: {error}"))
            continue
        timed.append((at, point, unit, element.get("interpolation") == "linear"))
    timed.sort(key=lambda each: each[0])
    beats = Fraction(0)
    for index, (at, point, unit, linear) in enumerate(timed):
        if unit == _BEATS:
            beats = at
        elif index > 0:
            before_at, before, _, ramped = timed[index - 1]
            beat_s = Fraction(us_per_beat(before.bpm), 1_000_000)
            if ramped:
                beat_s = 120 / (before.bpm + point.bpm)
            beats = on_grid(beats + (at - before_at) / beat_s)
        ramp_to = timed[index + 1][1].bpm if linear and index + 1 < len(timed) else None
        yield replace(point, at_beats=beats, ramp_to_bpm=ramp_to, over_time=unit == _SECONDS)


def _bpm(point: TreeElement) -> Fraction:
    bpm = _number(point, "value")
    us_per_beat(bpm)  # refuses what no MIDI file can hold
    return bpm


def _meters(
    elements: list[tuple[str, TreeElement]], tempo_map: TempoMap, warnings: list[SheetWarning]
) -> Iterator[MeterChange]:
    for unit, element in elements:
        try:
            at = parse_decimal(element.get("time", "0").strip())
            beats = tempo_map.beats_at(at) if unit == _SECONDS else at
            over, under = _number(element, "numerator"), _number(element, "denominator")
            yield MeterChange(max(Fraction(0), on_grid(beats)), int(over), int(under))
        except ValueError as error:
            warnings.append(SheetWarning(_place(element), f"a signature is left out: {error}"))


# -- the arrangement ---------------------------------------------------------------------------


def _marks(
    arrangement: TreeElement, tempo_map: TempoMap | None, warnings: list[SheetWarning]
) -> Iterator[Mark]:
    for lane, unit in _lanes(arrangement):
        if lane.tag.lower() != "markers":
            continue
        seconds = _clock(lane, unit, tempo_map)
        for marker in lane.iterfind("Marker"):
            try:
                at_s = seconds(_number(marker, "time"))
            except ValueError as error:
                warnings.append(SheetWarning(_place(marker), f"a marker is left out: {error}"))
                continue
            name, comment = marker.get("name", ""), marker.get("comment", "")
            yield Mark(at_s, name, _place(marker), comment=comment)


def _end_s(arrangement: TreeElement, tempo_map: TempoMap | None) -> Fraction | None:
    """Return where the last clip ends, if there is one that says its end."""
    ends = []
    for lane, unit in _lanes(arrangement):
        for clip in lane.iterfind("Clip") if lane.tag == "Clips" else ():
            try:
                end = _number(clip, "time") + _number(clip, "duration")
            except ValueError:
                continue
            if unit == _SECONDS or tempo_map is not None:
                ends.append(_clock(lane, unit, tempo_map)(end))
    return max(ends, default=None)


def _lanes(arrangement: TreeElement) -> Iterator[tuple[TreeElement, str]]:
    """Yield what lies on the arrangement's timeline, each with its unit; clips are not entered."""
    within = [(arrangement, arrangement.get("timeUnit") or _BEATS)]
    while within:
        element, unit = within.pop()
        for child in element:
            child_unit = child.get("timeUnit") or unit
            yield child, child_unit
            if child.tag == "Lanes":
                within.append((child, child_unit))


def _clock(
    element: TreeElement, unit: str, tempo_map: TempoMap | None
) -> Callable[[Fraction], Fraction]:
    if unit == _SECONDS:
        return lambda seconds: seconds
    if tempo_map is None:
        raise CueSheetError(
            "its times are in beats, and the project tells no tempo: set bpm in a .toml beside it",
            place=_place(element),
        )
    return tempo_map.seconds_at


def _recognises(content: bytes) -> bool:
    return _MEMBER in zipped.names(content)


READER = Reader("DAWproject", (".dawproject",), _recognises, parse, parse_file)
