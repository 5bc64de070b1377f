"""How many seconds of music a second of one core makes, in each style of the built-in composer."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from measure import Row, in_turns

from musicgen_daw.sketch import Commission, compose, perform
from musicgen_daw.sketch.styles import STYLES

SECONDS = 60
SAMPLE_RATE = 48_000


def transform() -> object:
    """Transform a minute of stereo to its spectrum and back: the unit of work for comparison."""
    noise = np.random.Generator(np.random.PCG64(1)).standard_normal((2, SECONDS * SAMPLE_RATE))
    return np.fft.irfft(np.fft.rfft(noise.reshape(2, -1, 4800)))


def rows() -> list[Row]:
    """Compose and perform a minute in each style, all layers in."""
    table = []
    for style in STYLES:
        commission = Commission("full energy", Fraction(SECONDS), seed=11, style=style)
        sketch_s, transform_s = in_turns(
            lambda commission=commission: perform(compose(commission)), transform, rounds=3
        )
        table.append(
            Row(
                f"sketch, {style}",
                f"{SECONDS / sketch_s:.1f} x real time, one core",
                f"{sketch_s / transform_s:.0f} x numpy's FFT of a stereo minute",
                "> 15 x",
            )
        )
    return table
