"""Taikos, low booms and metal: the drums of a trailer."""

from __future__ import annotations

from musicgen_daw.sketch.synth.drums.acoustic import ACOUSTIC
from musicgen_daw.sketch.synth.drums.sounds import Burst, Drum, Layers, Plate, Skin, Sweep

__all__ = ["CINEMATIC"]

CINEMATIC: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers(
            (
                Sweep(95, 41, 0.05, 1.3, 5, drive=0.4),
                Skin(62, 0.8, -5, overtones_db=-4),
                Burst(150, 1800, 0.1, -11),
                Burst(2500, 11000, 0.02, -8),
            )
        ),
        1.6,
    ),
    "snare": (
        Layers(
            (
                Skin(118, 0.5, -4, overtones_db=-3, bend=0.09),
                Burst(500, 5000, 0.14, -8),
                Burst(2500, 11000, 0.3, -13),
                Burst(2500, 10000, 0.012, -6, spread=0.2),
            )
        ),
        0.8,
    ),
    "rim": (
        Layers((Skin(310, 0.09, -3, bend=0.01), Burst(1200, 9000, 0.03, -3)), place=0.2),
        0.25,
    ),
    "tom": (
        Layers(
            (
                Skin(84, 1.1, -3, overtones_db=-4, bend=0.08, spread=0.5),
                Burst(250, 2800, 0.08, -11),
                Burst(2500, 12000, 0.02, -7),
            ),
            place=-0.1,
        ),
        1.5,
    ),
    "clap": (
        Layers((Burst(500, 7000, 0.4, -4, repeats_s=(0.012, 0.027)), Skin(160, 0.25, -8))),
        0.7,
    ),
    "hat-closed": (
        Layers((Plate(2600, 14000, 24, 0.14, -11, tilt_db=0.0), Burst(5000, 14000, 0.05, -11))),
        0.2,
    ),
    "hat-open": (
        Layers((Plate(900, 14000, 40, 1.6, -9, tilt_db=-0.8), Burst(4000, 14000, 0.3, -14))),
        1.6,
    ),
    "ride": (Layers((Plate(310, 12000, 40, 3.0, -8, tilt_db=-2.5),), place=0.4), 2.8),
    "bell": (Layers((Plate(430, 12000, 30, 2.6, -6, tilt_db=-2.0),), place=0.3), 2.6),
    "cowbell": (
        Layers(
            (Plate(640, 13000, 36, 1.1, -5, tilt_db=-1.5), Burst(2500, 12000, 0.012, -5)),
            place=0.25,
        ),
        1.2,
    ),
}
"""Kind of drum to recipe and length in seconds."""
