"""Scales: a key with its seven degrees, as the composer walks on them."""

from __future__ import annotations

from dataclasses import dataclass

from musicgen_daw.errors import PlanError
from musicgen_daw.timeline import MODES, Key, parse_key

__all__ = ["Scale"]

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_STEPS = {
    mode: tuple(sorted((step - offset) % 12 for step in _MAJOR)) for mode, offset in MODES.items()
}
"""Semitones of the degrees above the tonic of each mode; ``minor`` is the natural one."""


@dataclass(frozen=True, slots=True)
class Scale(Key):
    """A key and its degrees: degree 0 is the tonic in the octave of MIDI key 0, 7 the next one."""

    @classmethod
    def parse(cls, text: str) -> Scale:
        """Read a key such as ``F minor`` or ``Bb``.

        Raises:
            PlanError: for a text that is no key.
        """
        try:
            key = parse_key(text)
        except ValueError as error:
            raise PlanError(str(error)) from None
        return cls(key.tonic, key.mode)

    @property
    def is_minor(self) -> bool:
        """Whether the third above the tonic is minor."""
        return self.steps[2] == 3

    @property
    def steps(self) -> tuple[int, ...]:
        """The semitones of the seven degrees above the tonic."""
        return _STEPS[self.mode]

    @property
    def classes(self) -> tuple[int, ...]:
        """The pitch classes of the degrees, from the tonic up."""
        return tuple((self.tonic + step) % 12 for step in self.steps)

    def pitch(self, degree: int) -> int:
        """Return the MIDI key of a degree."""
        octave, step = divmod(degree, 7)
        return self.tonic + 12 * octave + self.steps[step]

    def degree_near(self, pitch: int) -> int:
        """Return the degree whose pitch is nearest to a MIDI key, the lower of two."""
        octave = (pitch - self.tonic) // 12
        degrees = range(7 * octave, 7 * octave + 8)
        return min(degrees, key=lambda degree: abs(self.pitch(degree) - pitch))
