"""What unsettles: bowed metal, prepared piano, strings that scrape and whistle."""

from __future__ import annotations

from musicgen_daw.sketch.synth.loops import Cloud, Section
from musicgen_daw.sketch.synth.spectra import Curve, body, lowpassed
from musicgen_daw.sketch.synth.strings import VIOLINS, bow_noise, bowed
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.strung import Strung
from musicgen_daw.sketch.synth.sustained import Brightness, Sustained

__all__ = ["EERIE"]

# Stiff rods in a bowl of water: their partials lie nowhere near a scale.
RODS = ((1.0, 1.0), (1.51, 0.3), (2.37, 0.5), (3.86, 0.4), (5.13, 0.35), (7.42, 0.25), (9.7, 0.18))


def glassy(frequencies_hz: Curve) -> Curve:
    """Return a spectrum that leaves the upper partials their level."""
    return lowpassed(frequencies_hz, 7000.0, 1.0)


def dull(frequencies_hz: Curve) -> Curve:
    """Return a spectrum of little more than fundamentals."""
    return lowpassed(frequencies_hz, 900.0, 1.2)


def near_the_bridge(frequencies_hz: Curve) -> Curve:
    """Return a bow close to the bridge: a thin fundamental, a swarm of upper partials."""
    return body(frequencies_hz, (3400.0, 1.2, 16.0), *VIOLINS) / (1.0 + frequencies_hz / 4000.0)


PREPARED = Strung(
    stiffness=0.004,
    stiffness_octaves=1.4,
    contact=0.09,
    soft_hz=700.0,
    hard_hz=5000.0,
    slope=1.2,
    t60_s=1.1,
    halving_octaves=2.5,
    loss_hz=3500.0,
    resonances=((140.0, 0.5, 3.0), (900.0, 0.5, 4.0), (4200.0, 0.7, 5.0)),
    attack_s=0.0012,
    knock=(3300.0, -15.0, 0.09),
    spread=0.7,
)

EERIE = (
    Sustained(
        "bowed-metal",
        Cloud((dull, glassy), partials=RODS, spread_cents=5.0, steady=0.6, breath=bow_noise),
        level_db=-17.0,
        attack_s=1.2,
        release_s=1.4,
        brightness=Brightness(soft=0.1, loud=0.7, follow=0.5, wave=0.25, wave_s=5.0),
        swell_db=5.0,
    ),
    Sustained(
        "string-harmonics",
        Section(
            (bowed(2500.0, VIOLINS), near_the_bridge),
            players=4,
            detune_cents=5.0,
            vibrato_cents=2.0,
            breath=bow_noise,
            breath_db=-17.0,
            tremolo_hz=9.0,
        ),
        level_db=-20.0,
        attack_s=0.7,
        release_s=0.9,
        brightness=Brightness(soft=0.2, loud=1.0, follow=0.5, wave=0.2, wave_s=4.0),
        swell_db=4.0,
    ),
    Struck("piano-prepared", PREPARED.strike, level_db=-12.0, ring_s=1.6, damp_s=0.3),
)
"""The unsettling instruments by name."""
