"""Strings over a pickup: clean guitars, clavinet, slapped bass, and a bright piano."""

from __future__ import annotations

from musicgen_daw.sketch.synth.keys import SOUNDBOARD
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.strung import Strung

__all__ = ["ELECTRICS"]

PICKUP = ((180.0, 0.8, 2.0), (2800.0, 0.7, 5.0))

CLEAN = Strung(
    stiffness=0.00004,
    contact=0.13,
    soft_hz=1300.0,
    hard_hz=6500.0,
    slope=1.3,
    t60_s=3.4,
    halving_octaves=2.0,
    loss_hz=1800.0,
    strings=2,
    detune_cents=0.4,
    aftersound=0.3,
    resonances=PICKUP,
    attack_s=0.001,
    knock=(4200.0, -24.0, 0.012),
    spread=0.45,
)
CLAVINET = Strung(
    stiffness=0.00002,
    contact=0.07,
    soft_hz=1500.0,
    hard_hz=7500.0,
    slope=1.2,
    t60_s=2.2,
    halving_octaves=2.2,
    loss_hz=2200.0,
    resonances=((700.0, 0.6, 3.0), (2200.0, 0.6, 5.0)),
    attack_s=0.0008,
    knock=(2600.0, -24.0, 0.014),
    spread=0.3,
)
SLAP = Strung(
    stiffness=0.00012,
    contact=0.09,
    soft_hz=1200.0,
    hard_hz=6000.0,
    slope=1.3,
    t60_s=3.2,
    halving_octaves=2.5,
    loss_hz=1500.0,
    resonances=((80.0, 0.7, 3.0), (2200.0, 0.8, 4.0)),
    attack_s=0.0012,
    knock=(3000.0, -20.0, 0.018),
    spread=0.06,
)
HOUSE_PIANO = Strung(
    stiffness=0.0003,
    stiffness_octaves=1.1,
    contact=0.125,
    soft_hz=1400.0,
    hard_hz=7500.0,
    slope=1.2,
    t60_s=4.5,
    loss_hz=3200.0,
    strings=2,
    detune_cents=0.6,
    aftersound=0.2,
    resonances=(*SOUNDBOARD, (3800.0, 0.6, 3.0)),
    knock=(900.0, -26.0, 0.04),
    spread=0.7,
)

ELECTRICS = (
    Struck("guitar-clean", CLEAN.strike, level_db=-13.0, ring_s=3.0, damp_s=0.05, round_robin=2),
    Struck("clavinet", CLAVINET.strike, level_db=-13.0, ring_s=2.2, damp_s=0.035, round_robin=2),
    Struck("bass-slap", SLAP.strike, level_db=-11.0, ring_s=2.8, damp_s=0.045, round_robin=2),
    Struck("piano-bright", HOUSE_PIANO.strike, level_db=-13.0, ring_s=4.0, damp_s=0.1),
)
"""The electric strings by name."""
