"""The built-in composer's scores, played with the sounds of a SoundFont through FluidSynth."""

from musicgen_daw.backends.soundfont.font import SoundFont, find_font

__all__ = ["SoundFont", "find_font"]
