"""Sound in memory: pure functions on float32 ``(channels, samples)``."""

from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.levels import Levels, measure
from musicgen_daw.audio.pcm import BIT_DEPTHS, BitDepth, Pcm

__all__ = ["BIT_DEPTHS", "Audio", "BitDepth", "Levels", "Pcm", "Samples", "measure"]
