"""Ardour sessions (also Mixbus): their locations, tempo map and timecode.

Marks are markers; ranges and arrangement sections are regions; the session's own range says where
it ends; loop, punch, dropout and cue-launch locations are no markers. From version 7 on positions
are ``a`` and superclocks (282 240 000 a second unless the tempo map says otherwise) or ``b`` and
ticks of 1/1920 quarter note; before that samples. A tempo counts notes of its own type, and a ramp
is straight over the beats. Source: files of Ardour 7.3, with what it reads them as; the sources of
Ardour 6 for its ``pulse`` (a whole note).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.cuesheets.tempo_points import TempoPoint, tempo_map_of
from musicgen_daw.cuesheets.times import parse_decimal
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import xml
from musicgen_daw.formats.xml import TreeElement
from musicgen_daw.timeline import CueSheet, FrameRate, MeterChange, SheetWarning, TempoMap

__all__ = ["READER", "parse"]

SUPERCLOCKS_A_SECOND = 282_240_000
TICKS_A_BEAT = 1920

_NO_MARKERS = {"IsAutoLoop", "IsAutoPunch", "IsSkip", "IsClockOrigin", "IsXrun", "IsCueMarker"}
_TRUE = {"1", "yes"}
_REGIONS = {"IsRangeMarker", "IsSection"}

_FRAME_RATES = {
    "timecode_23976": "23.976", "timecode_24": "24", "timecode_25": "25",
    "timecode_2997": "29.97", "timecode_2997drop": "29.97df",
    "timecode_2997000": "29.97", "timecode_2997000drop": "29.97df",
    "timecode_30": "30", "timecode_30drop": "30df",
    "timecode_5994": "59.94", "timecode_60": "60",
}  # fmt: skip
"""By the session's option ``timecode-format``; 24.976 is a rate that no timecode standard has."""


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a session file (``.ardour``).

    Raises:
        CueSheetError: with the line, when the XML is broken, a marker can't be understood, or
            there is no cue.
    """
    root = xml.parse(content)
    if root.tag != "Session":
        raise CueSheetError("no Ardour session: its outermost element is no <Session>")
    warnings: list[SheetWarning] = []
    clock = _clock(root, warnings)
    locations = list(_locations(root, clock, warnings))
    facts = FileFacts(
        clock.tempo_map,
        _frame_rate(root, warnings),
        _start_s(root, clock.sample_rate, warnings),
        next((mark.end_s for flags, mark in locations if "IsSessionRange" in flags), None),
        int(clock.sample_rate),
    )
    marks = [mark for flags, mark in locations if "IsSessionRange" not in flags]
    return sheet_of(marks, options, facts, warnings, file="the session")


# -- time --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    tempo_map: TempoMap
    sample_rate: Fraction
    superclocks_a_second: Fraction

    def seconds(self, text: str) -> Fraction:
        """Read a position.

        Raises:
            ValueError: for a text that is none.
        """
        if text.startswith("a"):
            return parse_decimal(text[1:]) / self.superclocks_a_second
        if text.startswith("b"):
            return self.tempo_map.seconds_at(parse_decimal(text[1:]) / TICKS_A_BEAT)
        return parse_decimal(text) / self.sample_rate


def _clock(root: TreeElement, warnings: list[SheetWarning]) -> _Clock:
    element = root.find("TempoMap")
    if element is None:
        tempo_map, superclocks = TempoMap(), Fraction(SUPERCLOCKS_A_SECOND)
        warnings.append(SheetWarning("", "the session has no tempo map: it is read at 120 bpm"))
    else:
        superclocks = _positive(element, "superclocks-per-second", SUPERCLOCKS_A_SECOND)
        points = _tempo_points(element, warnings)
        tempo_map = tempo_map_of(points, _meters(element, warnings), warnings)
    return _Clock(tempo_map, _positive(root, "sample-rate"), superclocks)


def _positive(element: TreeElement, name: str, otherwise: int | None = None) -> Fraction:
    text = element.get(name) or ("" if otherwise is None else str(otherwise))
    try:
        value = parse_decimal(text)
    except ValueError:
        value = Fraction(0)
    if value <= 0:
        raise CueSheetError(f"its {name} is {text!r}", place=xml.place(element))
    return value


def _beats(element: TreeElement) -> Fraction:
    """Return where a tempo or meter begins: ``quarters`` as beats:ticks, or ``pulse``."""
    if (quarters := element.get("quarters")) is not None:
        beats, _, ticks = quarters.partition(":")
        return parse_decimal(beats) + parse_decimal(ticks or "0") / TICKS_A_BEAT
    if (pulse := element.get("pulse")) is not None:
        return parse_decimal(pulse) * 4
    raise ValueError("it has no position that is known (sessions before Ardour 5 have others)")


def _either(element: TreeElement, name: str, older: str) -> str:
    """Return an attribute, if need be under the name that older versions had for it."""
    return element.get(name) or element.get(older) or ""


def _tempo_points(tempo_map: TreeElement, warnings: list[SheetWarning]) -> list[TempoPoint]:
    points: list[TempoPoint] = []
    continues = False
    for element in tempo_map.iter("Tempo"):
        if element.get("active", "1") not in _TRUE:
            continue
        try:
            unit = 4 / parse_decimal(element.get("note-type", "4"))
            bpm = parse_decimal(_either(element, "npm", "beats-per-minute")) * unit
            point = TempoPoint(_beats(element), bpm, xml.place(element))
            if end := _either(element, "enpm", "end-beats-per-minute"):
                point = replace(point, ramp_to_bpm=parse_decimal(end) * unit)
        except (ValueError, ZeroDivisionError) as error:
            warnings.append(SheetWarning(xml.place(element), f"a tempo is left out: {error}"))
            continue
        if points and continues:
            points[-1] = replace(points[-1], ramp_to_bpm=point.bpm)
        continues = _either(element, "continuing", "clamped") in _TRUE
        points.append(point)
    return points


def _meters(tempo_map: TreeElement, warnings: list[SheetWarning]) -> Iterator[MeterChange]:
    for element in tempo_map.iter("Meter"):
        try:
            over = parse_decimal(element.get("divisions-per-bar", ""))
            under = parse_decimal(_either(element, "note-value", "note-type"))
            yield MeterChange(_beats(element), int(over), int(under))
        except ValueError as error:
            warnings.append(SheetWarning(xml.place(element), f"a meter is left out: {error}"))


def _option(root: TreeElement, name: str) -> TreeElement | None:
    return next((e for e in root.iterfind("Config/Option") if e.get("name") == name), None)


def _frame_rate(root: TreeElement, warnings: list[SheetWarning]) -> FrameRate | None:
    option = _option(root, "timecode-format")
    if option is None:
        return None
    name = _FRAME_RATES.get(option.get("value", ""))
    if name is None:
        message = f"the frame rate {option.get('value')!r} is none that is known: say --fps"
        warnings.append(SheetWarning(xml.place(option), message))
        return None
    return FrameRate.named(name)


def _start_s(
    root: TreeElement, sample_rate: Fraction, warnings: list[SheetWarning]
) -> Fraction | None:
    """Return the timecode of second 0: the session shows later timecode where the offset is
    negative, as it is unless somebody says otherwise.
    """
    option = _option(root, "timecode-offset")
    if option is None or option.get("value", "0") == "0":
        return None
    sign = _option(root, "timecode-offset-negative")
    try:
        offset_s = parse_decimal(option.get("value", "")) / sample_rate
    except ValueError as error:
        warnings.append(SheetWarning(xml.place(option), f"its timecode-offset: {error}"))
        return None
    return offset_s if sign is None or sign.get("value") in _TRUE else -offset_s


# -- locations ---------------------------------------------------------------------------------


def _locations(
    root: TreeElement, clock: _Clock, warnings: list[SheetWarning]
) -> Iterator[tuple[set[str], Mark]]:
    for element in root.iterfind("Locations/Location"):
        flags = set(element.get("flags", "").split(","))
        if flags & _NO_MARKERS:
            continue
        place = xml.place(element)
        try:
            start_s = clock.seconds(element.get("start", ""))
            end_s = clock.seconds(element.get("end", ""))
        except ValueError as error:
            warnings.append(SheetWarning(place, f"a location is left out: {error}"))
            continue
        has_end = flags & {*_REGIONS, "IsSessionRange"}
        yield flags, Mark(start_s, element.get("name", ""), place, end_s if has_end else None)


def _recognises(content: bytes) -> bool:
    return b"<Session" in content[:1024] and b"sample-rate=" in content[:4096]


READER = Reader("Ardour session", (".ardour",), _recognises, parse)
