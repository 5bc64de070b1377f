"""Chords: roman numerals read in a key, and voicings that move as little as they can."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from musicgen_daw.sketch.scales import Scale

__all__ = ["Chord", "diatonic", "parse_chord", "voice"]

_DEGREES = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_NUMERAL = re.compile(
    r"(?P<shift>[b#]?)(?P<degree>[iIvV]+)(?P<quality>maj9|maj7|m7b5|add9|sus2|sus4|69|o7|o|\+|7sus4"
    r"|11|9|7|6|5)?(?:/(?P<bass>[357]))?(?:>(?P<of>[iIvV]+))?"
)
_SHAPES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7), "5": (0, 7), "6": (0, 4, 7, 9), "69": (0, 4, 7, 9, 14), "add9": (0, 4, 7, 14),
    "sus2": (0, 2, 7), "sus4": (0, 5, 7), "7sus4": (0, 5, 7, 10), "+": (0, 4, 8),
    "o": (0, 3, 6), "o7": (0, 3, 6, 9), "m7b5": (0, 3, 6, 10), "maj7": (0, 4, 7, 11),
    "maj9": (0, 4, 7, 11, 14), "7": (0, 4, 7, 10), "9": (0, 4, 7, 10, 14), "11": (0, 7, 10, 14, 17),
}  # fmt: skip
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_CLEAR_THIRDS, _CLEAR_SECONDS = 48, 55
"""The lowest keys on which a third and a second are heard as two notes."""

_BASS_TONE = {None: 0, "3": 1, "5": 2, "7": 3}


@dataclass(frozen=True)
class Chord:
    """A chord in a key: pitch classes from the root up, and the pitch class in the bass."""

    numeral: str
    tones: tuple[int, ...]
    bass: int

    @property
    def root(self) -> int:
        """The pitch class of the root."""
        return self.tones[0]

    @cached_property
    def classes(self) -> frozenset[int]:
        """The pitch classes, without order."""
        return frozenset(self.tones)

    def tone(self, number: int) -> int:
        """Return the tone of a number (0 root, 1 third, 2 fifth, 3 seventh), the root if none."""
        return self.tones[number] if number < len(self.tones) else self.tones[0]

    def rubs(self, pitch: int) -> bool:
        """Return whether a pitch lies a semitone above a tone of the chord, and is none itself.

        Such a note may pass, or be held and then fall to that tone; left standing it is wrong.
        """
        return pitch % 12 not in self.classes and (pitch - 1) % 12 in self.classes


def parse_chord(numeral: str, key: Scale) -> Chord:
    """Read a numeral such as ``iv7``, ``bII``, ``V/3`` (third in the bass) or ``V7>ii``.

    ``V7>ii`` is the dominant seventh of the second degree. Lower case is minor.

    Raises:
        ValueError: for a text that is no numeral.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None or match["degree"].lower() not in _DEGREES:
        raise ValueError(f"{numeral!r} is no chord")
    steps, tonic = key.steps, key.tonic
    if match["of"]:
        tonic += steps[_DEGREES[match["of"].lower()]]
        steps = _MAJOR
    shift = {"b": -1, "#": 1, "": 0}[match["shift"]]
    root = tonic + steps[_DEGREES[match["degree"].lower()]] + shift
    intervals = _SHAPES[match["quality"] or ""]
    if match["degree"].islower():
        intervals = tuple({4: 3, 11: 10}.get(each, each) for each in intervals)
    tones = tuple((root + interval) % 12 for interval in intervals)
    bass = _BASS_TONE[match["bass"]]
    return Chord(numeral, tones, tones[bass if bass < len(tones) else 0])


def diatonic(chord: Chord, key: Scale) -> Chord:
    """Return the chord with tones outside the scale moved into it: V in minor becomes v."""
    scale = key.classes
    inside = [tone for tone in chord.tones if tone in scale]

    def nearest(tone: int) -> int:
        """Return the neighbour in the scale that keeps clear of the other tones."""
        if tone in scale:
            return tone
        neighbours = [each % 12 for each in (tone - 1, tone + 1) if each % 12 in scale]
        return max(
            neighbours, key=lambda each: min((_apart(each, other) for other in inside), default=0)
        )

    tones = tuple(dict.fromkeys(nearest(tone) for tone in chord.tones))
    return Chord(chord.numeral, tones, nearest(chord.bass))


