"""A sheet as a track archive of Cubase and Nuendo with one marker track: cues are cycle markers.

File > Import > Track Archive adds the track to a project. It runs in seconds of the project (its
time base is linear), so that no tempo moves it; there is no place for tempo or loops. Positions are
rounded to twelve decimals of a second.

Without the ``Flags`` and the ``Track Device`` of a track, whose meaning is not known, Cubase opens
no archive.

Source: archives that Cubase wrote; DAWFileKit, whose archives Cubase opens.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import count
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.export.marker_lists import ASSUMED_SAMPLE_RATE
from musicgen_daw.export.marker_text import TextMarker, cue_line, regions_of
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.sheet import on_timeline
from musicgen_daw.export.video_frames import rate_of
from musicgen_daw.export.xml_text import document
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.formats.track_archive import (
    CYCLE_MARKER,
    FRAME_RATES,
    LINEAR,
    MARKER,
    MARKER_TRACK,
)
from musicgen_daw.timeline import Cue, CueSheet

__all__ = ["encode", "holds_frame_rate"]

_FRAME_TYPES = {name: number for number, name in FRAME_RATES.items()}
_SECONDS_DIGITS = 12


def encode(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return the archive; hits are markers between the cycle markers."""
    sheet = on_timeline(sheet)
    root = Element("tracklist2")
    ids = count(1)
    tracks = SubElement(root, "list", name="track", type="obj")
    end = decimal(max(cue.end_s for cue in sheet.cues), _SECONDS_DIGITS)
    track = _object(tracks, ids, MARKER_TRACK)
    _value(track, "int", "Flags", "1")
    _value(track, "float", "Start", "0")
    _value(track, "float", "Length", end)
    node = _object(track, ids, "MListNode", "Node")
    _text(node, "Name", one_line(sheet.title) or "Cues")
    _domain(node)
    events = SubElement(node, "list", name="Events", type="obj")
    numbers = {MARKER: count(1), CYCLE_MARKER: count(1)}
    for mark in regions_of(sheet.cues, cue_text):
        kind = MARKER if mark.end_s is None else CYCLE_MARKER
        _marker(_object(events, ids, kind), mark, next(numbers[kind]))
    _value(_object(track, ids, "MTrack", "Track Device"), "int", "Connection Type", "2")
    _setup(_object(root, ids, "PArrangeSetup", "Setup"), sheet, end)
    return document(root)


def holds_frame_rate(sheet: CueSheet) -> bool:
    """Tell whether Cubase has the frame rate of a sheet."""
    rate = rate_of(sheet)
    return rate is None or rate.name in _FRAME_TYPES


def _marker(event: Element, mark: TextMarker, number: int) -> None:
    length_s = Fraction(0) if mark.end_s is None else mark.end_s - mark.at_s
    _value(event, "float", "Start", decimal(mark.at_s, _SECONDS_DIGITS))
    _value(event, "float", "Length", decimal(length_s, _SECONDS_DIGITS))
    _text(event, "Name", mark.text)
    _value(event, "int", "ID", str(number))


def _setup(setup: Element, sheet: CueSheet, end: str) -> None:
    """Tell the project's start, length and rates, as far as the sheet tells them."""
    if sheet.start_timecode is not None:
        start = decimal(sheet.start_timecode.seconds, _SECONDS_DIGITS)
        _place(setup, "Start", start)
    _place(setup, "Length", end)
    rate = rate_of(sheet)
    if rate is not None and rate.name in _FRAME_TYPES:
        _value(setup, "int", "FrameType", _FRAME_TYPES[rate.name])
    _value(setup, "float", "SampleRate", str(sheet.sample_rate or ASSUMED_SAMPLE_RATE))


def _place(parent: Element, name: str, seconds: str) -> None:
    place = SubElement(parent, "member", name=name)
    _value(place, "float", "Time", seconds)
    _domain(place)


def _domain(parent: Element) -> None:
    domain = SubElement(parent, "member", name="Domain")
    _value(domain, "int", "Type", LINEAR)
    _value(domain, "float", "Period", "1")


def _object(parent: Element, ids: count[int], kind: str, name: str | None = None) -> Element:
    told = {"class": kind} if name is None else {"class": kind, "name": name}
    return SubElement(parent, "obj", told, ID=str(next(ids)))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, "string", name=name, value=text, wide="true")


def _value(parent: Element, kind: str, name: str, value: str) -> None:
    SubElement(parent, kind, name=name, value=value)
