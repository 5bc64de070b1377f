"""The "acid" chunk: the tempo and length in beats of a loop.

DAWs stretch a file that has one to their own tempo, so only a loop of one tempo and whole beats
gets it.

Source: the layout in which ACID and its successors write the chunk; there is no public standard.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.formats.riff import Chunk
from musicgen_daw.timeline import TempoMap, to_samples

__all__ = ["AcidLoop", "encode", "loop_of"]

_STRETCH = 0x04
_MIDDLE_C = 60


@dataclass(frozen=True, slots=True)
class AcidLoop:
    """A loop of whole beats (quarter notes) at one tempo and meter."""

    bpm: Fraction
    beats: int
    numerator: int = 4
    denominator: int = 4


def loop_of(tempo_map: TempoMap, length_samples: int, sample_rate: int) -> AcidLoop | None:
    """Return the loop that a whole file is, or ``None`` where tempo, meter or length forbid it."""
    length_beats = tempo_map.beats_at(Fraction(length_samples, sample_rate))
    beats = round(length_beats)
    changes_at_beats = [
        *(change.at_beats for change in tempo_map.tempos[1:]),
        *(change.at_beats for change in tempo_map.meters[1:]),
    ]
    steady = all(at_beats >= length_beats for at_beats in changes_at_beats)
    whole = beats > 0 and to_samples(tempo_map.seconds_at(beats), sample_rate) == length_samples
    if not (steady and whole):
        return None
    meter = tempo_map.meters[0]
    return AcidLoop(tempo_map.tempos[0].bpm, beats, meter.numerator, meter.denominator)


def encode(loop: AcidLoop) -> Chunk:
    """Return the chunk."""
    body = struct.pack(
        "<IHHfIHHf",
        _STRETCH,
        _MIDDLE_C,
        0x8000,  # these two fields are the same in every file that was ever seen
        0.0,
        loop.beats,
        loop.denominator,
        loop.numerator,
        float(loop.bpm),
    )
    return Chunk(b"acid", body)