def _apart(one: int, other: int) -> int:
    return min((one - other) % 12, (other - one) % 12)


def voice(
    chord: Chord,
    compass: tuple[int, int],
    voices: int,
    before: tuple[int, ...] | None = None,
    *,
    spread: bool = False,
) -> tuple[int, ...]:
    """Return the pitches of a chord, from below, that lie nearest to the pitches ``before``.

    ``spread`` opens the chord where the compass has room for it: every second note goes up an
    octave. Fewer than ``voices`` notes are returned only where the compass is too narrow.
    """
    tones = _essential(chord, voices)
    candidates = _candidates(tones, compass, voices, spread)
    if not candidates and spread:
        return voice(chord, compass, voices, before)
    if not candidates:
        return tuple(sorted({_into(tone, compass) for tone in tones}))

    def cost(candidate: tuple[tuple[int, ...], float]) -> float:
        pitches, awkward = candidate
        if before is None or len(before) != len(pitches):
            return awkward
        moved = sum(abs(new - old) for new, old in zip(pitches, before, strict=True))
        return moved + 0.35 * awkward

    return min(candidates, key=cost)[0]


@lru_cache(maxsize=2048)
def _candidates(
    tones: tuple[int, ...], compass: tuple[int, int], voices: int, spread: bool
) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Return the voicings of tones in a compass, and how awkwardly each lies, in semitones."""
    octaves = range(compass[0] // 12 - 1, compass[1] // 12 + 1)
    inside = [pitches for start in range(len(tones)) for octave in octaves
              if (pitches := _stack(tones, start, octave, voices, spread))
              and compass[0] <= pitches[0] and pitches[-1] <= compass[1]]  # fmt: skip
    middle = sum(compass) / 2
    return tuple(
        (pitches, abs(sum(pitches) / len(pitches) - middle) + _mud(pitches)) for pitches in inside
    )


def _mud(pitches: Sequence[int]) -> float:
    """Return how much intervals too close for their depth weigh, in semitones of movement."""
    if pitches[0] >= _CLEAR_SECONDS:
        return 0.0
    pairs = list(pairwise(pitches))
    thirds = sum(low < _CLEAR_THIRDS and high - low <= 4 for low, high in pairs)
    seconds = sum(low < _CLEAR_SECONDS and high - low <= 2 for low, high in pairs)
    return 9.0 * thirds + 6.0 * seconds


def _essential(chord: Chord, voices: int) -> tuple[int, ...]:
    """Return the tones to be played by so many voices: the fifth goes first, then the root."""
    tones = list(dict.fromkeys(chord.tones))
    if len(tones) > voices and len(tones) > 3:
        tones.pop(2)
    while len(tones) > max(voices, 1):
        tones.pop(0 if len(tones) > 3 else -1)
    return tuple(tones)


def _stack(
    tones: tuple[int, ...], start: int, octave: int, voices: int, spread: bool
) -> tuple[int, ...]:
    """Stack the tones upwards from one of them, each above the one before."""
    ordered = sorted(range(len(tones)), key=lambda number: (tones[number] - tones[start]) % 12)
    pitches: list[int] = []
    for number in range(voices):
        tone = tones[ordered[number % len(tones)]]
        pitch = 12 * octave + tone
        while pitches and pitch <= pitches[-1]:
            pitch += 12
        pitches.append(pitch)
    return _opened(pitches) if spread else tuple(pitches)


def _opened(pitches: Sequence[int]) -> tuple[int, ...]:
    """Raise every second pitch to the next octave in which nobody plays it yet."""
    taken = set(pitches[::2])
    for pitch in pitches[1::2]:
        raised = pitch + 12
        while raised in taken:
            raised += 12
        taken.add(raised)
    return tuple(sorted(taken))


def _into(tone: int, compass: tuple[int, int]) -> int:
    """Return the lowest pitch of a pitch class in a compass, or the class's nearest above it."""
    return compass[0] + (tone - compass[0]) % 12
