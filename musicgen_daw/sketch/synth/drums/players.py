"""Kits that people play softly or in a pit: brushes on a jazz kit, the drums of an orchestra."""

from __future__ import annotations

from musicgen_daw.sketch.synth.drums.acoustic import ACOUSTIC
from musicgen_daw.sketch.synth.drums.cinematic import CINEMATIC
from musicgen_daw.sketch.synth.drums.sounds import Burst, Drum, Layers, Plate, Skin, Sweep

__all__ = ["BRUSHES", "BRUSH_KEYS", "FOLK", "ORCHESTRAL"]

BRUSH_KEYS: dict[int, tuple[str, float]] = {40: ("swirl", 0.0)}
"""The keys that mean something else on a brush kit.

Source: General MIDI 2, percussion set "Brush".
"""

BRUSHES: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers((Sweep(110, 58, 0.02, 0.42, 6, drive=0.1), Burst(300, 2500, 0.02, -16, spread=0.1))),
        0.55,
    ),
    "snare": (
        Layers((Skin(205, 0.12, -13, overtones_db=-4), Burst(1800, 11000, 0.16, -6))),
        0.3,
    ),
    "clap": (Layers((Skin(210, 0.12, -9), Burst(1200, 12000, 0.2, -4))), 0.35),
    "swirl": (Layers((Burst(1400, 7500, 0.3, -11, rise_s=0.14, spread=0.8),), place=-0.1), 0.55),
    "tom": (Layers((Skin(125, 0.6, -5, bend=0.05), Burst(900, 6000, 0.04, -14))), 0.8),
    "ride": (
        Layers(
            (
                Plate(430, 13500, 140, 2.2, -12, tilt_db=-1.4, density=0.75),
                Plate(2900, 7500, 8, 0.6, -10, tilt_db=-2.0),
                Burst(3800, 11000, 0.025, -10),
            ),
            place=0.35,
        ),
        2.0,
    ),
}
"""Kind of drum to recipe and length in seconds."""

ORCHESTRAL: dict[str, tuple[Drum, float]] = {
    **CINEMATIC,
    "snare": (
        Layers(
            (
                Skin(212, 0.12, -8, overtones_db=-3),
                Burst(2000, 12500, 0.19, -4),
                Burst(3000, 10000, 0.007, -3, spread=0.1),
            )
        ),
        0.35,
    ),
    "tambourine": ACOUSTIC["tambourine"],
    "cowbell": ACOUSTIC["cowbell"],
    "ride": ACOUSTIC["ride"],
}
"""Kind of drum to recipe and length in seconds."""

FOLK: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    # A foot on boards, a frame drum, a brush on a box.
    "kick": (
        Layers((Sweep(120, 64, 0.02, 0.3, 8, drive=0.2), Burst(250, 1800, 0.03, -10, spread=0.2))),
        0.4,
    ),
    "snare": (
        Layers((Skin(240, 0.1, -8), Burst(1500, 9000, 0.12, -7), Burst(2500, 8000, 0.008, -7))),
        0.25,
    ),
    "tom": (
        Layers((Skin(96, 0.7, -2, overtones_db=-8, bend=0.06), Burst(350, 3000, 0.05, -13))),
        0.9,
    ),
}
"""Kind of drum to recipe and length in seconds."""
