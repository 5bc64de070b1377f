"""Settings → music: the built-in composer and synthesiser."""

from musicgen_daw.sketch.brief import Brief, understand
from musicgen_daw.sketch.commission import Commission
from musicgen_daw.sketch.compose import compose
from musicgen_daw.sketch.composition import STEMS, Composition, Room, Voice
from musicgen_daw.sketch.synth import perform

__all__ = [
    "STEMS",
    "Brief",
    "Commission",
    "Composition",
    "Room",
    "Voice",
    "compose",
    "perform",
    "understand",
]
