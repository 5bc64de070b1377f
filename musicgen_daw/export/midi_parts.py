"""The parts of compositions as MIDI tracks: one track a part of the whole timeline, General MIDI.

A part that several cues have (the same stem, name and instrument) is one track, as in a DAW.

A DAW keeps tracks apart whatever their channels. For what plays a file as it is, a second track on
a channel, and a second kit, is on the next port (meta event 0x21); what knows no ports hears the
program that each cue sets where it needs another.

Where a part slides from note to note, its channel is told a bend range (RPN 0), so large that an
808 reaches its next pitch; each slide is a row of bends that ends in the middle, and after the last
note the range is the usual one again.

Source: the port event is Cakewalk's, in no standard, and read by players of several ports. Bends
and registered parameters: MIDI Manufacturers Association, MIDI 1.0 Detailed Specification.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import cos, pi
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
_NOTE_NUMBERS = 4
_PORT, _PROGRAM, _NOTE_OFF, _BEND, _NOTE_ON = range(5)

_SLIDE_S = Fraction(11, 100)
"""As long as the built-in 808 takes from pitch to pitch."""

_SLIDE_STEPS = 32
_BEND_SEMITONES, _USUAL_SEMITONES = 24, 2
_BEND_MIDDLE = 8192
_DATA_ENTRY, _DATA_ENTRY_FINE, _RPN_FINE, _RPN, _NO_RPN = 6, 38, 100, 101, 127


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


class _Slide(NamedTuple):
    """A slide of so many semitones up to, or down to, the note that begins with it."""

    start_ticks: int
    end_ticks: int
    semitones: int


class _Grid:
    """The way from beats of a placed score to ticks of the file.

    It leads over seconds: exact, and the same beats where the maps agree.
    """

    def __init__(self, placed: PlacedScore, tempo_map: TempoMap) -> None:
        self._start_s = placed.start_s
        self._seconds_at = placed.score.tempo_map.seconds_at
        self._beats_at = tempo_map.beats_at
        self._known: dict[Fraction, int] = {}  # chords and parts share their places

    def ticks_at(self, beats: Fraction) -> int:
        """Return the tick of a position in the score."""
        ticks = self._known.get(beats)
        if ticks is None:
            ticks = self._known[beats] = self.ticks_after(beats, Fraction(0))
        return ticks

    def ticks_after(self, beats: Fraction, seconds: Fraction) -> int:
        """Return the tick that comes some seconds after a position in the score."""
        return to_ticks(self._beats_at(self._start_s + self._seconds_at(beats) + seconds))


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
    slides: list[_Slide] = field(default_factory=list)
    notes: array[int] = field(default_factory=_no_numbers)

    def set_program(self, at_ticks: int, program: int) -> None:
        self.programs.append(Event(at_ticks, _PROGRAM, bytes((0xC0 | self.channel, program))))

    def play(self, part: Part, grid: _Grid) -> None:
        ticks_at, slid_from = grid.ticks_at, part.slid_from()
        if slid_from:
            start_ticks = ticks_at(Fraction(0))
            self.programs += _bend_range(self.channel, start_ticks, _BEND_SEMITONES, _PROGRAM)
        for number, note in enumerate(part.notes):
            on = ticks_at(note.start_beats)
            off = ticks_at(note.start_beats + note.length_beats)
            self.notes.extend((on, max(off, on + 1), note.pitch, note.velocity))
            if number in slid_from:
                end = min(off, grid.ticks_after(note.start_beats, _SLIDE_S))
                self.slides.append(_Slide(on, max(end, on + 1), note.pitch - slid_from[number]))

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
        for slide in self.slides:
            yield from _bends(self.channel, slide)
        if self.slides:
            last_ticks = max(self.notes[1::_NOTE_NUMBERS])
            yield from _bend_range(self.channel, last_ticks, _USUAL_SEMITONES, _BEND)


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
        grid = _Grid(placed, tempo_map)
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
            track.play(part, grid)
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


def _bends(channel: int, slide: _Slide) -> Iterator[Event]:
    """Yield the bends of a slide, the last one to the middle: quick halfway, slow at its ends."""
    bends: dict[int, int] = {}
    for step in range(_SLIDE_STEPS + 1):
        ticks = (slide.end_ticks - slide.start_ticks) * step // _SLIDE_STEPS
        left = slide.semitones * (0.5 + 0.5 * cos(pi * step / _SLIDE_STEPS))
        bend = round(left / _BEND_SEMITONES * (_BEND_MIDDLE - 1))
        bends[slide.start_ticks + ticks] = min(max(_BEND_MIDDLE - bend, 0), 2 * _BEND_MIDDLE - 1)
    for at_ticks, bend in bends.items():
        yield Event(at_ticks, _BEND, bytes((0xE0 | channel, bend & 0x7F, bend >> 7)))


def _bend_range(channel: int, at_ticks: int, semitones: int, rank: int) -> Iterator[Event]:
    """Yield the change of a channel's bend range, after which no parameter is chosen."""
    for control, value in (
        (_RPN, 0),
        (_RPN_FINE, 0),
        (_DATA_ENTRY, semitones),
        (_DATA_ENTRY_FINE, 0),
        (_RPN, _NO_RPN),
        (_RPN_FINE, _NO_RPN),
    ):
        yield Event(at_ticks, rank, bytes((0xB0 | channel, control, value)))


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
