"""The parts of compositions as MIDI tracks: one track a part of the whole timeline, General MIDI.

A part that several cues have (the same stem, name and instrument) is one track, as in a DAW.

A DAW keeps tracks apart whatever their channels. For what plays a file as it is, a second track on
a channel, and a second kit, is on the next port (meta event 0x21); what knows no ports hears the
program that each cue sets where it needs another.

Source: the port event is Cakewalk's, in no standard, and read by players of several ports.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from musicgen_daw.export.midi_ticks import Event, to_ticks, track_chunk
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.formats import smf
from musicgen_daw.timeline import Part, Score, TempoMap

__all__ = ["PlacedScore", "part_tracks"]

DRUM_CHANNEL = 9
"""Channel 10, counted from 0."""

_MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_MOST_PORT = 127
_PORT, _PROGRAM, _NOTE_OFF, _NOTE_ON = range(4)


@dataclass(frozen=True, slots=True)
class PlacedScore:
    """The score of a cue that starts at ``start_s`` of the file's timeline."""

    start_s: Fraction
    score: Score


class _Player(NamedTuple):
    """Whose notes are on one track."""

    stem: str
    name: str
    program: int
    drums: bool


class _Sounding(NamedTuple):
    """A note in ticks of the file."""

    on_ticks: int
    off_ticks: int
    pitch: int
    velocity: int


def _no_numbers() -> array[int]:
    return array("Q")


@dataclass(slots=True)
class _Track:
    """What one player plays in all cues.

    ``notes`` has the four numbers of each ``_Sounding`` in a row: tuples are five times as large.
    """

    channel: int
    port: int
    programs: list[Event] = field(default_factory=list)
    notes: array[int] = field(default_factory=_no_numbers)

    def set_program(self, at_ticks: int, program: int) -> None:
        self.programs.append(Event(at_ticks, _PROGRAM, bytes((0xC0 | self.channel, program))))

    def play(self, part: Part, ticks_at: Callable[[Fraction], int]) -> None:
        for note in part.notes:
            on = ticks_at(note.start_beats)
            off = ticks_at(note.start_beats + note.length_beats)
            self.notes.extend((on, max(off, on + 1), note.pitch, note.velocity))

    def events(self, *, names_port: bool) -> Iterator[Event]:
        if names_port:
            yield Event(0, _PORT, bytes((0xFF, smf.MIDI_PORT, 1, self.port)))
        yield from self.programs
        numbers = iter(self.notes)
        for note in _separate(map(_Sounding, numbers, numbers, numbers, numbers)):
            on = bytes((0x90 | self.channel, note.pitch, note.velocity))
            yield Event(note.on_ticks, _NOTE_ON, on)
            off = bytes((0x80 | self.channel, note.pitch, 0))
            yield Event(note.off_ticks, _NOTE_OFF, off)


def part_tracks(scores: Iterable[PlacedScore], tempo_map: TempoMap) -> list[bytes]:
    """Return a track chunk for each part that has notes, placed on the grid of ``tempo_map``.

    The scores come in the order of time and are read one at a time. A track keeps its channel and
    port; more than 15 with pitches share the channels, and a cue sets the program of a channel at
    its start where the channel has another.
    """
    tracks: dict[_Player, _Track] = {}
    channels = list(_MELODIC_CHANNELS)  # the one that was used last stands last
    programs: dict[int, int] = {}
    for placed in scores:
        start_ticks = to_ticks(tempo_map.beats_at(placed.start_s))
        ticks_at = _ticks_in(placed, tempo_map)
        played = [(_player(part), part) for part in placed.score.parts if part.notes]
        # Known players go first, so that new ones of the same cue get other channels.
        for player, part in sorted(played, key=lambda pair: pair[0] not in tracks):
            is_new = player not in tracks
            if is_new:
                channel = DRUM_CHANNEL if player.drums else channels[0]
                tracks[player] = _Track(channel, _port(player, channel, tracks))
            track = tracks[player]
            if not player.drums:
                channels.remove(track.channel)
                channels.append(track.channel)
            if is_new or programs.get(track.channel) != player.program:
                programs[track.channel] = player.program
                track.set_program(start_ticks, player.program)
            track.play(part, ticks_at)
    names_port = any(track.port for track in tracks.values())
    return [
        track_chunk(one_line(player.name), track.events(names_port=names_port))
        for player, track in tracks.items()
    ]


def _port(player: _Player, channel: int, tracks: Mapping[_Player, _Track]) -> int:
    """Return the first port on which a channel is free; drums of one kit share the channel."""
    others = [(other, track) for other, track in tracks.items() if track.channel == channel]
    for other, track in others:
        if player.drums and other.program == player.program:
            return track.port
    return min(max((track.port + 1 for _, track in others), default=0), _MOST_PORT)


def _player(part: Part) -> _Player:
    return _Player(part.stem, part.name, part.program, part.drums)


def _ticks_in(placed: PlacedScore, tempo_map: TempoMap) -> Callable[[Fraction], int]:
    """Return the way from beats of a score to ticks of the file.

    It leads over seconds: exact, and the same beats where the maps agree.
    """
    seconds_at, start_s = placed.score.tempo_map.seconds_at, placed.start_s

    @cache  # chords and parts share their places
    def ticks_at(beats: Fraction) -> int:
        return to_ticks(tempo_map.beats_at(start_s + seconds_at(beats)))

    return ticks_at


def _separate(notes: Iterable[_Sounding]) -> Iterator[_Sounding]:
    """End a note where the same key is struck again: MIDI can't tell two of one key apart."""
    by_pitch: dict[int, list[_Sounding]] = defaultdict(list)
    for note in notes:
        by_pitch[note.pitch].append(note)
    for struck in by_pitch.values():
        yield from _cut(sorted(struck))


def _cut(notes: Sequence[_Sounding]) -> Iterator[_Sounding]:
    for note, following in pairwise(notes):
        if note.on_ticks < following.on_ticks:
            yield note._replace(off_ticks=min(note.off_ticks, following.on_ticks))
    yield notes[-1]
