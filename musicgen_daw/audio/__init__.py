"""Sound in memory: pure functions on float32 ``(channels, samples)``."""

from musicgen_daw.audio.buffer import Audio, Samples

__all__ = ["Audio", "Samples"]
