"""Kits of machines: dusty, 8-bit, and the layered drums of modern scores."""

from __future__ import annotations

from musicgen_daw.sketch.synth.drums.acoustic import ACOUSTIC
from musicgen_daw.sketch.synth.drums.sounds import Burst, Drum, Layers, Plate, Skin, Sweep

__all__ = ["CHIP", "HYBRID", "LOFI"]

LOFI: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers((Sweep(120, 52, 0.025, 0.4, 9, drive=1.2), Burst(700, 3200, 0.02, -7, spread=0.1))),
        0.5,
    ),
    "snare": (
        Layers(
            (
                Skin(205, 0.12, -4, overtones_db=-4),
                Burst(900, 5200, 0.18, -4, spread=0.35),
                Burst(1500, 6000, 0.01, -3, spread=0.1),
            )
        ),
        0.35,
    ),
    "rim": (Layers((Skin(520, 0.04, -2, bend=0), Burst(1400, 5500, 0.02, -4)), place=0.15), 0.12),
    "hat-closed": (Layers((Burst(5200, 10500, 0.045, -9, spread=0.3),), place=0.2), 0.1),
    "hat-pedal": (Layers((Burst(4500, 8500, 0.04, -12, spread=0.3),), place=0.2), 0.1),
    "hat-open": (Layers((Burst(5000, 10500, 0.35, -11, spread=0.3),), place=0.2), 0.5),
}

CHIP: dict[str, tuple[Drum, float]] = {
    **{
        kind: (Burst(low_hz, 15000, t60_s, -6, spread=0.0, slope=1.0), 1.4 * t60_s)
        for kind, low_hz, t60_s in (
            ("rim", 2500, 0.03),
            ("clap", 1200, 0.14),
            ("hat-closed", 7000, 0.04),
            ("hat-pedal", 6000, 0.03),
            ("hat-open", 6500, 0.22),
            ("crash", 2500, 0.9),
            ("ride", 7500, 0.3),
            ("tambourine", 6000, 0.09),
            ("shaker", 8000, 0.05),
        )
    },
    **{
        kind: (Sweep(start_hz, end_hz, 0.05, t60_s, 1, drive=5.0), 1.3 * t60_s)
        for kind, start_hz, end_hz, t60_s in (
            ("tom", 260, 90, 0.25),
            ("hand", 420, 260, 0.12),
            ("block", 1300, 1200, 0.05),
            ("cowbell", 820, 800, 0.14),
            ("bell", 1650, 1640, 0.4),
            ("triangle", 3300, 3290, 0.4),
        )
    },
    "kick": (
        Layers((Sweep(330, 48, 0.02, 0.22, 4.5, drive=5.0), Burst(400, 9000, 0.012, -9, spread=0))),
        0.3,
    ),
    "snare": (
        Layers(
            (
                Sweep(320, 160, 0.02, 0.08, -5, drive=5.0),
                Burst(700, 15000, 0.16, -3, spread=0.0, slope=1.0),
            )
        ),
        0.26,
    ),
}

HYBRID: dict[str, tuple[Drum, float]] = {
    **ACOUSTIC,
    "kick": (
        Layers(
            (
                Sweep(260, 49, 0.016, 0.42, 10, drive=0.9),
                Burst(2500, 12000, 0.008, -6, spread=0.1),
                Burst(80, 500, 0.05, -7, spread=0.1),
            )
        ),
        0.55,
    ),
    "snare": (
        Layers(
            (
                Skin(182, 0.16, -5, overtones_db=-4),
                Burst(1200, 12500, 0.26, -4, spread=0.7),
                Burst(900, 8000, 0.12, -9, repeats_s=(0.01, 0.021)),
                Burst(2500, 12000, 0.007, 1, spread=0.1),
            )
        ),
        0.45,
    ),
    "clap": (Burst(1000, 9500, 0.2, -2, repeats_s=(0.01, 0.021, 0.032), spread=0.7), 0.4),
    "hat-closed": (
        Layers((Plate(5200, 16000, 30, 0.05, -11, tilt_db=0.0), Burst(8000, 16000, 0.045, -8))),
        0.1,
    ),
    "hat-open": (
        Layers((Plate(4800, 16000, 40, 0.5, -11, tilt_db=0.0), Burst(7500, 16000, 0.35, -11))),
        0.5,
    ),
    "tom": (
        Layers((Sweep(190, 82, 0.06, 0.7, 8, drive=0.5), Burst(1500, 8000, 0.02, -12))),
        0.9,
    ),
}
"""Kind of drum to recipe and length in seconds."""
