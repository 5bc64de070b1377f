"""Who plays which part: the SoundFont, at the level that the mix of a style is made for, and the
synthesiser where the font has nothing to play it with.

Fonts differ by 20 dB in loudness, and so do the sounds of one font. So each part is matched, on a
few of its own notes, to the instrument that the style was mixed with: pan, width, filters, room
and balance then mean the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.audio.kweighting import hop_energies
from musicgen_daw.backends.soundfont.player import FontPlayer
from musicgen_daw.sketch import Voice
from musicgen_daw.sketch.instruments import INSTRUMENTS
from musicgen_daw.sketch.synth.drums.general_midi import OPEN_HAT
from musicgen_daw.sketch.synth.instruments import instrument_named
from musicgen_daw.sketch.synth.tone import Bench, Instrument, Tone
from musicgen_daw.timeline import Part

__all__ = ["FontBand"]

SYNTHESISED = ("effects", "textures")
"""Families of sounds that General MIDI has no equal of."""

DRUM_S = 1.0
"""Drums ring out whatever the length of their note; a sound that is held ends after this."""

CHOKE_S = 0.03
TRIED_S = 0.6
TRIED_NOTES, TRIED_DRUMS = 3, 5
MOST_GAIN_DB = 30.0


@dataclass(frozen=True, slots=True)
class FontInstrument:
    """A sound of a SoundFont in the synthesiser's place, ``gain`` times as loud as it comes."""

    player: FontPlayer
    sound: tuple[int, int]
    drums: bool
    gain: float = 1.0
    airy: bool = True

    def play(self, tone: Tone, bench: Bench) -> Samples:
        """Return the note from its start until it has died away, ``(2, samples)``."""
        length = bench.samples(DRUM_S) if self.drums else tone.length_samples
        key = ("font", *self.sound, tone.pitch, tone.velocity, length, tone.slide_from)
        sound = bench.once(
            key,
            lambda _: self.player.note(
                self.sound, tone.pitch, tone.velocity, length, tone.slide_from
            ),
        )
        if self.drums and tone.pitch == OPEN_HAT:
            sound = _choked(sound, tone.length_samples, bench.samples(CHOKE_S))
        return np.asarray(sound * np.float32(self.gain), np.float32)


class FontBand:
    """The players of one performance; ``synthesised`` names the parts that the font doesn't play.

    Call it with a part and its voice for who plays it.
    """

    def __init__(self, player: FontPlayer, sample_rate: int, seed: int) -> None:
        self.synthesised: list[str] = []
        self._player = player
        self._trial = Bench(sample_rate, seed)

    def __call__(self, part: Part, voice: Voice) -> Instrument:
        """Return who plays a part."""
        built_in = instrument_named(voice.instrument)
        sound = None
        if INSTRUMENTS[voice.instrument].family not in SYNTHESISED:
            sound = self._player.font.sound_for(part.program, drums=part.drums)
        if sound is not None:
            font = FontInstrument(self._player, sound, part.drums)
            if gain := self._gain(part, built_in, font):
                return FontInstrument(self._player, sound, part.drums, gain)
        self.synthesised.append(part.name)
        return built_in

    def _gain(self, part: Part, built_in: Instrument, font: Instrument) -> float | None:
        """Return the gain that makes the font as loud as the instrument; ``None`` for silence."""
        rate = self._trial.sample_rate
        tones = [
            Tone(pitch, velocity, self._trial.samples(TRIED_S)) for pitch, velocity in _tried(part)
        ]
        asked, heard = (
            sum(_energy(each.play(tone, self._trial), rate) for tone in tones)
            for each in (built_in, font)
        )
        if heard <= 0 or asked <= 0:
            return None
        gain_db = 10.0 * float(np.log10(asked / heard))
        return float(10.0 ** (max(-MOST_GAIN_DB, min(MOST_GAIN_DB, gain_db)) / 20.0))


def _tried(part: Part) -> Iterable[tuple[int, int]]:
    """Return keys and velocities that stand for a part: its drums, or notes over its compass."""
    loudest: dict[int, int] = {}
    for note in part.notes:
        loudest[note.pitch] = max(note.velocity, loudest.get(note.pitch, 0))
    if part.drums:
        counts = Counter(note.pitch for note in part.notes)
        pitches = sorted(counts, key=lambda pitch: (-counts[pitch], pitch))[:TRIED_DRUMS]
    else:
        pitches = list(_spread(sorted(loudest), TRIED_NOTES))
    return [(pitch, loudest[pitch]) for pitch in pitches]


def _spread(pitches: list[int], count: int) -> Iterator[int]:
    """Yield pitches from the lowest to the highest, evenly."""
    if len(pitches) <= count:
        yield from pitches
        return
    for number in range(count):
        yield pitches[number * (len(pitches) - 1) // (count - 1)]


def _energy(sound: Samples, sample_rate: int) -> float:
    """Return the K-weighted energy of the time for which a tried note is held."""
    held = sound[:, : round(TRIED_S * sample_rate)]
    return float(sum(hop_energies(channel, sample_rate).sum() for channel in held))


def _choked(sound: Samples, length: int, fade: int) -> Samples:
    """Return an open hi-hat that a closed one ends."""
    if length + fade >= sound.shape[1]:
        return sound
    short = sound[:, : length + fade].copy()
    short[:, length:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return short
