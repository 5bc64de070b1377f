"""The seam of a loop: what is heard where its end meets its head, against what is heard inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicgen_daw.analysis.onsets import FRAMES_PER_SECOND, band_levels, rises
from musicgen_daw.audio import Audio

__all__ = ["Seam", "measure_seam"]

_SEAM_FRAMES = 3
_HEARD = 1.25

# What nobody hears, however smooth the rest is.
_LEAST_STEP = 0.001
_LEAST_FLUX_DB = 1.0


@dataclass(frozen=True, slots=True)
class Seam:
    """How the seam compares with the body of the loop; at 1 it is like the body's greatest.

    ``step`` is the step between the last and the first sample, ``flux`` the spectral flux there:
    how much begins at once in all bands. A beat on the loop's first sample is a flux, too, but
    one that the body has as well.
    """

    step: float
    flux: float

    @property
    def is_heard(self) -> bool:
        """Tell whether something happens at the seam that happens nowhere else in the loop."""
        return self.step > _HEARD or self.flux > _HEARD


def measure_seam(loop: Audio) -> Seam:
    """Return how a loop goes on from its last sample to its first. Silence measures 0."""
    samples = loop.samples
    steps = np.abs(np.diff(samples, axis=1))
    at_seam = float(np.abs(samples[:, 0] - samples[:, -1]).max()) if samples.shape[1] else 0.0
    inside = max(float(steps.max(initial=0.0)), _LEAST_STEP)
    return Seam(at_seam / inside, _flux(loop))


def _flux(loop: Audio) -> float:
    """Return the flux at the seam over the greatest of the body, both heard in the turning loop."""
    # The loop from its middle to its middle: so the seam lies inside, with all of the body around.
    turned = Audio(np.roll(loop.samples, loop.length_samples // 2, axis=1), loop.sample_rate)
    levels, _ = band_levels(turned)
    flux = rises(levels).mean(axis=1)
    # The cut in the middle is not heard when the loop turns.
    flux[:_SEAM_FRAMES] = 0.0
    flux[-_SEAM_FRAMES:] = 0.0
    seam = round((loop.length_samples // 2) / loop.sample_rate * FRAMES_PER_SECOND)
    near = slice(max(0, seam - _SEAM_FRAMES), seam + _SEAM_FRAMES + 1)
    body = np.concatenate((flux[: near.start], flux[near.stop :]))
    return float(flux[near].max(initial=0.0)) / max(float(body.max(initial=0.0)), _LEAST_FLUX_DB)
