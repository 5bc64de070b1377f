"""Ticks, tracks of events at ticks, and tracks as a file."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import mido

__all__ = ["PPQ", "Event", "midi_file", "to_ticks", "track_of"]

PPQ = 960
"""Ticks (pulses) per quarter note."""

_HALF = Fraction(1, 2)


class Event(NamedTuple):
    """A message at a tick; of those at one tick the lower ``rank`` comes first."""

    at_ticks: int
    rank: int
    message: mido.Message | mido.MetaMessage


def to_ticks(beats: Fraction | int) -> int:
    """Return the tick nearest to a position in beats (quarter notes)."""
    return math.floor(beats * PPQ + _HALF)


def track_of(name: str, events: Iterable[Event]) -> mido.MidiTrack:
    """Return a track with a name and ``events`` in order."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    now_ticks = 0
    for event in sorted(events, key=lambda event: event[:2]):
        track.append(event.message.copy(time=event.at_ticks - now_ticks))
        now_ticks = event.at_ticks
    track.append(mido.MetaMessage("end_of_track"))
    return track


def midi_file(tracks: Sequence[mido.MidiTrack]) -> bytes:
    """Return a MIDI file of format 1 with its texts in UTF-8."""
    midi = mido.MidiFile(type=1, ticks_per_beat=PPQ, charset="utf-8", tracks=list(tracks))
    file = io.BytesIO()
    midi.save(file=file)
    return file.getvalue()
