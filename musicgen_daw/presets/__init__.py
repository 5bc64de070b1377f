"""Prompt presets: read, inherited, checked."""

from musicgen_daw.presets.library import PresetEntry, PresetLibrary
from musicgen_daw.presets.schema import ENDINGS, Effect, Generation, Master, Preset, StemMix, Words

__all__ = [
    "ENDINGS",
    "Effect",
    "Generation",
    "Master",
    "Preset",
    "PresetEntry",
    "PresetLibrary",
    "StemMix",
    "Words",
]
