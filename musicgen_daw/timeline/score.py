"""A composition as notes: what the built-in composer writes and a MIDI file carries."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.timeline.tempo import TempoMap

__all__ = ["Note", "Part", "Score"]


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note: ``pitch`` is a MIDI key number (60 is middle C), ``velocity`` 1 to 127."""

    start_beats: Fraction
    length_beats: Fraction
    pitch: int
    velocity: int

    def __post_init__(self) -> None:
        # The sign of a fraction is that of its numerator; to compare fractions is slow.
        if self.start_beats.numerator < 0 or self.length_beats.numerator <= 0:
            raise ValueError(f"impossible note: {self}")
        if not (0 <= self.pitch <= 127 and 1 <= self.velocity <= 127):
            raise ValueError(f"impossible note: {self}")


@dataclass(frozen=True, slots=True)
class Part:
    """The notes of one player, in order.

    ``stem`` names the stem that the part sounds in, ``program`` is its General MIDI program
    (0 to 127), ``drums`` says that its pitches are the keys of the General MIDI drum map.
    ``slides`` says that a note slides from the pitch of another that ends where it begins.
    ``enters`` is the intensity from which on it plays, ``None`` for one that follows none.
    """

    name: str
    stem: str
    program: int
    notes: tuple[Note, ...]
    drums: bool = False
    slides: bool = False
    enters: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.program <= 127:
            raise ValueError(f"General MIDI has no program {self.program}")

    def slid_from(self) -> dict[int, int]:
        """Return from which pitch notes slide, by their number; empty where the part doesn't."""
        if not self.slides:
            return {}
        ending = {note.start_beats + note.length_beats: note.pitch for note in self.notes}
        return {
            number: ending[note.start_beats]
            for number, note in enumerate(self.notes)
            if ending.get(note.start_beats, note.pitch) != note.pitch
        }


@dataclass(frozen=True, slots=True)
class Score:
    """All parts of one cue over the cue's own tempo map (beat 0 is the start of the cue)."""

    tempo_map: TempoMap
    parts: tuple[Part, ...]
