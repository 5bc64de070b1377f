"""A finished composition: the notes, and how each part is to sound. The composer writes it, the
synthesiser plays it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from musicgen_daw.timeline import Score

__all__ = ["STEMS", "Composition", "Room", "Voice"]

STEMS = ("drums", "bass", "harmony", "lead", "pad", "fx")
"""The stems of the built-in generator, in the order in which they are listed everywhere."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a part sounds: an instrument of ``sketch.synth`` and its place in the mix.

    ``pan`` runs from -1 (left) to 1 (right). ``width`` from 0 (a point) to 1 (the whole stage).
    ``reverb_send_db`` and ``delay_send_db`` are relative to the dry voice; ``None`` sends nothing.
    ``lowpass_hz`` and ``highpass_hz`` colour the voice as a whole; ``None`` leaves it open.
    ``duck_db`` is how far it makes room for each stroke of the bass drum, as a compressor keyed
    by the drum would: 0 not at all, 9 makes a pad pump.
    ``slides`` lets a note that follows on another without a gap slide away from its pitch; only
    ``bass-808`` can.
    """

    instrument: str
    gain_db: float = 0.0
    pan: float = 0.0
    width: float = 0.5
    reverb_send_db: float | None = -14.0
    delay_send_db: float | None = None
    lowpass_hz: float | None = None
    highpass_hz: float | None = None
    duck_db: float = 0.0
    slides: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """The reverb and delay that all voices share; each stem carries its own share of both."""

    reverb_seconds: float = 1.8
    reverb_damping: float = 0.5
    predelay_ms: float = 15.0
    delay_beats: Fraction = Fraction(3, 4)
    delay_feedback: float = 0.35


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything that the synthesiser needs, and what the composer understood.

    ``voices`` maps the name of every part of ``score`` to its sound. ``dynamics`` is a lane of
    ``(second, gain_db)`` points for the whole cue (swells, fades of the ending), straight lines
    between. ``bpm``, ``key`` and ``style`` are what was chosen; ``understood`` and ``ignored``
    are the words of the prompt that were and weren't.
    """

    score: Score
    voices: Mapping[str, Voice]
    length_s: Fraction
    tail_s: Fraction
    seed: int
    style: str
    key: str
    bpm: float
    room: Room = field(default_factory=Room)
    dynamics: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    understood: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
