"""The parts of compositions as MIDI tracks: one track a part and cue, General MIDI."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import mido

from musicgen_daw.export.midi_ticks import Event, to_ticks, track_of
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.timeline import Part, Score, TempoMap

__all__ = ["PlacedScore", "part_tracks"]

DRUM_CHANNEL = 9
"""Channel 10, counted from 0."""

_MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_PROGRAM, _NOTE_OFF, _NOTE_ON = range(3)


@dataclass(frozen=True, slots=True)
class PlacedScore:
    """The score of a cue that starts at ``start_s`` of the file's timeline."""

    cue_name: str
    start_s: Fraction
    score: Score


class _Sounding(NamedTuple):
    """A note in ticks of the file."""

    on_ticks: int
    off_ticks: int
    pitch: int
    velocity: int


def part_tracks(scores: Iterable[PlacedScore], tempo_map: TempoMap) -> list[mido.MidiTrack]:
    """Return a track for each part that has notes, placed on the grid of ``tempo_map``.

    The scores come in the order of time. A channel is used again only when its last note has
    ended, as long as there are enough.
    """
    tracks = []
    free_from_ticks = dict.fromkeys(_MELODIC_CHANNELS, 0)
    for placed in scores:
        for part in placed.score.parts:
            notes = _sounding(part, placed, tempo_map)
            if not notes:
                continue
            channel = DRUM_CHANNEL if part.drums else _free_channel(free_from_ticks, notes)
            if not part.drums:
                free_from_ticks[channel] = max(note.off_ticks for note in notes)
            name = one_line(f"{placed.cue_name} - {part.name}")
            start_ticks = to_ticks(tempo_map.beats_at(placed.start_s))
            tracks.append(track_of(name, _events(part, channel, start_ticks, notes)))
    return tracks


def _free_channel(free_from_ticks: dict[int, int], notes: Sequence[_Sounding]) -> int:
    first_ticks = min(note.on_ticks for note in notes)
    free = [channel for channel, at in free_from_ticks.items() if at <= first_ticks]
    return free[0] if free else min(free_from_ticks, key=lambda c: free_from_ticks[c])


def _sounding(part: Part, placed: PlacedScore, tempo_map: TempoMap) -> list[_Sounding]:
    """Place the notes by their seconds: exact, and the same beats where the maps agree."""

    def ticks(beats: Fraction) -> int:
        return to_ticks(
            tempo_map.beats_at(placed.start_s + placed.score.tempo_map.seconds_at(beats))
        )

    by_pitch: dict[int, list[_Sounding]] = defaultdict(list)
    for note in part.notes:
        on, off = ticks(note.start_beats), ticks(note.start_beats + note.length_beats)
        by_pitch[note.pitch].append(_Sounding(on, max(off, on + 1), note.pitch, note.velocity))
    return [note for notes in by_pitch.values() for note in _separate(sorted(notes))]


def _separate(notes: Sequence[_Sounding]) -> Iterator[_Sounding]:
    """End a note where the same key is struck again: MIDI can't tell two of one key apart."""
    for note, following in pairwise(notes):
        if note.on_ticks < following.on_ticks:
            yield note._replace(off_ticks=min(note.off_ticks, following.on_ticks))
    yield notes[-1]


def _events(
    part: Part, channel: int, start_ticks: int, notes: Sequence[_Sounding]
) -> Iterator[Event]:
    program = mido.Message("program_change", channel=channel, program=part.program)
    yield Event(start_ticks, _PROGRAM, program)
    for note in sorted(notes):
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        off = mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)
        yield Event(note.on_ticks, _NOTE_ON, on)
        yield Event(note.off_ticks, _NOTE_OFF, off)
