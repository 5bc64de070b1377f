"""The line of a bass: which octave a root has, and how one root leads to the next."""

from __future__ import annotations

from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.scales import Scale

__all__ = ["BassLine"]

_PULL = 4
"""Semitones by which an upper root must lie nearer than the one below it: a bass belongs down."""

_REACH = 12

_TONES = {"3": 1, "5": 2, "7": 3}


class BassLine:
    """The pitches of a bass over the chords of a cue.

    ``compass`` is the range of MIDI keys, an octave at least. The roots follow from the chords
    alone, so that a bass that enters late plays what it would have played anyway.
    """

    def __init__(self, key: Scale, harmony: Harmonisation, compass: tuple[int, int]) -> None:
        self._key = key
        self._harmony = harmony
        self._low, self._high = compass
        self._roots: list[int] = []
        for span in harmony.spans:
            before = self._roots[-1] if self._roots else self._low
            self._roots.append(self._root_near(span.chord.bass, before))

    def pitch(self, sign: str, span: int, before: int | None) -> int:
        """Return the pitch of a sign of a pattern over the chord of a span.

        ``R`` is the bass of the chord, ``3 5 7`` its tones above it, ``8`` the octave, ``a`` a step
        of the scale to the next root, from the side of ``before``, the pitch played last, and
        another one than that.
        """
        root, chord = self._roots[span], self._harmony.spans[span].chord
        if sign == "R":
            return root
        if sign == "a":
            return self._toward(self._next_root(span), root if before is None else before)
        if sign == "8":
            return root + 12 if root + 12 <= self._high else root
        above = root + (chord.tone(_TONES[sign]) - root) % 12
        # No farther from the next root than a hand reaches, unless the hand is up there already,
        # or that leaves the compass.
        is_up = before is not None and before - (above - 12) > _REACH
        far = above > self._high or (above - self._next_root(span) > _REACH and not is_up)
        return above - 12 if far and above - 12 >= self._low else above

    def _next_root(self, span: int) -> int:
        if span + 1 < len(self._roots):
            return self._roots[span + 1]
        final = self._harmony.final
        return self._roots[0] if final is None else self._root_near(final.bass, self._roots[span])

    def _toward(self, target: int, before: int) -> int:
        degree = self._key.degree_near(target)
        sides = [self._key.pitch(degree - 1), self._key.pitch(degree + 1)]
        inside = [pitch for pitch in sides if self._low <= pitch <= self._high]
        return min(inside or sides, key=lambda pitch: (pitch == before, abs(pitch - before)))

    def _root_near(self, pitch_class: int, before: int) -> int:
        """Return the lowest root, or that above it where the way there is far shorter."""
        lowest = self._low + (pitch_class - self._low) % 12
        upper = lowest + 12
        farther = abs(lowest - before) - abs(upper - before)
        return upper if upper <= self._high and farther > _PULL else lowest
