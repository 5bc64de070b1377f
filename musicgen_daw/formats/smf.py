"""Standard MIDI Files, as far as a cue sheet needs them: the meta events, read tolerantly.

Real files have bad lengths, early ends and stray bytes. Whatever can be read is kept, and each
fault is told with its byte offset. Notes and other channel messages only move the time on.

Source: Standard MIDI Files 1.0, RP-001 (MIDI Manufacturers Association).
"""

from __future__ import annotations

import string
import struct
from dataclasses import dataclass, field
from fractions import Fraction

from musicgen_daw.errors import CueSheetError

__all__ = ["Fault", "MetaEvent", "Smf", "parse"]

TRACK_NAME = 0x03
MARKER = 0x06
CUE_POINT = 0x07
MIDI_PORT = 0x21
END_OF_TRACK = 0x2F
SET_TEMPO = 0x51
SMPTE_OFFSET = 0x54
TIME_SIGNATURE = 0x58

MAX_BYTES = 8 * 2**20
MAX_TRACKS = 0xFFFF
MAX_META_EVENTS = 130_000
MAX_FAULTS = 20
"""Limits that no real file reaches, so that an absurd one is neither slow nor huge."""

_CHUNK_NAME_BYTES = frozenset(f"{string.ascii_letters}{string.digits} ".encode("ascii"))
_SMPTE_RATES = {24: Fraction(24), 25: Fraction(25), 29: Fraction(30_000, 1001), 30: Fraction(30)}
# Data bytes after each status byte from 0x80 on, by its upper four bits, and of system messages.
_CHANNEL_DATA_BYTES = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}
_SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}


@dataclass(frozen=True, slots=True)
class MetaEvent:
    """A meta event at an absolute tick of its track; ``byte`` is where in the file it stands."""

    tick: int
    track: int
    kind: int
    payload: bytes
    byte: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks the standard and was read around."""

    byte: int
    message: str


@dataclass(frozen=True, slots=True)
class Smf:
    """The meta events of a file in file order, and the length of each track in ticks.

    A tick is ``1 / ticks_per_beat`` of a quarter note, or, where that is ``None`` (SMPTE
    division), ``1 / ticks_per_second`` of a second.
    """

    format: int
    ticks_per_beat: int | None
    ticks_per_second: Fraction | None
    events: tuple[MetaEvent, ...]
    track_ticks: tuple[int, ...]
    faults: tuple[Fault, ...]


def parse(content: bytes) -> Smf:
    """Read the meta events of a Standard MIDI File of format 0, 1 or 2.

    Raises:
        CueSheetError: when there is no MIDI header, its division is impossible, or the file is
            larger than any cue sheet.
    """
    if not content:
        raise CueSheetError("the file is empty: export the MIDI file again")
    if len(content) > MAX_BYTES:
        raise CueSheetError(f"{len(content)} bytes are too many for a cue sheet")
    reading = _Reading(content)
    start = content.find(b"MThd", 0, 4096)
    if start < 0 or len(content) < start + 14:
        raise CueSheetError(
            "not a MIDI file: it has no MThd header of 14 bytes", place=f"byte {max(start, 0)}"
        )
    if start > 0 and content[:4] != b"RIFF":
        reading.fault(0, f"{start} bytes before the MIDI header are skipped")
    header_length, midi_format, tracks, division = struct.unpack_from(">IHHH", content, start + 4)
    ticks_per_beat, ticks_per_second = _division(division, start + 12)
    if header_length < 6:
        reading.fault(start + 4, f"the header says that it is {header_length} bytes long, not 6")
    reading.chunks(start + 8 + max(6, header_length))
    if len(reading.track_ticks) != tracks:
        found = len(reading.track_ticks)
        reading.fault(start + 10, f"the header promises {tracks} tracks, the file has {found}")
    return Smf(
        midi_format,
        ticks_per_beat,
        ticks_per_second,
        tuple(reading.events),
        tuple(reading.track_ticks),
        tuple(reading.faults),
    )


def _division(division: int, byte: int) -> tuple[int | None, Fraction | None]:
    """Return ticks per quarter note, or ticks per second where the time base is SMPTE."""
    if not division & 0x8000:
        if division == 0:
            raise CueSheetError("the header gives 0 ticks to a beat", place=f"byte {byte}")
        return division, None
    video_frame_rate, ticks = 256 - (division >> 8), division & 0xFF
    if video_frame_rate not in _SMPTE_RATES or ticks == 0:
        raise CueSheetError(
            f"the header's time base of {video_frame_rate} frames and {ticks} ticks is impossible",
            place=f"byte {byte}",
        )
    return None, _SMPTE_RATES[video_frame_rate] * ticks


class _Unreadable(Exception):
    """The rest of a track can't be read, because no event can be found in it any more."""

    def __init__(self, byte: int, message: str) -> None:
        super().__init__(message)
        self.byte = byte


