"""The hosted MusicGen, and every server that speaks its API."""

from musicgen_daw.backends.segmind.backend import SegmindBackend

__all__ = ["SegmindBackend"]
