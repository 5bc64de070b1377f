"""The form of a style pack: what a musician writes down about a style.

Rhythm is written in strings of sixteenths, 16 to a bar of 4/4, 12 to one of 3/4 or 6/8; a string
of two or four bars' length is as many bars long. Only 4/4 must be written: other meters are made
of its beats. ``.`` rests, ``-`` holds the note before. Then

    drums      X accent   x stroke   o soft   g ghost   ? sometimes, soft
               2 3 two or three strokes within the sixteenth, a roll
    bass       R root   3 third   5 fifth   7 seventh   8 octave   a approach to the next root
    harmony    1 2 3 4 … notes of the chord from below   C the whole chord
               S the whole chord, short and accented   U the whole chord, lightly from above
               A the whole chord of the beat after it, ahead of that beat and held on into it
               ^ v a step of the scale above or below the note before: runs

A progression is a string of roman numerals, ``|`` between bars, ``%`` for "as before"; numerals
are degrees of the mode in use (VI in minor is the flat sixth). Layers and drum lines play while
the cue's intensity is at or above ``enters`` and below ``leaves``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from musicgen_daw.sketch.composition import Room, Voice
from musicgen_daw.sketch.rhythm import steps_in

__all__ = [
    "DrumLine", "Groove", "Harmony", "Layer", "Measures", "MelodyRules", "Role", "StylePack",
]  # fmt: skip

Role = Literal["sustain", "pattern", "bass", "melody", "drums", "drone", "texture"]
Patterns = Mapping[str, tuple[str, ...]]
"""Patterns by meter: ``{"4/4": (…, …), "6/8": (…)}``; one is drawn for each kind of phrase."""


@dataclass(frozen=True, slots=True)
class DrumLine:
    """What one drum plays."""

    drum: str
    pattern: str
    enters: float = 0.0
    leaves: float = 2.0


@dataclass(frozen=True, slots=True)
class Groove:
    """Drum lines that belong together, and the fills that may replace a phrase's last bar.

    ``crash`` is the drum that marks a phrase after a fill, and hits; empty for none.
    """

    lines: tuple[DrumLine, ...]
    fills: tuple[tuple[DrumLine, ...], ...] = ()
    meter: str = "4/4"
    crash: str = ""

    def __post_init__(self) -> None:
        for line in (*self.lines, *(line for fill in self.fills for line in fill)):
            _check_length(line.pattern, self.meter)


@dataclass(frozen=True, slots=True)
class MelodyRules:
    """How the motif is sung.

    ``stretch`` is the number of bars over which one bar of the motif is spread. ``rests`` is the
    chance that a phrase goes without melody, ``ornaments`` that a long note gets a turn, ``runs``
    that a leap is walked by step, ``pushes`` that a note comes an eighth before its beat,
    ``pickups`` that the phrases of a kind are led into by the motif's pickup. ``leaps`` is the
    most degrees between neighbouring notes.
    """

    stretch: int = 1
    rests: float = 0.2
    ornaments: float = 0.1
    leaps: int = 5
    runs: float = 0.0
    pushes: float = 0.0
    pickups: float = 0.0


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of the arrangement: what it plays, on which instrument, and when.

    ``compass`` is the range of MIDI keys, ``voices`` the most notes of a chord, ``velocity`` the
    velocities at intensity 0 and 1. ``chance`` is how likely a seed includes the layer at all.
    ``spread`` opens its chords over more than an octave. ``strum_steps`` is how much later each
    string of a chord sounds than the one before. The bass drum strikes with the layer that
    ``leads_kick``, and nowhere else while that plays.

    ``by_bar`` makes ``patterns``, of one bar each then, a stock from which every bar of every
    phrase draws its own, as one who comps does; ``answers`` are the stock of bars in which the tune
    rests or holds a note, in the second half of the bar.
    """

    part: str
    stem: str
    role: Role
    voice: Voice
    compass: tuple[int, int] = (48, 72)
    patterns: Patterns = field(default_factory=dict)
    voices: int = 3
    velocity: tuple[int, int] = (50, 95)
    enters: float = 0.0
    leaves: float = 2.0
    chance: float = 1.0
    melody: MelodyRules = field(default_factory=MelodyRules)
    spread: bool = False
    strum_steps: Fraction = Fraction(0)
    leads_kick: bool = False
    by_bar: bool = False
    answers: Patterns = field(default_factory=dict)

    def __post_init__(self) -> None:
        for meter, patterns in (*self.patterns.items(), *self.answers.items()):
            for pattern in patterns:
                _check_length(pattern, meter)
                if self.by_bar and len(pattern) != steps_in(meter):
                    raise ValueError(f"pattern {pattern!r} of a part drawn by bar isn't one bar")


@dataclass(frozen=True, slots=True)
class Harmony:
    """The chords of a style in one group of modes.

    ``progressions`` last a phrase or are repeated over it. ``half`` ends a phrase openly,
    ``full`` leads to the ``final`` chord, ``turnaround`` leads a loop back to its head, ``hit``
    chords are struck where the picture hits.
    """

    modes: tuple[str, ...]
    progressions: tuple[str, ...]
    half: tuple[str, ...]
    full: tuple[str, ...]
    final: tuple[str, ...]
    turnaround: tuple[str, ...]
    hit: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """The ranges in which nine of ten cues of a style lie, and why they are where they are.

    ``tilt_db`` is the slope of the power spectrum from 100 Hz to 10 kHz in dB an octave (pink
    noise has -3), ``crest_db`` the peak against RMS, ``width`` the RMS of the side against that of
    the middle, ``air_db`` the power above 6 kHz against all.
    """

    tilt_db: tuple[float, float] = (-7.0, -3.0)
    crest_db: tuple[float, float] = (12.0, 20.0)
    width: tuple[float, float] = (0.1, 0.6)
    air_db: tuple[float, float] = (-25.0, 0.0)
    why: str = ""


@dataclass(frozen=True, slots=True)
class StylePack:
    """A style. ``tempo_bpm`` counts felt beats: dotted quarters in 6/8.

    ``tonics`` are names of keys that lie well. ``arcs`` are shapes of intensity around the
    style's own level, as offsets over the cue. ``cadences`` is the chance that an inner phrase
    ends with a cadence instead of its progression. ``swing`` delays every second stroke of
    ``swung_steps`` steps (1 sixteenths, 2 eighths) by a share of itself; ``looseness`` is the
    spread of velocities.
    """

    name: str
    title: str
    tempo_bpm: tuple[int, int]
    meters: tuple[str, ...]
    tonics: tuple[str, ...]
    harmonies: tuple[Harmony, ...]
    layers: tuple[Layer, ...]
    grooves: tuple[Groove, ...] = ()
    room: Room = field(default_factory=Room)
    intensity: float = 0.55
    arcs: tuple[tuple[float, ...], ...] = ((-0.2, 0.05, 0.25, 0.05),)
    phrase_bars: int = 4
    cadences: float = 0.5
    swing: Fraction = Fraction(0)
    swung_steps: int = 1
    looseness: float = 0.08
    impact_gain_db: float = -4.0
    riser_gain_db: float = -10.0
    stab: Voice = field(default_factory=lambda: Voice("string-short", gain_db=-6.0))
    measures: Measures = field(default_factory=Measures)


def _check_length(pattern: str, meter: str) -> None:
    """Refuse a pattern that does not fill whole bars, where the slip of a finger is found."""
    if not pattern or len(pattern) % steps_in(meter):
        raise ValueError(f"pattern {pattern!r} is {len(pattern)} long: no whole bars of {meter}")
