"""Another length at the same pitch.

By Signalsmith Stretch: exact to the sample where pedalboard's stretcher errs by a part in 500.
It comes with an extra, as few need it.
"""

from __future__ import annotations

import importlib.util

import numpy as np

from musicgen_daw.audio import Audio
from musicgen_daw.errors import AudioError

__all__ = ["HOW_TO_STRETCH", "can_stretch", "stretch"]

HOW_TO_STRETCH = "install it with: pip install 'musicgen-daw[stretch]'"

_SEED = 1


def can_stretch() -> bool:
    """Tell whether what stretches is installed."""
    return importlib.util.find_spec("python_stretch") is not None


def stretch(audio: Audio, factor: float) -> Audio:
    """Return the sound ``factor`` times as long, at its own pitch. The same in, the same out.

    Raises:
        AudioError: where what stretches is not installed.
        ValueError: for a factor that is not positive.
    """
    if not factor > 0:
        raise ValueError(f"a sound can't be made {factor} times as long")
    if factor == 1 or not audio.length_samples:
        return audio
    try:
        from python_stretch import Signalsmith
    except ImportError:
        raise AudioError(f"stretching needs python-stretch: {HOW_TO_STRETCH}") from None
    stretcher = Signalsmith.Stretch(_SEED)
    stretcher.preset(audio.channels, audio.sample_rate)
    stretcher.timeFactor = 1 / factor
    stretched = np.asarray(stretcher.process(np.ascontiguousarray(audio.samples)), np.float32)
    return Audio(stretched.copy(), audio.sample_rate)
