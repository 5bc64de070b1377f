"""The rest of the orchestra: brass by section, reeds, plucked strings, timpani, celesta."""

from __future__ import annotations

import numpy as np

from musicgen_daw.sketch.synth.loops import Section
from musicgen_daw.sketch.synth.mallets import Bar
from musicgen_daw.sketch.synth.solo import Solo
from musicgen_daw.sketch.synth.spectra import Curve, Spectrum, body, lowpassed
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.strung import Strung
from musicgen_daw.sketch.synth.sustained import Brightness, Sustained
from musicgen_daw.sketch.synth.winds import air

__all__ = ["ORCHESTRA"]

HORN = ((340.0, 0.6, 5.0), (750.0, 0.6, 2.0))
TRUMPET = ((1250.0, 0.7, 7.0), (2400.0, 0.6, 5.0))
TROMBONE = ((500.0, 0.6, 5.0), (1500.0, 0.6, 4.0))
OBOE = ((1100.0, 0.35, 11.0), (2800.0, 0.4, 8.0))
CLARINET = ((1500.0, 0.6, 3.0), (3600.0, 0.5, 3.0))


def belled(corner_hz: float, formants: tuple[tuple[float, float, float], ...]) -> Spectrum:
    """Return the spectrum of a brass instrument: formants of its bell, a corner that lips raise."""

    def shape(frequencies_hz: Curve) -> Curve:
        slope = np.sqrt(1.0 + frequencies_hz / 600.0)
        gain: Curve = (
            body(frequencies_hz, *formants) * lowpassed(frequencies_hz, corner_hz, 1.8) / slope
        )
        return gain

    return shape


def reeded(
    corner_hz: float, even: float, formants: tuple[tuple[float, float, float], ...]
) -> Spectrum:
    """Return the spectrum of a reed; ``even`` is the share of even partials a bore lets speak."""

    def shape(frequencies_hz: Curve) -> Curve:
        number = np.rint(frequencies_hz / frequencies_hz[0])
        # A closed cylinder forbids even partials only low down.
        share = np.where(number % 2 == 1, 1.0, np.minimum(1.0, even * (1.0 + number / 8.0)))
        gain: Curve = (
            share * body(frequencies_hz, *formants) * lowpassed(frequencies_hz, corner_hz, 1.6)
        ) / number**0.6
        return gain

    return shape


PIZZICATO = Strung(
    stiffness=0.00005,
    contact=0.3,
    soft_hz=700.0,
    hard_hz=2600.0,
    slope=1.4,
    t60_s=0.75,
    halving_octaves=1.8,
    loss_hz=1500.0,
    strings=3,
    detune_cents=0.6,
    aftersound=0.4,
    resonances=((290.0, 0.3, 4.0), (480.0, 0.3, 3.0), (1050.0, 0.5, 2.0)),
    attack_s=0.0015,
    knock=(1900.0, -24.0, 0.03),
    spread=0.8,
)
# A kettle's air makes its modes nearly harmonic, 2 : 3 : 4 : 5, the principal one the first heard.
TIMPANI = Bar(
    (
        (1.0, 1.0, 2.1),
        (1.5, 0.55, 1.7),
        (1.98, 0.4, 1.3),
        (2.44, 0.22, 0.9),
        (2.91, 0.13, 0.6),
        (4.3, 0.06, 0.25),
    ),
    hardness=5.0,
    halving_octaves=4.0,
    knock=(420.0, -11.0, 0.05),
    attack_s=0.0012,
    beating=0.0008,
)
CELESTA = Bar(
    ((1.0, 1.0, 1.9), (2.0, 0.16, 1.1), (4.01, 0.12, 0.6), (6.2, 0.05, 0.25), (9.1, 0.03, 0.12)),
    hardness=3.0,
    halving_octaves=2.2,
    knock=(3600.0, -30.0, 0.012),
    attack_s=0.001,
)
GLOCKENSPIEL = Bar(
    ((1.0, 1.0, 2.3), (2.76, 0.35, 1.2), (5.4, 0.22, 0.6), (8.93, 0.12, 0.3)),
    hardness=3.0,
    halving_octaves=2.4,
    knock=(6800.0, -25.0, 0.012),
)

ORCHESTRA = (
    Sustained(
        "horns",
        Section(
            (belled(380.0, HORN), belled(850.0, HORN), belled(1800.0, HORN), belled(4200.0, HORN)),
            players=4,
            detune_cents=4.0,
            vibrato_cents=2.0,
            vibrato_hz=4.4,
            breath=air,
            breath_db=-36.0,
        ),
        level_db=-16.0,
        attack_s=0.12,
        release_s=0.2,
        brightness=Brightness(soft=0.1, loud=0.95, follow=0.7, flash=0.15, flash_s=0.2),
        swell_db=1.5,
    ),
    Sustained(
        "trumpets",
        Section(
            (belled(1100.0, TRUMPET), belled(3000.0, TRUMPET), belled(9000.0, TRUMPET)),
            players=3,
            detune_cents=3.5,
            vibrato_cents=4.0,
            vibrato_hz=5.2,
            breath=air,
            breath_db=-33.0,
        ),
        level_db=-18.0,
        attack_s=0.05,
        release_s=0.12,
        brightness=Brightness(soft=0.1, loud=1.0, follow=0.6, flash=0.2, flash_s=0.12),
    ),
    Sustained(
        "trombones",
        Section(
            (belled(420.0, TROMBONE), belled(1300.0, TROMBONE), belled(5500.0, TROMBONE)),
            players=3,
            detune_cents=4.0,
            vibrato_cents=2.0,
            vibrato_hz=4.6,
            breath=air,
            breath_db=-35.0,
        ),
        level_db=-16.5,
        attack_s=0.08,
        release_s=0.16,
        brightness=Brightness(soft=0.1, loud=1.0, follow=0.7, flash=0.15, flash_s=0.18),
    ),
    Solo(
        "clarinet",
        (reeded(700.0, 0.06, CLARINET), reeded(1800.0, 0.12, CLARINET)),
        level_db=-17.0,
        attack_s=0.05,
        release_s=0.1,
        brightness=Brightness(soft=0.1, loud=0.9, follow=0.5),
        vibrato_cents=4.0,
        vibrato_hz=4.8,
        breath=air,
        breath_db=-34.0,
        airy=False,
    ),
    Solo(
        "oboe",
        (reeded(1500.0, 0.9, OBOE), reeded(4500.0, 0.9, OBOE)),
        level_db=-18.5,
        attack_s=0.045,
        release_s=0.09,
        brightness=Brightness(soft=0.15, loud=0.9, follow=0.5),
        vibrato_cents=12.0,
        vibrato_hz=5.3,
        breath=air,
        breath_db=-35.0,
        airy=False,
    ),
    Struck(
        "string-pizzicato",
        PIZZICATO.strike,
        level_db=-9.0,
        ring_s=0.9,
        damp_s=None,
        round_robin=2,
        airy=False,
    ),
    Struck(
        "timpani", TIMPANI.strike, level_db=-9.0, ring_s=1.9, damp_s=0.35, round_robin=2, airy=False
    ),
    Struck("celesta", CELESTA.strike, level_db=-9.0, ring_s=2.0, damp_s=0.5, airy=False),
    Struck("glockenspiel", GLOCKENSPIEL.strike, level_db=-10.0, ring_s=2.2, damp_s=None),
)
"""The instruments of the orchestra that have no table of their own, by name."""
