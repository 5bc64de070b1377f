"""Ticks, tracks of events at ticks, and tracks as a file.

Events are bytes: a film has a million notes, and an object for each is slow and large.

Source: MIDI Manufacturers Association, Standard MIDI Files 1.0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from operator import itemgetter
from typing import NamedTuple

from musicgen_daw.formats import smf

__all__ = ["PPQ", "Event", "midi_file", "text_event", "to_ticks", "track_chunk"]

PPQ = 960
"""Ticks (pulses) per quarter note."""

_LONGEST_DELTA_TICKS = 2**28 - 1
_NOTHING = bytes((0xFF, 0x01, 0))  # an empty text
_END_OF_TRACK = bytes((0, 0xFF, smf.END_OF_TRACK, 0))
_PLACE = itemgetter(0, 1)


class Event(NamedTuple):
    """A message or meta event at a tick; of those at one tick the lower ``rank`` comes first."""

    at_ticks: int
    rank: int
    message: bytes


def to_ticks(beats: Fraction | int) -> int:
    """Return the tick nearest to a position in beats (quarter notes)."""
    numerator, denominator = beats.as_integer_ratio()
    return (2 * PPQ * numerator + denominator) // (2 * denominator)


def text_event(kind: int, text: str) -> bytes:
    """Return a meta event that holds a text, such as a marker, in UTF-8."""
    content = text.encode("utf-8")
    return bytes((0xFF, kind)) + _variable_length(len(content)) + content


def track_chunk(name: str, events: Iterable[Event]) -> bytes:
    """Return a track with a name and ``events`` in order."""
    body = bytearray(b"\0" + text_event(smf.TRACK_NAME, name))
    now_ticks = 0
    for at_ticks, _, message in sorted(events, key=_PLACE):
        while at_ticks - now_ticks > _LONGEST_DELTA_TICKS:
            body += _variable_length(_LONGEST_DELTA_TICKS) + _NOTHING
            now_ticks += _LONGEST_DELTA_TICKS
        body += _variable_length(at_ticks - now_ticks)
        body += message
        now_ticks = at_ticks
    body += _END_OF_TRACK
    return b"MTrk" + len(body).to_bytes(4) + bytes(body)


def midi_file(tracks: Sequence[bytes]) -> bytes:
    """Return a MIDI file of format 1 of track chunks."""
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), PPQ)
    return b"".join((header, *tracks))


def _variable_length(number: int) -> bytes:
    """Return a number in groups of seven bits; all but the last group have the upper bit set."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))
