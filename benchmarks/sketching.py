"""How many seconds of music a second of one core makes, in each style of the built-in composer.

Processor time is counted, so that other work on the machine does not count.
"""

from __future__ import annotations

import statistics
import time
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
    """Compose and perform a minute in each style, all layers in; then the slowest, the median."""
    speeds: dict[str, float] = {}
    ratios: dict[str, float] = {}
    for style in STYLES:
        commission = Commission("full energy", Fraction(SECONDS), seed=11, style=style)
        sketch_s, transform_s = in_turns(
            lambda commission=commission: perform(compose(commission)),
            transform,
            rounds=3,
            clock=time.process_time,
        )
        speeds[style] = SECONDS / sketch_s
        ratios[style] = sketch_s / transform_s
    table = [_row(style, speeds[style], ratios[style]) for style in STYLES]
    slowest = min(speeds, key=speeds.__getitem__)
    median = statistics.median(speeds.values()), statistics.median(ratios.values())
    table.append(_row(f"slowest, {slowest}", speeds[slowest], ratios[slowest], "> 20 x"))
    table.append(_row("median of all styles", *median, "> 60 x"))
    return table


def _row(what: str, speed: float, ratio: float, target: str = "") -> Row:
    return Row(
        f"sketch, {what}",
        f"{speed:.1f} x real time, one core",
        f"{ratio:.1f} x numpy's FFT of a stereo minute",
        target,
    )
