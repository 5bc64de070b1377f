"""The first track of a MIDI file: tempo, meter, start timecode and markers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

import mido

from musicgen_daw.export.marker_text import TextMarker
from musicgen_daw.export.midi_ticks import Event, text_event, to_ticks, track_chunk
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.tempo_steps import meters_with_pickup
from musicgen_daw.formats import smf
from musicgen_daw.timeline import TempoMap, Timecode

__all__ = ["conductor_track", "smpte_offset"]

_OFFSET, _METER, _TEMPO, _MARKER = range(4)


def conductor_track(
    title: str,
    tempo_map: TempoMap | None,
    start_timecode: Timecode | None,
    markers: Iterable[TextMarker],
) -> bytes:
    """Return the track chunk; without a tempo map markers stand on MIDI's own 120 bpm."""
    grid = tempo_map or TempoMap()
    events = [
        Event(to_ticks(grid.beats_at(marker.at_s)), _MARKER, text_event(smf.MARKER, marker.text))
        for marker in markers
    ]
    if tempo_map is not None:
        events += [*_meters(tempo_map), *_tempos(tempo_map)]
    if start_timecode is not None:
        events.append(_event(0, _OFFSET, smpte_offset(start_timecode)))
    return track_chunk(one_line(title), events)


def smpte_offset(start: Timecode) -> mido.MetaMessage:
    """Return the start timecode as MIDI can tell it: 24, 25, 30 or 30 drop frames a second.

    The labels stay: 23.976 goes as 24, 29.97 as 30, 50 as 25 frames and half frames.
    """
    rate = start.rate
    hours, minutes, seconds, frames = (
        int(field) for field in str(start).replace(";", ":").split(":")
    )
    nominal, half_frames = rate.nominal, frames * 2
    if nominal > 30:
        nominal, half_frames = nominal // 2, frames
    return mido.MetaMessage(
        "smpte_offset",
        frame_rate=29.97 if rate.drop_frame else nominal,  # mido's name for 30 drop
        hours=hours % 24,
        minutes=minutes,
        seconds=seconds,
        frames=half_frames // 2,
        sub_frames=50 * (half_frames % 2),
    )


def _tempos(tempo_map: TempoMap) -> Iterator[Event]:
    for change in tempo_map.tempos:
        message = mido.MetaMessage("set_tempo", tempo=change.us_per_beat)
        yield _event(change.at_beats, _TEMPO, message)


def _meters(tempo_map: TempoMap) -> Iterator[Event]:
    for meter in meters_with_pickup(tempo_map):
        message = mido.MetaMessage(
            "time_signature", numerator=meter.numerator, denominator=meter.denominator
        )
        yield _event(meter.at_beats, _METER, message)


def _event(at_beats: Fraction | int, rank: int, message: mido.MetaMessage) -> Event:
    return Event(to_ticks(at_beats), rank, bytes(message.bytes()))
