"""What the players of a cue have before them, and how high and low each may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.sketch.dice import Dice
from musicgen_daw.sketch.form import Form, Measure
from musicgen_daw.sketch.harmony import Harmonisation
from musicgen_daw.sketch.instruments import INSTRUMENTS
from musicgen_daw.sketch.motif import Motif
from musicgen_daw.sketch.scales import Scale
from musicgen_daw.sketch.styles.pack import Layer, StylePack

__all__ = ["Sheet", "compass_of", "mean_intensity"]


@dataclass(frozen=True)
class Sheet:
    """What all players read from: form, harmony, key, motif, style, and the dice.

    ``hits`` are the positions of the hits that are led up to, in beats; ``tune`` is the layer whose
    rests others answer.
    """

    form: Form
    harmony: Harmonisation
    key: Scale
    motif: Motif
    pack: StylePack
    dice: Dice
    hits: tuple[Fraction, ...] = ()
    tune: Layer | None = None


def compass_of(layer: Layer) -> tuple[int, int]:
    """Return the layer's compass inside that of its instrument."""
    instrument = INSTRUMENTS[layer.voice.instrument]
    low = max(layer.compass[0], instrument.low)
    return low, max(min(layer.compass[1], instrument.high), low + 11)


def mean_intensity(measures: Sequence[Measure]) -> float:
    """Return the intensity of measures as a whole."""
    return sum(measure.intensity for measure in measures) / len(measures)
