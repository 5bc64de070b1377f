"""Plucked strings."""

from __future__ import annotations

from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.strung import Strung

__all__ = ["PLUCKED"]

GUITAR_BODY = ((102.0, 0.18, 7.0), (205.0, 0.16, 6.0), (400.0, 0.25, 3.0), (2400.0, 0.7, 3.0))
HARP_BODY = ((180.0, 0.5, 3.0), (350.0, 0.4, 2.5), (1500.0, 0.8, 1.5))

GUITAR = Strung(
    stiffness=0.00003,
    contact=0.19,
    soft_hz=900.0,
    hard_hz=4200.0,
    slope=1.3,
    t60_s=3.6,
    halving_octaves=2.0,
    loss_hz=1300.0,
    strings=2,
    detune_cents=0.35,
    aftersound=0.4,
    resonances=GUITAR_BODY,
    attack_s=0.0012,
    knock=(2600.0, -27.0, 0.025),
    spread=0.35,
)

HARP = Strung(
    stiffness=0.00001,
    contact=0.38,
    soft_hz=900.0,
    hard_hz=3200.0,
    slope=1.5,
    t60_s=4.2,
    halving_octaves=1.5,
    loss_hz=1500.0,
    resonances=HARP_BODY,
    attack_s=0.0015,
    knock=(1200.0, -30.0, 0.03),
    spread=0.45,
)

PLUCKED = (
    Struck("guitar-nylon", GUITAR.strike, level_db=-13.0, ring_s=3.4, damp_s=0.12, round_robin=2),
    Struck("harp", HARP.strike, level_db=-10.0, ring_s=4.0, damp_s=0.9, round_robin=2, airy=False),
)
"""The plucked instruments by name."""
