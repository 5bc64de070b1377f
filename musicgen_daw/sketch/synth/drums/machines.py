"""Drum machines of the dance floor, and the gated drums of the eighties."""

from __future__ import annotations

from musicgen_daw.sketch.synth.drums.acoustic import ACOUSTIC
from musicgen_daw.sketch.synth.drums.sounds import Burst, Drum, Gated, Layers, Plate, Skin, Sweep

__all__ = ["GATED", "LONG", "PUNCHY"]

PUNCHY: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers(
            (
                Sweep(235, 50, 0.024, 0.42, 6.5, drive=2.0),
                Burst(1500, 9000, 0.007, -4, spread=0.05),
            )
        ),
        0.5,
    ),
    "snare": (
        Layers(
            (
                Sweep(240, 178, 0.02, 0.14, -3),
                Burst(1400, 11000, 0.22, -5),
                Burst(2000, 12000, 0.006, -2, spread=0.1),
            )
        ),
        0.32,
    ),
    "clap": (Burst(900, 8500, 0.26, -3, repeats_s=(0.011, 0.022), spread=0.7, slope=1.5), 0.4),
    "rim": (Layers((Skin(480, 0.04, -1, bend=0), Burst(2200, 9000, 0.012, -4)), place=0.15), 0.1),
    "hat-closed": (
        Layers((Plate(5600, 16000, 40, 0.07, -11, tilt_db=0.3), Burst(8000, 16000, 0.05, -8))),
        0.1,
    ),
    "hat-pedal": (Layers((Burst(7500, 15000, 0.035, -11),)), 0.08),
    "hat-open": (
        Layers((Plate(5200, 16000, 60, 0.5, -11, tilt_db=0.2), Burst(7500, 16000, 0.36, -10))),
        0.45,
    ),
    "ride": (
        Layers((Plate(2900, 15000, 70, 0.9, -10, tilt_db=-0.3), Burst(7000, 15000, 0.05, -13))),
        0.9,
    ),
    "crash": (
        Layers((Plate(2500, 15500, 160, 1.8, -8, tilt_db=-0.3), Burst(4000, 15500, 1.2, -9))),
        1.9,
    ),
    "tom": (Layers((Sweep(170, 96, 0.06, 0.5, 2), Burst(900, 6000, 0.015, -14))), 0.7),
    "shaker": (Layers((Burst(6000, 14000, 0.07, -9, rise_s=0.016),), place=-0.3), 0.15),
}

LONG: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers(
            (
                Sweep(190, 47, 0.02, 0.5, 8, drive=0.5),
                Burst(1800, 8000, 0.006, -6, spread=0.05),
            )
        ),
        0.6,
    ),
    "snare": (
        Layers(
            (
                Sweep(330, 205, 0.012, 0.13, -3),
                Burst(2500, 14000, 0.2, -3),
                Burst(3000, 14000, 0.006, 0, spread=0.1),
            )
        ),
        0.3,
    ),
    "clap": (
        Burst(1000, 9500, 0.3, -2, repeats_s=(0.009, 0.018, 0.027), spread=0.75, slope=1.6),
        0.45,
    ),
    "rim": (Layers((Skin(1650, 0.03, -1, bend=0), Burst(3000, 10000, 0.008, -5)), place=0.2), 0.08),
    "hat-closed": (
        Layers((Plate(6200, 16000, 12, 0.045, -8, tilt_db=0.6), Burst(9000, 16000, 0.035, -8))),
        0.08,
    ),
    "hat-pedal": (Layers((Burst(9000, 16000, 0.025, -11),)), 0.06),
    "hat-open": (
        Layers((Plate(5800, 16000, 16, 0.42, -9, tilt_db=0.5), Burst(8500, 16000, 0.3, -11))),
        0.4,
    ),
    "cowbell": (Layers((Plate(545, 2600, 5, 0.3, -4, tilt_db=-5.0),), place=0.2), 0.4),
    "tom": (Layers((Sweep(150, 88, 0.05, 0.7, 3),)), 0.9),
    "crash": (
        Layers((Plate(3600, 16000, 90, 1.6, -8, tilt_db=0.0), Burst(6000, 16000, 0.9, -9))),
        1.7,
    ),
}

GATED: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers(
            (
                Sweep(180, 54, 0.02, 0.36, 9, drive=0.5),
                Burst(2000, 9000, 0.01, -5, spread=0.1),
                Gated(Burst(120, 1200, 0.8, -20), 0.12, 0.04),
            )
        ),
        0.5,
    ),
    "snare": (
        Layers(
            (
                Skin(176, 0.3, -4, overtones_db=-4),
                Burst(1500, 12000, 0.14, -4),
                Gated(Burst(450, 9000, 1.4, -9, spread=0.9), 0.21, 0.03),
                Burst(2500, 10000, 0.008, -2, spread=0.1),
            )
        ),
        0.3,
    ),
    "clap": (Gated(Burst(900, 9000, 0.7, -6, repeats_s=(0.01, 0.02), spread=0.8), 0.19, 0.03), 0.3),
    "tom": (
        Layers(
            (
                Sweep(250, 98, 0.09, 0.6, 5, drive=0.3),
                Burst(900, 7000, 0.03, -10),
                Gated(Burst(300, 5000, 1.0, -14, spread=0.9), 0.25, 0.05),
            )
        ),
        0.8,
    ),
    "hat-closed": (
        Layers((Plate(5000, 15500, 30, 0.08, -12, tilt_db=0.2), Burst(7500, 15500, 0.05, -9))),
        0.12,
    ),
    "hat-open": (
        Layers((Plate(4800, 15500, 50, 0.6, -12, tilt_db=0.0), Burst(7000, 15500, 0.4, -12))),
        0.6,
    ),
}
"""Kind of drum to recipe and length in seconds."""
