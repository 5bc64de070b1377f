"""The kits: which drum sounds how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.drums.acoustic import ACOUSTIC
from musicgen_daw.sketch.synth.drums.cinematic import CINEMATIC
from musicgen_daw.sketch.synth.drums.electronic import CHIP, HYBRID, LOFI
from musicgen_daw.sketch.synth.drums.general_midi import OPEN_HAT, drum_of
from musicgen_daw.sketch.synth.drums.machines import GATED, LONG, PUNCHY
from musicgen_daw.sketch.synth.drums.players import BRUSH_KEYS, BRUSHES, FOLK, ORCHESTRAL
from musicgen_daw.sketch.synth.drums.sounds import Drum, Hit
from musicgen_daw.sketch.synth.drums.studio import BREAK, FUNK
from musicgen_daw.sketch.synth.envelopes import fade_in
from musicgen_daw.sketch.synth.struck import let_ring
from musicgen_daw.sketch.synth.tone import Bench, Tone

__all__ = ["KITS", "Kit"]

ATTACK_S = 0.0003
CHOKE_S = 0.04
ROUND_ROBIN = 3
BODY_S = 0.05
KNEE = 1.5
"""Where a stroke's spikes begin to be rounded off, as a multiple of the RMS of its first 50 ms."""

LOWEST_KNEE = 1.0
"""Small drums are all spike, and take no headroom: below this nothing is rounded off."""


@dataclass(frozen=True, slots=True)
class Kit:
    """Plays the keys of the General MIDI drum map.

    ``drums`` holds a recipe and its length in seconds for every kind of drum. Drums ring out
    whatever the length of their note; an open hi-hat is choked at its end. ``keys`` are those
    that mean something else on this kit, as kind and pitch in semitones.
    """

    name: str
    drums: Mapping[str, tuple[Drum, float]]
    level_db: float = 0.0
    keys: Mapping[int, tuple[str, float]] = field(default_factory=dict)
    airy: bool = True

    def play(self, tone: Tone, bench: Bench) -> Samples:
        """Return the stroke until it has died away, ``(2, samples)``."""
        kind, semitones = self.keys.get(tone.pitch) or drum_of(tone.pitch)
        recipe, ring_s = self.drums[kind]
        full = length = bench.samples(ring_s)
        fade = length // 3
        if tone.pitch == OPEN_HAT and tone.length_samples + bench.samples(CHOKE_S) < length:
            fade = bench.samples(CHOKE_S)
            length = tone.length_samples + fade
        turn = tone.variation % ROUND_ROBIN

        def strike(tone: Tone, length: int, sample_rate: int, rng: np.random.Generator) -> Samples:
            transpose = 2.0 ** (semitones / 12.0) * rng.uniform(0.993, 1.007)
            stroke = recipe.strike(Hit(tone.force, transpose, length, sample_rate, rng))
            sound = np.zeros((2, length), np.float32)
            sound[:, : stroke.shape[1]] = stroke
            _round_off(sound, round(BODY_S * sample_rate))
            fade_in(sound, max(2, round(ATTACK_S * sample_rate)))
            return sound

        return let_ring(self.name, strike, self.level_db, tone, turn, full, length, fade, bench)


def _round_off(sound: Samples, body: int) -> None:
    """Bend the spikes of a stroke ``(2, samples)`` softly, in place, to twice the knee at most.

    The first millisecond of a drum can stand 20 dB above its body: all of that is headroom lost,
    and little of it is heard.
    """
    knee = max(LOWEST_KNEE, KNEE * float(np.sqrt(np.mean(np.square(sound[:, :body])))))
    level = np.abs(sound)
    over = np.nonzero(level > knee)
    excess = level[over] - knee
    sound[over] = np.sign(sound[over]) * (knee + knee * np.tanh(excess / knee))


KITS = (
    Kit("kit-acoustic", ACOUSTIC, level_db=-13.0),
    Kit("kit-cinematic", CINEMATIC, level_db=-13.0),
    Kit("kit-lofi", LOFI, level_db=-12.0),
    Kit("kit-chip", CHIP, level_db=-9.0),
    Kit("kit-hybrid", HYBRID, level_db=-13.0),
    Kit("kit-brushes", BRUSHES, level_db=-13.0, keys=BRUSH_KEYS),
    Kit("kit-orchestral", ORCHESTRAL, level_db=-13.0),
    Kit("kit-folk", FOLK, level_db=-13.0),
    Kit("kit-909", PUNCHY, level_db=-13.0),
    Kit("kit-808", LONG, level_db=-13.0),
    Kit("kit-gated", GATED, level_db=-13.0),
    Kit("kit-break", BREAK, level_db=-13.0),
    Kit("kit-funk", FUNK, level_db=-13.0),
)
"""The drum kits by name."""
