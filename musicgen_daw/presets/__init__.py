"""Prompt presets: read, inherited, checked."""

from musicgen_daw.presets.chain import Automation, Effect, PluginStep, Send, Step
from musicgen_daw.presets.library import PresetEntry, PresetLibrary
from musicgen_daw.presets.schema import ENDINGS, Generation, Master, Preset, StemMix, Words

__all__ = [
    "ENDINGS",
    "Automation",
    "Effect",
    "Generation",
    "Master",
    "PluginStep",
    "Preset",
    "PresetEntry",
    "PresetLibrary",
    "Send",
    "StemMix",
    "Step",
    "Words",
]
