"""Hits of the picture: an impact exactly on each, a riser that leads there, a gap before it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.sketch.chords import voice
from musicgen_daw.sketch.form import Form
from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.timeline import Hit, Note, TempoMap

__all__ = [
    "Strike",
    "accents",
    "impacts",
    "led_up",
    "make_room",
    "risers",
    "stabs",
    "strikes",
    "undoubled",
]

GAP_S = Fraction(9, 100)
"""Silence before a hit: long enough to be felt, and for a release to have died away."""

_BLUR_S = Fraction(7, 100)
"""A note that begins so soon after a hit would sound like a mistake beside it."""

_LEAST_RISE_S = Fraction(3, 2)
_LONGEST_RISE_S = Fraction(4)
_SHORTEST_RISER_S = Fraction(1, 2)
_IMPACT_S = Fraction(3)
_CLUSTER_S = Fraction(3, 4)
_STAB_LOW, _STAB_HIGH = 48, 79


@dataclass(frozen=True, slots=True)
class Strike:
    """A hit in beats, with the position of its gap and of the next hit or the end of the cue."""

    at: Fraction
    gap: Fraction
    blur_end: Fraction
    next_at: Fraction
    at_s: Fraction
    next_s: Fraction
    important: bool


def strikes(hits: Sequence[Hit], tempo_map: TempoMap, length_s: Fraction) -> tuple[Strike, ...]:
    """Return the hits inside the cue in order; of two at one moment the important one."""
    strongest: dict[Fraction, bool] = {}
    for hit in hits:
        if 0 <= hit.at_s < length_s:
            strongest[hit.at_s] = strongest.get(hit.at_s, False) or hit.important
    seconds = sorted(strongest)
    return tuple(
        Strike(
            at=tempo_map.beats_at(at_s),
            gap=tempo_map.beats_at(_gap_s(before_s, at_s)),
            blur_end=tempo_map.beats_at(at_s + _BLUR_S),
            next_at=tempo_map.beats_at(next_s),
            at_s=at_s,
            next_s=next_s,
            important=strongest[at_s],
        )
        for before_s, at_s, next_s in zip(
            [None, *seconds], seconds, [*seconds[1:], length_s], strict=False
        )
    )


def _gap_s(before_s: Fraction | None, at_s: Fraction) -> Fraction:
    """Return where the gap before a hit begins; close hits leave half of the time between them."""
    if before_s is None:  # what would begin just before the first hit waits for it
        return max(at_s - GAP_S, Fraction(0))
    return max(at_s - GAP_S, (before_s + at_s) / 2)


def impacts(found: Sequence[Strike], form: Form, key: Scale) -> list[Note]:
    """Return one impact for each hit; it is damped before the next one."""
    notes = []
    rooms = [*(strike.gap for strike in found[1:]), form.end]
    for strike, room in zip(found, rooms, strict=False):
        end = min(form.later(strike.at, _IMPACT_S), room)
        velocity = 124 if strike.important else 104
        if strike is not found[-1] and strike.next_s - strike.at_s < _CLUSTER_S:
            velocity -= 20  # its ring must not cover the next one
        notes.append(Note(strike.at, end - strike.at, 36 + key.tonic, velocity))
    return notes


def led_up(found: Sequence[Strike]) -> Iterator[tuple[Strike, Fraction]]:
    """Yield the hits that have room for what leads up to them, with that room in seconds."""
    before_s = Fraction(0)
    for strike in found:
        room_s = strike.at_s - before_s
        before_s = strike.at_s
        if room_s >= _LEAST_RISE_S:
            yield strike, room_s


def risers(found: Sequence[Strike], form: Form, key: Scale) -> list[Note]:
    """Return a riser into each hit that has room for one: one to four beats."""
    notes = []
    for strike, room_s in led_up(found):
        longest_s = min(room_s * Fraction(2, 3), _LONGEST_RISE_S)
        beat_s = Fraction(form.tempo_map.tempo_at(strike.at).us_per_beat, 1_000_000)
        beats = min(max(int(longest_s / beat_s), 1), 4)
        start = min(strike.at - beats, form.later(strike.at, -_SHORTEST_RISER_S))
        start = max(start, form.later(strike.at, -longest_s))
        notes.append(
            Note(start, strike.gap - start, 48 + key.tonic, 100 if strike.important else 84)
        )
    return notes


def stabs(found: Sequence[Strike], form: Form, harmony: Harmonisation, low: int) -> list[Note]:
    """Return the stinger chords of the important hits; ``low`` is their instrument's lowest key."""
    notes = []
    for strike in found:
        chord = harmony.chord_at(strike.at)
        if form.final is not None and strike.at >= form.final:
            chord = harmony.final or chord
        end = min(form.later(strike.at, Fraction(9, 10)), strike.next_at)
        if strike.important:
            pitches = voice(chord, (max(_STAB_LOW, low), _STAB_HIGH), 4)
            notes += [Note(strike.at, end - strike.at, pitch, 118) for pitch in pitches]
    return notes


def accents(found: Sequence[Strike], drums: Sequence[int]) -> list[Note]:
    """Return the strokes that a kit adds to the hits."""
    return [
        Note(
            strike.at,
            min(Fraction(1), strike.next_at - strike.at),
            drum,
            120 if strike.important else 106,
        )
        for strike in found
        for drum in drums
    ]


def undoubled(notes: Sequence[Note], found: Sequence[Strike], drums: Sequence[int]) -> list[Note]:
    """Leave out the strokes that fall on a hit, of ``drums`` in whose place an accent sounds.

    Two bass drums at once are only louder, and take the headroom of all the rest.
    """
    struck = {strike.at for strike in found}
    return [note for note in notes if note.pitch not in drums or note.start_beats not in struck]


def make_room(notes: Sequence[Note], found: Sequence[Strike]) -> list[Note]:
    """Clear the gap before each hit and the moment after it.

    A note that begins there waits for the hit, or goes if it is too short for that; one that
    would sound across a gap stops there, or is left out before it if it would be too short, and
    is struck anew on the hit.
    """
    if not found:
        return list(notes)
    gaps = [float(strike.gap) for strike in found]
    kept: list[Note] = []
    for note in notes:
        last = bisect_right(gaps, float(note.start_beats)) - 1
        moved = _after_gap(note, found[last]) if last >= 0 else note
        if moved is not None:
            kept += _split(moved, found[max(last, 0) :])
    return kept


def _after_gap(note: Note, strike: Strike) -> Note | None:
    """Return the note, moved onto the hit if it begins in the gap or right after the hit."""
    if note.start_beats == strike.at or note.start_beats >= strike.blur_end:
        return note
    length = note.start_beats + note.length_beats - strike.at
    worth_it = length > strike.blur_end - strike.at
    return replace(note, start_beats=strike.at, length_beats=length) if worth_it else None


def _split(note: Note, found: Sequence[Strike]) -> list[Note]:
    """Return the pieces of a note between the gaps that it would sound across."""
    pieces: list[Note] = []
    end = note.start_beats + note.length_beats
    for strike in found:
        if strike.at <= note.start_beats:
            continue
        if strike.gap >= end:
            break
        before_beats = strike.gap - note.start_beats
        if before_beats > strike.blur_end - strike.at:  # what is shorter is a click
            pieces.append(replace(note, length_beats=before_beats))
        if end <= strike.blur_end:
            return pieces
        note = Note(strike.at, end - strike.at, note.pitch, min(note.velocity + 12, 127))
    return [*pieces, note]
