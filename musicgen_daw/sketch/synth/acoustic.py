"""Folk strings and their like: steel guitar, banjo, mandolin, fiddle; whistle, organ, accordion."""

from __future__ import annotations

import numpy as np

from musicgen_daw.sketch.synth.loops import Section
from musicgen_daw.sketch.synth.solo import Solo
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, body, lowpassed
from musicgen_daw.sketch.synth.strings import VIOLINS, bow_noise, bowed
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.strung import Strung
from musicgen_daw.sketch.synth.sustained import Brightness, Sustained
from musicgen_daw.sketch.synth.winds import air, fluted

__all__ = ["ACOUSTIC"]

DREADNOUGHT = ((98.0, 0.2, 6.0), (200.0, 0.18, 5.0), (390.0, 0.3, 2.5), (3200.0, 0.9, 5.0))
DRAWBARS = {1: 1.0, 2: 0.8, 3: 0.5, 4: 0.4, 6: 0.22, 8: 0.25}

STEEL = Strung(
    stiffness=0.00006,
    contact=0.16,
    soft_hz=1800.0,
    hard_hz=7500.0,
    slope=1.1,
    t60_s=3.8,
    halving_octaves=2.2,
    loss_hz=2600.0,
    strings=2,
    detune_cents=0.35,
    aftersound=0.35,
    resonances=DREADNOUGHT,
    attack_s=0.0008,
    knock=(4600.0, -22.0, 0.022),
    spread=0.5,
)
MUTED = Strung(
    stiffness=0.00006,
    contact=0.12,
    soft_hz=1200.0,
    hard_hz=4500.0,
    slope=1.2,
    t60_s=0.42,
    halving_octaves=3.0,
    loss_hz=1600.0,
    resonances=((180.0, 0.4, 3.0), (2200.0, 0.8, 3.0)),
    attack_s=0.001,
    knock=(3000.0, -20.0, 0.02),
    spread=0.4,
)
BANJO = Strung(
    stiffness=0.00005,
    contact=0.09,
    soft_hz=2500.0,
    hard_hz=8000.0,
    slope=1.1,
    t60_s=0.95,
    halving_octaves=2.4,
    loss_hz=3000.0,
    resonances=((480.0, 0.4, 6.0), (1100.0, 0.5, 5.0), (2900.0, 0.6, 4.0)),
    attack_s=0.0006,
    knock=(2600.0, -19.0, 0.03),
    spread=0.25,
)
MANDOLIN = Strung(
    stiffness=0.00005,
    contact=0.13,
    soft_hz=2200.0,
    hard_hz=7500.0,
    slope=1.1,
    t60_s=1.7,
    halving_octaves=2.0,
    loss_hz=3000.0,
    strings=3,
    detune_cents=0.8,
    aftersound=0.4,
    resonances=((220.0, 0.3, 4.0), (540.0, 0.4, 4.0), (2600.0, 0.7, 4.0)),
    attack_s=0.0006,
    knock=(4800.0, -22.0, 0.018),
    spread=0.4,
)


def drawn_bars(brightness: float) -> Spectrum:
    """Return the levels of an organ's pipes or wheels by partial number."""

    def shape(numbers: Curve) -> Curve:
        levels = np.zeros_like(numbers)
        for number, level in DRAWBARS.items():
            levels[numbers == number] = level * brightness ** (number - 1)
        return levels

    return shape


def free_reed(corner_hz: float) -> Spectrum:
    """Return the spectrum of a free reed: thin, nasal, many partials."""

    def shape(frequencies_hz: Curve) -> Curve:
        gain: Curve = (
            body(frequencies_hz, (900.0, 0.7, 4.0), (2600.0, 0.7, 5.0))
            * lowpassed(frequencies_hz, corner_hz, 1.5)
            / frequencies_hz**0.7
        )
        return gain

    return shape


ACOUSTIC = (
    Struck("guitar-steel", STEEL.strike, level_db=-13.0, ring_s=3.6, damp_s=0.1, round_robin=2),
    Struck("guitar-muted", MUTED.strike, level_db=-8.0, ring_s=0.6, damp_s=0.08, round_robin=2),
    Struck("banjo", BANJO.strike, level_db=-10.0, ring_s=1.3, damp_s=0.08, round_robin=2),
    Struck("mandolin", MANDOLIN.strike, level_db=-12.5, ring_s=1.8, damp_s=0.08, round_robin=2),
    Solo(
        "fiddle",
        (bowed(1500.0, VIOLINS), bowed(4000.0, VIOLINS), bowed(12000.0, VIOLINS)),
        level_db=-16.0,
        attack_s=0.045,
        release_s=0.09,
        brightness=Brightness(soft=0.25, loud=1.0, follow=0.4, flash=0.25, flash_s=0.07),
        vibrato_cents=9.0,
        vibrato_hz=5.6,
        vibrato_delay_s=0.3,
        breath=bow_noise,
        breath_db=-25.0,
    ),
    Solo(
        "whistle",
        (fluted(1800.0, 0.25), fluted(4500.0, 0.6)),
        level_db=-18.0,
        attack_s=0.025,
        release_s=0.06,
        brightness=Brightness(soft=0.2, loud=0.9, follow=0.4),
        vibrato_cents=8.0,
        vibrato_hz=5.8,
        breath=air,
        breath_db=-24.0,
        airy=False,
    ),
    Sustained(
        "accordion",
        Section(
            (free_reed(2500.0), free_reed(8000.0)),
            players=2,
            detune_cents=4.0,
            vibrato_cents=0.0,
            breath=air,
            breath_db=-38.0,
        ),
        level_db=-19.0,
        attack_s=0.06,
        release_s=0.08,
        brightness=Brightness(soft=0.2, loud=0.9, follow=0.5),
        swell_db=1.0,
    ),
    Solo(
        "organ",
        (drawn_bars(0.75), drawn_bars(1.05)),
        level_db=-18.0,
        voices=((-1.5, -0.5), (1.5, 0.5)),
        attack_s=0.012,
        release_s=0.05,
        brightness=Brightness(soft=0.2, loud=0.8, follow=0.2),
        vibrato_cents=4.0,
        vibrato_hz=6.4,
        vibrato_delay_s=0.05,
        by_number=True,
        airy=False,
    ),
)
"""The acoustic instruments outside the orchestra, by name."""
