"""An acoustic kit in a dry room."""

from __future__ import annotations

from musicgen_daw.sketch.synth.drums.sounds import Burst, Drum, Layers, Plate, Skin, Sweep

__all__ = ["ACOUSTIC", "HAND_PERCUSSION"]

HAND_PERCUSSION: dict[str, tuple[Drum, float]] = {
    "tambourine": (
        Layers(
            (
                Plate(5200, 13500, 40, 0.35, -9, tilt_db=1.0),
                Burst(6000, 14000, 0.12, -12, rise_s=0.004, repeats_s=(0.024,)),
            ),
            place=0.35,
        ),
        0.45,
    ),
    "shaker": (Layers((Burst(4500, 13000, 0.09, -9, rise_s=0.022),), place=-0.4), 0.2),
    "cowbell": (Layers((Plate(560, 6000, 12, 0.35, -6, tilt_db=-4.0),), place=0.2), 0.5),
    "hand": (
        Layers((Skin(265, 0.4, -3, bend=0.03), Burst(900, 6000, 0.03, -12)), place=-0.25),
        0.5,
    ),
    "triangle": (Layers((Plate(2400, 15000, 16, 2.4, -10, tilt_db=-1.0),), place=0.45), 2.2),
    "block": (
        Layers((Skin(850, 0.07, -1, overtones_db=-8, bend=0), Burst(1500, 8000, 0.01, -8))),
        0.15,
    ),
    "clap": (
        Burst(900, 6500, 0.16, -3, repeats_s=(0.009, 0.019, 0.03), spread=0.5),
        0.35,
    ),
    "rim": (
        Layers((Skin(420, 0.05, -2, bend=0.0), Burst(1800, 9000, 0.025, -3)), place=0.1),
        0.15,
    ),
    "bell": (Layers((Plate(780, 11000, 24, 1.8, -6, tilt_db=-3.0),), place=0.35), 1.8),
}

ACOUSTIC: dict[str, tuple[Drum, float]] = {
    **HAND_PERCUSSION,
    "kick": (
        Layers(
            (
                Sweep(150, 56, 0.018, 0.34, 10.5, drive=0.3),
                Burst(1800, 7000, 0.014, -5, spread=0.1),
                Burst(60, 350, 0.07, -7, spread=0.2),
            )
        ),
        0.5,
    ),
    "snare": (
        Layers(
            (
                Skin(188, 0.17, -6, overtones_db=-3),
                Burst(1700, 10500, 0.24, -5),
                Burst(4000, 14000, 0.09, -8),
                Burst(2200, 9000, 0.008, -4, spread=0.1),
            )
        ),
        0.42,
    ),
    "tom": (
        Layers((Skin(118, 0.75, -3, bend=0.09), Burst(700, 5500, 0.035, -12)), place=-0.15),
        1.0,
    ),
    "hat-closed": (
        Layers(
            (Plate(3600, 15500, 60, 0.1, -12, tilt_db=0.5), Burst(7000, 15500, 0.06, -9)),
            place=0.3,
        ),
        0.16,
    ),
    "hat-pedal": (
        Layers(
            (Plate(3300, 14000, 50, 0.08, -15, tilt_db=0.0), Burst(5000, 12000, 0.05, -13)),
            place=0.3,
        ),
        0.14,
    ),
    "hat-open": (
        Layers(
            (Plate(3400, 15500, 90, 1.0, -10, tilt_db=0.3), Burst(6500, 15500, 0.6, -14)),
            place=0.3,
        ),
        1.1,
    ),
    "crash": (
        Layers(
            (
                Plate(420, 15500, 220, 3.6, -6, tilt_db=-1.2, build_s=0.02, density=0.7),
                Burst(3000, 15000, 1.5, -11),
                Burst(4000, 15000, 0.05, -6),
            ),
            place=-0.35,
        ),
        3.2,
    ),
    "ride": (
        Layers(
            (
                Plate(520, 14500, 130, 2.6, -12, tilt_db=-0.8, density=0.75),
                Plate(3100, 9000, 10, 0.5, -13, tilt_db=-2.0),
                Burst(5000, 14000, 0.02, -10),
            ),
            place=0.4,
        ),
        2.4,
    ),
}
"""Kind of drum to recipe and length in seconds."""
