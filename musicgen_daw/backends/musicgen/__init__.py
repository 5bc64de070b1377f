"""The local MusicGen as a generator: free to run, its weights not free for every use."""

from musicgen_daw.backends.musicgen.backend import MusicgenBackend
from musicgen_daw.backends.musicgen.choices import (
    DEVICE_VARIABLE,
    MODEL_VARIABLE,
    PRECISION_VARIABLE,
    TEXT_VARIABLE,
)

__all__ = [
    "DEVICE_VARIABLE",
    "MODEL_VARIABLE",
    "PRECISION_VARIABLE",
    "TEXT_VARIABLE",
    "MusicgenBackend",
]
