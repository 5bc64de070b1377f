"""Drum kits over the General MIDI drum map."""

from musicgen_daw.sketch.synth.drums.kits import KITS, Kit

__all__ = ["KITS", "Kit"]