@dataclass(slots=True)
class _Reading:
    """What was read of one file so far; ``status`` is the running status of the current track."""

    content: bytes
    events: list[MetaEvent] = field(default_factory=list)
    track_ticks: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    status: int = 0

    def fault(self, byte: int, message: str) -> None:
        """Note a fault; after many, one line stands for the rest."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(byte, message))
        elif len(self.faults) == MAX_FAULTS:
            self.faults.append(Fault(byte, "more faults follow, which are not told one by one"))

    def chunks(self, byte: int) -> None:
        """Read all track chunks from ``byte`` on; chunks of other kinds are skipped."""
        while byte + 8 <= len(self.content):
            name = self.content[byte : byte + 4]
            end = byte + 8 + int.from_bytes(self.content[byte + 4 : byte + 8])
            if name == b"MTrk":
                byte = self._track(byte + 8, self._track_end(byte, end))
            elif _CHUNK_NAME_BYTES.issuperset(name):
                byte = end
            else:
                track = self._next_track(byte)
                self.fault(byte, f"{track - byte} bytes that are no chunk are skipped")
                byte = track

    def _next_track(self, byte: int) -> int:
        track = self.content.find(b"MTrk", byte)
        return len(self.content) if track < 0 else track

    def _track_end(self, byte: int, end: int) -> int:
        """Return where the track at ``byte`` ends: at ``end``, unless its length is a lie."""
        if end > len(self.content):
            self.fault(byte + 4, f"the track's length points to byte {end}, behind the file")
            return len(self.content)
        if not _CHUNK_NAME_BYTES.issuperset(self.content[end : end + 4]):
            self.fault(byte + 4, f"the track's length points to byte {end}, where no chunk begins")
            return self._next_track(end)
        return end

    def _track(self, byte: int, end: int) -> int:
        """Read a track and return where the next chunk begins."""
        if len(self.track_ticks) >= MAX_TRACKS:
            raise CueSheetError("too many tracks for a MIDI file", place=f"byte {byte}")
        tick = 0
        self.status = 0
        ended = False
        try:
            while byte < end and not ended:
                delta, byte = self._variable_length(byte, end)
                tick += delta
                byte = self._event(tick, byte, end)
                ended = bool(self.events) and self._ends_track(self.events[-1])
        except _Unreadable as stop:
            self.fault(stop.byte, f"{stop}; this track is read up to here")
        self.track_ticks.append(tick)
        # A length that is too long must not swallow the next track.
        return byte if ended and self.content.startswith(b"MTrk", byte) else end

    def _ends_track(self, event: MetaEvent) -> bool:
        return event.kind == END_OF_TRACK and event.track == len(self.track_ticks)

    def _event(self, tick: int, byte: int, end: int) -> int:
        """Read one event and return where the next begins; only meta events are kept."""
        if byte >= end:
            raise _Unreadable(byte, "the track ends inside an event")
        first = self.content[byte]
        if first == 0xFF:
            return self._meta(tick, byte, end)
        if first in (0xF0, 0xF7):
            length, after = self._variable_length(byte + 1, end)
            return self._within(byte, after + length, end)
        if first > 0xF0:
            self.fault(byte, f"message {first:#04x} has no place in a file")
            return self._within(byte, byte + 1 + _SYSTEM_DATA_BYTES.get(first, 0), end)
        if first >= 0x80:
            self.status = first
            byte += 1
        if not self.status:
            raise _Unreadable(byte, f"byte {first:#04x} belongs to no event")
        after = self._within(byte, byte + _CHANNEL_DATA_BYTES[self.status >> 4], end)
        if max(self.content[byte:after]) >= 0x80:
            self.fault(byte, "a channel message has a data byte above 127")
        return after

    def _meta(self, tick: int, byte: int, end: int) -> int:
        if byte + 2 > end:
            raise _Unreadable(byte, "the track ends inside an event")
        length, after = self._variable_length(byte + 2, end)
        self._within(byte, after + length, end)
        if len(self.events) >= MAX_META_EVENTS:
            raise CueSheetError(
                f"more than {MAX_META_EVENTS} meta events are too many for a cue sheet",
                place=f"byte {byte}",
            )
        payload = self.content[after : after + length]
        kind, track = self.content[byte + 1], len(self.track_ticks)
        self.events.append(MetaEvent(tick, track, kind, payload, byte))
        return after + length

    def _within(self, byte: int, after: int, end: int) -> int:
        """Return ``after``, the end of the event at ``byte``, if it is inside the track."""
        if after > end:
            raise _Unreadable(byte, f"an event ends {after - end} bytes behind its track")
        return after

    def _variable_length(self, byte: int, end: int) -> tuple[int, int]:
        """Return a variable-length quantity and the byte after it; four bytes at most."""
        value = 0
        for position in range(byte, min(byte + 4, end)):
            value = value << 7 | self.content[position] & 0x7F
            if self.content[position] < 0x80:
                return value, position + 1
        if byte + 4 <= end:
            raise _Unreadable(byte, "a number is longer than four bytes")
        raise _Unreadable(byte, "the track ends inside an event")
