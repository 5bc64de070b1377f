"""Track archives of Cubase and Nuendo (File > Export > Selected Tracks): their marker tracks.

Cycle markers are regions with a true length. A track runs in bars, 480 ticks a quarter note, or
in seconds of the project; its ``Domain`` says which. The tempo and signature tracks stand in the
domain of the first track in bars. A tempo event with ``Func`` 1 is where a ramp arrives, straight
over the beats (measured: the same markers in bars and in seconds agree). The project's start is
the timecode of its second 0.

Source: archives that Cubase wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.cuesheets.marks import FileFacts, Mark, said_tempo, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions, standing_at
from musicgen_daw.cuesheets.tempo_points import TempoPoint, on_grid, tempo_map_of
from musicgen_daw.cuesheets.times import parse_decimal
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import xml
from musicgen_daw.formats.track_archive import (
    CYCLE_MARKER,
    FRAME_RATES,
    LINEAR,
    MARKER,
    MARKER_TRACK,
    MUSICAL,
)
from musicgen_daw.formats.xml import TreeElement
from musicgen_daw.timeline import CueSheet, FrameRate, MeterChange, SheetWarning, TempoMap

__all__ = ["READER", "parse"]

TICKS_A_BEAT = 480


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read all marker tracks of an archive.

    Raises:
        CueSheetError: with the line, when the XML is broken, a marker can't be understood, or
            there is no cue.
    """
    root = xml.parse(content)
    warnings: list[SheetWarning] = []
    tempo_map = _tempo_map(root, warnings)
    if tempo_map is None:
        tempo_map = said_tempo(options, warnings)
    facts = replace(_facts(root, warnings), tempo_map=tempo_map)
    marks = list(_marks(root, tempo_map, options.title, warnings))
    return sheet_of(marks, options, facts, warnings, file="the track archive")


# -- what the elements say ---------------------------------------------------------------------


def _named(element: TreeElement | None, name: str) -> TreeElement | None:
    """Return the child whose attribute ``name`` is this."""
    children: Iterable[TreeElement] = () if element is None else element
    return next((child for child in children if child.get("name") == name), None)


def _value(element: TreeElement | None, name: str) -> str:
    child = _named(element, name)
    return "" if child is None else child.get("value", "").strip()


def _number(element: TreeElement, name: str) -> Fraction:
    """Return a number that an event must have.

    Raises:
        ValueError: when it is missing or is none.
    """
    text = _value(element, name)
    if not text:
        raise ValueError(f"it has no {name}")
    return parse_decimal(text)


# -- time --------------------------------------------------------------------------------------


def _facts(root: TreeElement, warnings: list[SheetWarning]) -> FileFacts:
    setup = next((e for e in root if e.get("name") == "Setup"), None)
    if setup is None:
        message = "the archive tells neither frame rate nor start: say --fps and --timecode-start"
        warnings.append(SheetWarning("", message))
        return FileFacts()
    rate_name = FRAME_RATES.get(_value(setup, "FrameType"))
    frame_rate = FrameRate.named(rate_name) if rate_name else None
    if frame_rate is None:
        message = "the project's frame rate is none that timecode has: say --fps"
        warnings.append(SheetWarning(xml.place(setup), message))
    start = _named(setup, "Start")
    start_s = sample_rate = None
    try:
        if start is not None and _value(_named(start, "Domain"), "Type") == LINEAR:
            start_s = _number(start, "Time") * _period(_named(start, "Domain"))
        sample_rate = int(_number(setup, "SampleRate"))
    except ValueError as error:
        warnings.append(
            SheetWarning(xml.place(setup), f"the project's setup is cut short: {error}")
        )
    return FileFacts(frame_rate=frame_rate, start_s=start_s, sample_rate=sample_rate)


def _period(domain: TreeElement | None) -> Fraction:
    """Return the seconds that a position counts: one, in every archive seen."""
    return parse_decimal(_value(domain, "Period") or "1")


def _tempo_map(root: TreeElement, warnings: list[SheetWarning]) -> TempoMap | None:
    tempos = _track(root, "MTempoTrackEvent", "TempoEvent")
    if tempos is None:
        return None
    points: list[TempoPoint] = []
    for event in tempos:
        try:
            point = TempoPoint(
                _number(event, "PPQ") / TICKS_A_BEAT, _number(event, "BPM"), xml.place(event)
            )
        except ValueError as error:
            warnings.append(SheetWarning(xml.place(event), f"a tempo event is left out: {error}"))
            continue
        if points and _value(event, "Func") == "1":
            points[-1] = replace(points[-1], ramp_to_bpm=point.bpm)
        points.append(point)
    meters = _track(root, "MSignatureTrackEvent", "SignatureEvent")
    return tempo_map_of(points, _meters([] if meters is None else meters, warnings), warnings)


def _track(root: TreeElement, kind: str, events: str) -> TreeElement | None:
    """Return the list of a track's events; other tracks name that track by its id only."""
    for element in root.iter("obj"):
        if element.get("class") == kind and (found := _named(element, events)) is not None:
            return found
    return None


def _meters(events: Iterable[TreeElement], warnings: list[SheetWarning]) -> Iterator[MeterChange]:
    beats, bar = Fraction(0), 0
    bar_beats = Fraction(4)
    for event in events:
        try:
            change_bar = int(_number(event, "Bar"))
            at_beats = beats + (change_bar - bar) * bar_beats
            over, under = _number(event, "Numerator"), _number(event, "Denominator")
            change = MeterChange(on_grid(at_beats), int(over), int(under))
        except ValueError as error:
            warnings.append(SheetWarning(xml.place(event), f"a signature is left out: {error}"))
            continue
        beats, bar, bar_beats = at_beats, change_bar, change.bar_beats
        yield change


# -- markers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    """Turns positions of a track into seconds: ``period_s`` is that of a linear one."""

    tempo_map: TempoMap | None
    period_s: Fraction

    def seconds(self, position: Fraction) -> Fraction:
        if self.tempo_map is None:
            return position * self.period_s
        return self.tempo_map.seconds_at(position / TICKS_A_BEAT)


def _marks(
    root: TreeElement, tempo_map: TempoMap | None, title: str, warnings: list[SheetWarning]
) -> Iterator[Mark]:
    for track in root.iter("obj"):
        if track.get("class") != MARKER_TRACK:
            continue
        node = _named(track, "Node")
        domain = _named(node, "Domain")
        musical = _value(domain, "Type") == MUSICAL
        if musical and tempo_map is None:
            raise CueSheetError(
                "the track's markers are in bars, and the archive has no tempo track: "
                f"set bpm in {title}.toml",
                place=xml.place(track),
            )
        with standing_at(xml.place(track)):
            clock = _Clock(tempo_map if musical else None, _period(domain))
        yield from _marks_of(_named(node, "Events"), clock, warnings)


def _marks_of(
    events: TreeElement | None, clock: _Clock, warnings: list[SheetWarning]
) -> Iterator[Mark]:
    for event in () if events is None else events:
        if event.get("class") not in (MARKER, CYCLE_MARKER):
            continue
        place = xml.place(event)
        try:
            start = _number(event, "Start")
            length = parse_decimal(_value(event, "Length") or "0")
        except ValueError as error:
            warnings.append(SheetWarning(place, f"a marker is left out: {error}"))
            continue
        end_s = clock.seconds(start + length) if length > 0 else None
        yield Mark(clock.seconds(start), _value(event, "Name"), place, end_s)


def _recognises(content: bytes) -> bool:
    return b"<tracklist" in content[:1024]


READER = Reader("Cubase track archive", (), _recognises, parse)
