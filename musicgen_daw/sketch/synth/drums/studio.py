"""Two kits in a studio: the tight one of funk, and the cut-up break of drum and bass."""

from __future__ import annotations

from musicgen_daw.sketch.synth.drums.acoustic import ACOUSTIC
from musicgen_daw.sketch.synth.drums.sounds import Burst, Drum, Layers, Plate, Skin, Sweep

__all__ = ["BREAK", "FUNK"]

FUNK: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers(
            (
                Sweep(140, 62, 0.014, 0.24, 9.5, drive=0.4),
                Burst(2200, 7500, 0.01, -4, spread=0.1),
                Burst(80, 420, 0.05, -8, spread=0.2),
            )
        ),
        0.34,
    ),
    "snare": (
        Layers(
            (
                Skin(226, 0.13, -4, overtones_db=-3),
                Burst(1900, 11500, 0.17, -5),
                Burst(2600, 10000, 0.008, -2, spread=0.1),
            )
        ),
        0.3,
    ),
    "tom": (
        Layers((Skin(132, 0.45, -3, bend=0.07), Burst(900, 6000, 0.025, -10)), place=-0.15),
        0.6,
    ),
    "hat-closed": (
        Layers(
            (Plate(4200, 15500, 60, 0.07, -11, tilt_db=0.6), Burst(7500, 15500, 0.045, -8)),
            place=0.25,
        ),
        0.12,
    ),
    "hat-open": (
        Layers(
            (Plate(3900, 15500, 90, 0.55, -10, tilt_db=0.4), Burst(6800, 15500, 0.4, -12)),
            place=0.25,
        ),
        0.6,
    ),
}

BREAK: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers(
            (
                Sweep(210, 66, 0.012, 0.2, 9, drive=0.9),
                Burst(2400, 9000, 0.008, -4, spread=0.1),
            )
        ),
        0.28,
    ),
    "snare": (
        Layers(
            (
                Skin(238, 0.15, -2, overtones_db=-3, bend=0.04),
                Burst(1600, 12500, 0.2, -4, spread=0.6),
                Burst(700, 4000, 0.06, -9),
                Burst(2600, 12000, 0.007, 1, spread=0.1),
            )
        ),
        0.32,
    ),
    "rim": (Layers((Skin(560, 0.05, -2, bend=0), Burst(2400, 10000, 0.02, -4)), place=0.1), 0.12),
    "hat-closed": (
        Layers(
            (Plate(4600, 16000, 50, 0.06, -11, tilt_db=0.4), Burst(7000, 16000, 0.045, -8)),
            place=0.2,
        ),
        0.1,
    ),
    "hat-open": (
        Layers(
            (Plate(4200, 16000, 80, 0.4, -10, tilt_db=0.3), Burst(6500, 16000, 0.3, -11)),
            place=0.2,
        ),
        0.42,
    ),
    "ride": (
        Layers(
            (
                Plate(900, 15500, 120, 1.3, -12, tilt_db=-0.4, density=0.75),
                Plate(3800, 9500, 10, 0.35, -13, tilt_db=-2.0),
                Burst(6000, 15500, 0.02, -9),
            ),
            place=0.35,
        ),
        1.2,
    ),
}
"""Kind of drum to recipe and length in seconds."""
