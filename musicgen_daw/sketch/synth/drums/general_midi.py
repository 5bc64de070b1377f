"""The keys of the General MIDI drum map, as kinds of drums.

Source: General MIDI 1 Sound Set, percussion key map, with the keys that GM2 adds at both ends.
"""

from __future__ import annotations

__all__ = ["BASS_DRUMS", "CLOSED_HATS", "DRUM_KEYS", "OPEN_HAT", "drum_of"]

BASS_DRUMS = frozenset({35, 36})
OPEN_HAT = 46
CLOSED_HATS = frozenset({42, 44})

DRUM_KEYS: dict[int, tuple[str, float]] = {
    27: ("block", 12.0),
    28: ("clap", 4.0),
    29: ("shaker", 0.0),
    30: ("shaker", -3.0),
    31: ("rim", 3.0),
    32: ("rim", 7.0),
    33: ("block", 9.0),
    34: ("triangle", -5.0),
    35: ("kick", -2.0),
    36: ("kick", 0.0),
    37: ("rim", 0.0),
    38: ("snare", 0.0),
    39: ("clap", 0.0),
    40: ("snare", 2.0),
    41: ("tom", -9.0),
    42: ("hat-closed", 0.0),
    43: ("tom", -6.0),
    44: ("hat-pedal", 0.0),
    45: ("tom", -3.0),
    46: ("hat-open", 0.0),
    47: ("tom", 0.0),
    48: ("tom", 3.0),
    49: ("crash", 0.0),
    50: ("tom", 6.0),
    51: ("ride", 0.0),
    52: ("crash", 4.0),
    53: ("bell", 0.0),
    54: ("tambourine", 0.0),
    55: ("crash", 8.0),
    56: ("cowbell", 0.0),
    57: ("crash", -3.0),
    58: ("rim", -5.0),
    59: ("ride", -2.0),
    60: ("hand", 5.0),
    61: ("hand", 0.0),
    62: ("hand", 3.0),
    63: ("hand", -2.0),
    64: ("hand", -7.0),
    65: ("tom", 9.0),
    66: ("tom", 5.0),
    67: ("cowbell", 7.0),
    68: ("cowbell", 3.0),
    69: ("shaker", -2.0),
    70: ("shaker", 3.0),
    71: ("triangle", 2.0),
    72: ("triangle", -2.0),
    73: ("shaker", -5.0),
    74: ("shaker", -8.0),
    75: ("block", 7.0),
    76: ("block", 3.0),
    77: ("block", -2.0),
    78: ("hand", 8.0),
    79: ("hand", 1.0),
    80: ("triangle", 0.0),
    81: ("triangle", 0.5),
    82: ("shaker", 0.0),
    83: ("tambourine", 4.0),
    84: ("triangle", 7.0),
    85: ("block", 0.0),
    86: ("tom", -12.0),
    87: ("tom", -10.0),
}
"""Key to kind of drum and its pitch in semitones around the kind's own."""


def drum_of(key: int) -> tuple[str, float]:
    """Return the kind and pitch of a key; a key outside the map sounds as the nearest inside."""
    return DRUM_KEYS[min(max(key, min(DRUM_KEYS)), max(DRUM_KEYS))]
