"""The channels of an 8-bit sound chip, band-limited."""

from __future__ import annotations

import numpy as np

from musicgen_daw.sketch.synth.solo import Solo
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum
from musicgen_daw.sketch.synth.sustained import Brightness

__all__ = ["CHIP"]


def stepped(*steps: float) -> Spectrum:
    """Return the Fourier series, by partial number, of a wave that the chip counts out in steps.

    Source: a wave held for 1/N of a period at each of N levels has the discrete transform of the
    levels, repeated, under the sinc of one step.
    """
    transform = np.abs(np.fft.fft(steps)) / len(steps)

    def shape(numbers: Curve) -> Curve:
        which = np.rint(numbers).astype(np.int64) % len(steps)
        series: Curve = transform[which] * np.abs(np.sinc(numbers / len(steps)))
        return series

    return shape


def channel(name: str, *steps: float) -> Solo:
    """Return a channel of the chip."""
    return Solo(
        name,
        (stepped(*steps),),
        level_db=-13.0,
        attack_s=0.002,
        release_s=0.006,
        brightness=Brightness(1.0, 1.0, 0.0),
        decay_s=1.4,
        sustain=0.55,
        vibrato_cents=12.0,
        vibrato_hz=6.0,
        vibrato_delay_s=0.3,
        by_number=True,
    )


CHIP = (
    channel("chip-pulse-12", 1, 0, 0, 0, 0, 0, 0, 0),
    channel("chip-pulse-25", 1, 1, 0, 0, 0, 0, 0, 0),
    channel("chip-pulse-50", 1, 1, 1, 1, 0, 0, 0, 0),
    channel("chip-triangle", *range(16), *reversed(range(16))),
)
"""The chip's channels by name."""
