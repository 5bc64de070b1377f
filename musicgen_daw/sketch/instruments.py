"""The instruments that the synthesiser plays: family, General MIDI program, compass."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DRUM_KEYS", "FAMILIES", "INSTRUMENTS", "Instrument"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument: its family is what a prompt calls it, ``low``-``high`` its MIDI compass."""

    family: str
    program: int
    low: int = 24
    high: int = 103


INSTRUMENTS: dict[str, Instrument] = {
    "string-ensemble": Instrument("strings", 48, 36, 98),
    "string-short": Instrument("strings", 45, 31, 96),
    "string-low": Instrument("strings", 43, 26, 67),
    "string-tremolo": Instrument("strings", 44, 36, 96),
    "piano": Instrument("piano", 0, 24, 105),
    "felt-piano": Instrument("piano", 0, 28, 98),
    "piano-bright": Instrument("piano", 1, 28, 103),
    "electric-piano": Instrument("electric-piano", 4, 28, 98),
    "brass": Instrument("brass", 61, 31, 82),
    "brass-stab": Instrument("brass", 61, 40, 86),
    "choir": Instrument("choir", 52, 38, 84),
    "harp": Instrument("harp", 46, 28, 100),
    "guitar-nylon": Instrument("guitar", 24, 40, 84),
    "guitar-clean": Instrument("guitar", 27, 40, 86),
    "clavinet": Instrument("electric-piano", 7, 36, 91),
    "bell": Instrument("bells", 14, 55, 103),
    "music-box": Instrument("bells", 10, 60, 103),
    "mallet": Instrument("mallets", 12, 45, 98),
    "pad-warm": Instrument("pads", 89, 33, 96),
    "pad-dark": Instrument("pads", 95, 28, 91),
    "pad-glass": Instrument("pads", 92, 40, 103),
    "drone": Instrument("drone", 97, 24, 72),
    "bass-sub": Instrument("bass", 39, 24, 52),
    "bass-upright": Instrument("bass", 32, 28, 60),
    "bass-electric": Instrument("bass", 33, 28, 60),
    "bass-synth": Instrument("bass", 38, 24, 60),
    "bass-808": Instrument("bass", 39, 24, 60),
    "bass-deep": Instrument("bass", 39, 24, 60),
    "bass-pluck": Instrument("bass", 38, 24, 64),
    "bass-organ": Instrument("bass", 39, 24, 60),
    "bass-reese": Instrument("bass", 38, 24, 60),
    "bass-slap": Instrument("bass", 36, 28, 64),
    "chip-pulse-12": Instrument("chip", 80, 36, 103),
    "chip-pulse-25": Instrument("chip", 80, 36, 103),
    "chip-pulse-50": Instrument("chip", 80, 36, 103),
    "chip-triangle": Instrument("bass", 38, 28, 76),
    "lead-soft": Instrument("synth-lead", 81, 43, 96),
    "lead-saw": Instrument("synth-lead", 81, 40, 96),
    "supersaw": Instrument("synth-lead", 81, 36, 98),
    "synth-pluck": Instrument("synth-keys", 87, 33, 100),
    "synth-stab": Instrument("synth-keys", 62, 33, 96),
    "pad-saw": Instrument("pads", 90, 33, 96),
    "flute": Instrument("flute", 73, 59, 96),
    "horns": Instrument("brass", 60, 35, 79),
    "trumpets": Instrument("brass", 56, 52, 86),
    "trombones": Instrument("brass", 57, 33, 72),
    "clarinet": Instrument("flute", 71, 50, 91),
    "oboe": Instrument("flute", 68, 58, 90),
    "string-pizzicato": Instrument("strings", 45, 28, 96),
    "timpani": Instrument("timpani", 47, 36, 60),
    "celesta": Instrument("bells", 8, 60, 103),
    "glockenspiel": Instrument("bells", 9, 67, 103),
    "guitar-steel": Instrument("guitar", 25, 40, 86),
    "guitar-muted": Instrument("guitar", 28, 40, 86),
    "banjo": Instrument("guitar", 105, 48, 88),
    "mandolin": Instrument("guitar", 25, 55, 93),
    "fiddle": Instrument("strings", 110, 55, 98),
    "whistle": Instrument("flute", 78, 62, 98),
    "accordion": Instrument("organ", 21, 48, 91),
    "organ": Instrument("organ", 16, 36, 96),
    "bowed-metal": Instrument("eerie", 101, 36, 96),
    "string-harmonics": Instrument("eerie", 44, 48, 103),
    "piano-prepared": Instrument("piano", 0, 28, 91),
    "kit-brushes": Instrument("drums", 40, 27, 87),
    "kit-orchestral": Instrument("drums", 48, 27, 87),
    "kit-folk": Instrument("drums", 0, 27, 87),
    "kit-cinematic": Instrument("drums", 0, 27, 87),
    "kit-lofi": Instrument("drums", 0, 27, 87),
    "kit-chip": Instrument("drums", 0, 27, 87),
    "kit-acoustic": Instrument("drums", 0, 27, 87),
    "kit-hybrid": Instrument("drums", 0, 27, 87),
    "kit-909": Instrument("drums", 24, 27, 87),
    "kit-808": Instrument("drums", 25, 27, 87),
    "kit-gated": Instrument("drums", 16, 27, 87),
    "kit-break": Instrument("drums", 0, 27, 87),
    "kit-funk": Instrument("drums", 0, 27, 87),
    "riser": Instrument("effects", 97, 24, 103),
    "impact": Instrument("effects", 127, 24, 103),
    "whoosh": Instrument("effects", 122, 24, 103),
    "texture-air": Instrument("textures", 122, 24, 103),
    "texture-vinyl": Instrument("textures", 122, 24, 103),
    "texture-dark": Instrument("textures", 101, 24, 103),
}

FAMILIES: dict[str, tuple[str, ...]] = {
    family: tuple(name for name, each in INSTRUMENTS.items() if each.family == family)
    for family in sorted({instrument.family for instrument in INSTRUMENTS.values()})
}
"""The instruments of each family."""

DRUM_KEYS: dict[str, int] = {
    "boom": 35,
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "swirl": 40,
    "tom-floor": 41,
    "hat": 42,
    "hat-pedal": 44,
    "tom-low": 45,
    "hat-open": 46,
    "tom-mid": 47,
    "crash": 49,
    "tom-high": 50,
    "ride": 51,
    "metal": 53,
    "tambourine": 54,
    "cowbell": 56,
    "hand-high": 62,
    "conga-high": 63,
    "hand-low": 64,
    "conga-low": 64,
    "shaker": 70,
    "tick": 75,
    "triangle": 81,
}
"""Names of the General MIDI drum map that grooves are written in."""
