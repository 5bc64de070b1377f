"""The style packs, found by name. A new pack is a module here and a line in the table."""

from __future__ import annotations

from musicgen_daw.sketch.styles import (
    action_hybrid,
    ambient_drone,
    chiptune,
    cinematic_tension,
    drum_and_bass,
    emotional_piano,
    folk,
    funk_disco,
    horror,
    house,
    jazz_trio,
    lofi,
    orchestral_adventure,
    synthwave,
    trap,
    uplifting,
)
from musicgen_daw.sketch.styles.pack import StylePack

__all__ = ["DEFAULT_STYLE", "STYLES", "StylePack"]

STYLES: dict[str, StylePack] = {
    module.PACK.name: module.PACK
    for module in (
        cinematic_tension,
        action_hybrid,
        emotional_piano,
        ambient_drone,
        lofi,
        chiptune,
        orchestral_adventure,
        jazz_trio,
        folk,
        horror,
        uplifting,
        synthwave,
        house,
        drum_and_bass,
        trap,
        funk_disco,
    )
}

DEFAULT_STYLE = cinematic_tension.PACK.name
"""The style of a prompt that speaks for none."""
