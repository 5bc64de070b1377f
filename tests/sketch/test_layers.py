"""Layers as a game uses them: one harmony at every intensity, clean in any subset and in a loop."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from musicgen_daw.analysis.seams import measure_seam
from musicgen_daw.audio import Audio
from musicgen_daw.audio.splice import wrap_tail
from musicgen_daw.sketch import Commission, Composition, compose, perform
from musicgen_daw.sketch.styles import STYLES
from musicgen_daw.timeline import IntensityLane, TempoMap

S = Fraction
RATE = 24_000
LENGTH_S = S(12)

styles = pytest.mark.parametrize("style", STYLES)


def village(style: str, intensity: str, end: str = "loop") -> Composition:
    return compose(
        Commission(
            "", S(32), 3, style=style, end=end, tempo_map=TempoMap.constant(120),
            intensity=IntensityLane.parse(intensity),
        )
    )  # fmt: skip


def playing(composition: Composition, first: int, last: int) -> set[str]:
    """The parts with a note between two beats, and those that sound on into them."""
    return {
        part.name
        for part in composition.score.parts
        if part.stem != "fx"
        for note in part.notes
        if note.start_beats < last and note.start_beats + note.length_beats > first
    }


@styles
def test_a_ramp_adds_layers_on_the_harmony_of_a_steady_level(style: str) -> None:
    rising, falling = village(style, "0.1>0.95"), village(style, "0.95>0.1")
    assert len(playing(rising, 52, 64)) > len(playing(rising, 0, 12))
    assert len(playing(falling, 52, 64)) < len(playing(falling, 0, 12))
    basses = [
        {
            (part.name, note.start_beats, note.pitch)
            for part in composition.score.parts
            if part.stem == "bass"
            for note in part.notes
        }
        for composition in (rising, village(style, "0.95"))
    ]
    shared = {name for name, _, _ in basses[0]} & {name for name, _, _ in basses[1]}
    assert not {note for note in basses[0] - basses[1] if note[0] in shared}


@pytest.mark.parametrize(
    "style",
    [
        "chiptune",
        *(pytest.param(each, marks=pytest.mark.slow) for each in STYLES if each != "chiptune"),
    ],
)
def test_any_layers_of_a_loop_sum_cleanly_and_its_seam_is_not_heard(style: str) -> None:
    loop = compose(Commission("", LENGTH_S, 1, style=style, end="loop", tail_s=S(4)))
    length = round(LENGTH_S * RATE)
    layers = [wrap_tail(stem, length) for stem in perform(loop, RATE).values()]
    assert {layer.length_samples for layer in layers} == {length}
    whole = Audio(np.sum([layer.samples for layer in layers], axis=0), RATE)
    assert not measure_seam(whole).is_heard
    loudest = float(np.abs(whole.samples).max())
    for count in range(1, len(layers)):
        for subset in combinations(layers, count):
            together = np.abs(np.sum([layer.samples for layer in subset], axis=0)).max()
            assert together < 1.25 * loudest
