"""The session as MIDI: tempo map, meters, start timecode, markers, and the composition's parts.

Positions are whole ticks, 960 to the quarter note: exact for every note value down to the 64th
triplet, else the nearest tick (0.3 ms off at most at 100 bpm). Tempos are exact, since they are
whole microseconds everywhere.

Source: MIDI Manufacturers Association, Standard MIDI Files 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from musicgen_daw.export.marker_text import cue_start, markers_of
from musicgen_daw.export.midi_conductor import conductor_track
from musicgen_daw.export.midi_parts import PlacedScore, part_tracks
from musicgen_daw.export.midi_ticks import midi_file
from musicgen_daw.export.sheet import moved
from musicgen_daw.session import PlacedCue, Session

__all__ = ["encode", "encode_cue"]


def encode(session: Session) -> bytes:
    """Return a MIDI file of the whole timeline with the parts of the chosen takes, a track each.

    The notes of a cue with a tempo map of its own stand where they sound, off the session's grid.
    """
    conductor = conductor_track(
        session.title,
        session.tempo_map,
        session.start_timecode,
        markers_of(session.sheet.cues, cue_start),
    )
    return midi_file([conductor, *part_tracks(_scores(session), session.tempo_map)])


def encode_cue(session: Session, placed: PlacedCue) -> bytes:
    """Return a MIDI file of one cue that begins where the cue begins, in the cue's own tempo."""
    cue = moved(session.sheet_cue(placed), Fraction(0))
    score = placed.read_score()
    tempo_map = score.tempo_map if score else placed.tempo_map or session.tempo_map
    markers = markers_of([cue], cue_start)
    conductor = conductor_track(cue.name, tempo_map, session.start_timecode, markers)
    scores = [PlacedScore(Fraction(0), score)] if score else []
    return midi_file([conductor, *part_tracks(scores, tempo_map)])


def _scores(session: Session) -> Iterator[PlacedScore]:
    """Yield the scores of the chosen takes in the order of time, one at a time."""
    chosen = ((session.sheet_cue(placed), placed) for placed in session.chosen())
    for cue, placed in sorted(chosen, key=lambda pair: pair[0].start_s):
        score = placed.read_score()
        if score is not None:
            yield PlacedScore(cue.start_s, score)
