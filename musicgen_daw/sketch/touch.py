"""Touch: how hard the players strike."""

from __future__ import annotations

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import Form, Measure
from musicgen_daw.sketch.styles.pack import Layer

__all__ = ["Touch", "weight_of"]


class Touch:
    """How hard a player strikes: by intensity, weight in the bar, and a little chance."""

    def __init__(self, form: Form, looseness: float, layer: Layer, dice: Dice) -> None:
        self._low, self._high = layer.velocity
        self._looseness = looseness
        self._phrases = form.phrases
        self._dice = dice.child("touch")

    def velocity(self, measure: Measure, weight: float) -> int:
        """Return the velocity of a stroke of a weight (1 is an accent) in a measure."""
        phrase = self._phrases[measure.phrase]
        later = self._phrases[min(phrase.index + 1, len(self._phrases) - 1)]
        rise = later.measures[0].intensity - phrase.measures[0].intensity
        swell = measure.place / len(phrase.measures) * (0.04 + max(rise, 0.0) * 0.5)
        level = self._low + (self._high - self._low) * min(measure.intensity + swell, 1.0)
        loose = 1 + self._looseness * (2 * self._dice.share() - 1)
        return min(max(round(level * (0.55 + 0.45 * weight) * loose), 1), 127)


def weight_of(measure: Measure, step: int) -> float:
    """Return the weight of a step: the first of a measure, a felt beat, or between."""
    return 1.0 if step == 0 else 0.85 if step in measure.pulses else 0.65
