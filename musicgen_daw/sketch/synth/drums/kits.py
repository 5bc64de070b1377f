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
from musicgen_daw.sketch.synth.envelopes import SHORTEST_FADE_S, fade_in, fade_out, ramp
from musicgen_daw.sketch.synth.struck import let_ring, strike_key
from musicgen_daw.sketch.synth.tone import Bench, Tone

__all__ = ["KITS", "Kit"]

ATTACK_S = 0.0003
CHOKE_S = 0.04
ROUND_ROBIN = 3
LONG_S, LONG_ROUND_ROBIN = 1.0, 2
"""What rings so long is seldom struck, and takes no more turns than these."""

INAUDIBLE = 10.0**-3.7
"""A stroke has died away when it is so much softer than its loudest moment."""

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
        turn = tone.variation % (ROUND_ROBIN if ring_s < LONG_S else LONG_ROUND_ROBIN)

        def strike(rng: np.random.Generator) -> Samples:
            transpose = 2.0 ** (semitones / 12.0) * rng.uniform(0.993, 1.007)
            hit = Hit(tone.force, transpose, bench.samples(ring_s), bench.sample_rate, rng)
            return _finished(recipe.strike(hit), hit)

        struck = bench.once(strike_key(self.name, tone, turn), strike)
        length, fade = struck.shape[1], 0
        choke = bench.samples(CHOKE_S)
        if tone.pitch == OPEN_HAT and tone.length_samples + choke < length:
            length, fade = tone.length_samples + choke, choke
        return let_ring(struck, self.level_db, tone, length, fade)


def _finished(stroke: Samples, hit: Hit) -> Samples:
    """Return a stroke as it is played: without spikes, clicks, and what nobody hears of its end."""
    _round_off(stroke, hit.samples(BODY_S))
    fade_in(stroke, max(2, hit.samples(ATTACK_S)))
    faded = hit.length // 3
    begun = hit.length - faded
    stroke[:, begun:] *= ramp(faded)[::-1][: max(0, stroke.shape[1] - begun)]
    level = np.abs(stroke).max(axis=0)
    heard = np.flatnonzero(level > INAUDIBLE * level.max())
    last = int(heard[-1]) if len(heard) else 0
    sound = stroke[:, : last + 1 + hit.samples(SHORTEST_FADE_S)].copy()
    fade_out(sound, hit.samples(SHORTEST_FADE_S))
    return sound


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
