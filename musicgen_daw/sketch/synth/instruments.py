"""The table of instruments."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from musicgen_daw.errors import did_you_mean
from musicgen_daw.sketch.synth.acoustic import ACOUSTIC
from musicgen_daw.sketch.synth.basses import BASSES
from musicgen_daw.sketch.synth.chip import CHIP
from musicgen_daw.sketch.synth.drums import KITS
from musicgen_daw.sketch.synth.eerie import EERIE
from musicgen_daw.sketch.synth.effects import EFFECTS
from musicgen_daw.sketch.synth.electrics import ELECTRICS
from musicgen_daw.sketch.synth.keys import KEYS
from musicgen_daw.sketch.synth.leads import LEADS
from musicgen_daw.sketch.synth.mallets import MALLETS
from musicgen_daw.sketch.synth.orchestra import ORCHESTRA
from musicgen_daw.sketch.synth.pads import PADS
from musicgen_daw.sketch.synth.plucked import PLUCKED
from musicgen_daw.sketch.synth.strings import STRINGS
from musicgen_daw.sketch.synth.synth_basses import SYNTH_BASSES
from musicgen_daw.sketch.synth.synths import SYNTHS
from musicgen_daw.sketch.synth.tone import Instrument
from musicgen_daw.sketch.synth.winds import WINDS

__all__ = ["INSTRUMENTS", "instrument_named"]

INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        instrument.name: instrument
        for family in (
            STRINGS,
            KEYS,
            WINDS,
            PLUCKED,
            MALLETS,
            PADS,
            BASSES,
            CHIP,
            LEADS,
            SYNTHS,
            SYNTH_BASSES,
            ELECTRICS,
            KITS,
            EFFECTS,
            ORCHESTRA,
            ACOUSTIC,
            EERIE,
        )
        for instrument in family
    }
)
"""Every instrument by the name that ``Voice.instrument`` uses."""


def instrument_named(name: str) -> Instrument:
    """Return an instrument.

    Raises:
        ValueError: for a name that is not in ``INSTRUMENTS``.
    """
    try:
        return INSTRUMENTS[name]
    except KeyError:
        raise ValueError(f"unknown instrument {name!r}{did_you_mean(name, INSTRUMENTS)}") from None
