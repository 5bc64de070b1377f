"""Faults of a clip that make it suspect but not unusable; what is unusable the store refuses."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip
from musicgen_daw.planning import Capabilities, ClipRequest

__all__ = ["suspicions"]

_SHORT_S = Fraction(1, 10)
_SILENT = 10 ** (-80 / 20)
_DC = 0.02
_FULL_SCALE = 0.9999
_CLIPPED_SHARE = 1e-3


def suspicions(request: ClipRequest, clip: Clip, capabilities: Capabilities) -> Iterator[str]:
    """Yield what a listener should know about a new clip: wrong rate or length, silence, DC,
    clipping.
    """
    first = next(iter(clip.stems.values()))
    native_rate = capabilities.native_rate
    if native_rate is not None and first.sample_rate != native_rate:
        yield f"has {first.sample_rate} Hz where its generator promises {native_rate} Hz"
    missing_s = request.length_s - first.seconds
    if missing_s > _SHORT_S:
        yield f"is {float(missing_s):.2f} s shorter than asked"
    if all(_peak(stem) < _SILENT for stem in clip.stems.values()):
        yield "is silent"
    for name, stem in clip.stems.items():
        if np.abs(stem.samples.mean(axis=1, dtype=np.float64)).max() > _DC:
            yield f"has a DC offset in stem {name!r}"
        if _is_clipped(stem):
            yield f"is clipped in stem {name!r}"


def _peak(stem: Audio) -> float:
    return float(max(stem.samples.max(), -stem.samples.min()))


def _is_clipped(stem: Audio) -> bool:
    """Sound may pass full scale in float and be turned down; samples that stand on it are cut."""
    if not _FULL_SCALE <= _peak(stem) <= 1:
        return False
    return bool(np.mean(np.abs(stem.samples) >= _FULL_SCALE) > _CLIPPED_SHARE)
