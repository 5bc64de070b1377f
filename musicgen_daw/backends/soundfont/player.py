"""One note of a SoundFont at a time, as floats.

FluidSynth begins notes on blocks of 64 samples; a note that is taken alone begins on the first
sample of a block, and can be placed on any sample of a cue. Its reverb and chorus are off, for the
room is that of the mix.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.backends.soundfont.font import SoundFont
from musicgen_daw.backends.soundfont.library import Library, fluidsynth
from musicgen_daw.errors import AudioError

__all__ = ["FontPlayer", "opened"]

BLOCK = 64
STRETCH = 64 * BLOCK
LONGEST_RING_S = 6.0
"""How long a note may ring on after its end: a release in a SoundFont may last 100 s."""

FADE_S = 0.5
"""What rings longer fades out over this."""

SLIDE_S = 0.09
BEND_SEMITONES = 24
BEND_MIDDLE = 8192

_CHANNEL = 0
_OK = 0
_NUMBERS = {"synth.gain": 1.0}
_WHOLE_NUMBERS = {
    "synth.reverb.active": 0,
    "synth.chorus.active": 0,
    "synth.dynamic-sample-loading": 1,  # a font of a gigabyte needs no gigabyte of memory
    "synth.cpu-cores": 1,
    "synth.midi-channels": 16,
}


@contextmanager
def opened(font: SoundFont, sample_rate: int) -> Iterator[FontPlayer]:
    """Load a SoundFont, for as long as the context lasts.

    Raises:
        AudioError: where it was changed, or FluidSynth refuses it.
    """
    font.refuse_changed()
    library = fluidsynth()
    declared = library.declared
    settings = declared.new_fluid_settings()
    synth = None
    try:
        for name, number in (*_NUMBERS.items(), ("synth.sample-rate", float(sample_rate))):
            declared.fluid_settings_setnum(settings, name.encode(), number)
        for name, whole in _WHOLE_NUMBERS.items():
            declared.fluid_settings_setint(settings, name.encode(), whole)
        synth = declared.new_fluid_synth(settings)
        if not synth:
            raise AudioError(f"FluidSynth can't play at {sample_rate} Hz", path=font.path)
        with library.hushed():
            loaded = declared.fluid_synth_sfload(synth, os.fsencode(font.path), 0)
        if loaded < 0:
            raise AudioError("is a SoundFont that FluidSynth refuses: damaged?", path=font.path)
        library.pitch_wheel_sens(synth, _CHANNEL, BEND_SEMITONES)
        yield FontPlayer(library, synth, loaded, font, sample_rate)
    finally:
        if synth:
            declared.delete_fluid_synth(synth)
        declared.delete_fluid_settings(settings)


class FontPlayer:
    """Plays single notes of one SoundFont; ``opened`` makes one. For one thread."""

    def __init__(
        self, library: Library, synth: Any, loaded: int, font: SoundFont, sample_rate: int
    ) -> None:
        self.font = font
        self._library = library
        self._synth = synth
        self._loaded = loaded
        self._sample_rate = sample_rate
        self._chosen: tuple[int, int] | None = None

    def note(
        self,
        sound: tuple[int, int],
        key: int,
        velocity: int,
        length_samples: int,
        slide_from: int | None = None,
    ) -> Samples:
        """Return a note from its start until it has died away, ``(2, samples)``.

        ``sound`` is bank and program; ``slide_from`` the key from whose pitch it slides.

        Raises:
            AudioError: where the font has no such sound.
        """
        self._choose(sound)
        declared, synth = self._library.declared, self._synth
        pieces: list[Samples] = []
        held = 0
        declared.fluid_synth_noteon(synth, _CHANNEL, key, velocity)
        if slide_from is not None:
            slide = self._slide(slide_from - key, min(length_samples, self._samples(SLIDE_S)))
            pieces += slide
            held = BLOCK * len(slide)
        pieces.append(self._rendered(max(0, length_samples - held)))
        declared.fluid_synth_noteoff(synth, _CHANNEL, key)
        pieces += self._ring()
        return np.concatenate(pieces, axis=1)

    def _choose(self, sound: tuple[int, int]) -> None:
        if sound == self._chosen:
            return
        declared, (bank, program) = self._library.declared, sound
        chosen = declared.fluid_synth_program_select(
            self._synth, _CHANNEL, self._loaded, bank, program
        )
        if chosen != _OK:
            reason = f"its sound {bank}:{program} can't be loaded: is the file damaged?"
            raise AudioError(reason, path=self.font.path)
        self._chosen = sound

    def _slide(self, semitones: int, length_samples: int) -> list[Samples]:
        """Bend from another pitch to the note's own, a block at a time."""
        declared = self._library.declared
        reach = max(-BEND_SEMITONES, min(BEND_SEMITONES, semitones)) / BEND_SEMITONES
        count = -(-length_samples // BLOCK)
        pieces = []
        for number in range(count):
            share = reach * (0.5 + 0.5 * float(np.cos(np.pi * number / count)))
            bend = BEND_MIDDLE + round(share * (BEND_MIDDLE - 1))
            declared.fluid_synth_pitch_bend(self._synth, _CHANNEL, bend)
            pieces.append(self._rendered(BLOCK))
        declared.fluid_synth_pitch_bend(self._synth, _CHANNEL, BEND_MIDDLE)
        return pieces

    def _ring(self) -> list[Samples]:
        """Return what is heard after the end of the note."""
        declared, synth = self._library.declared, self._synth
        pieces: list[Samples] = []
        longest = self._samples(LONGEST_RING_S)
        while declared.fluid_synth_get_active_voice_count(synth) and longest > 0:
            pieces.append(self._rendered(STRETCH))
            longest -= STRETCH
        if longest <= 0:
            declared.fluid_synth_all_sounds_off(synth, _CHANNEL)
            self._rendered(STRETCH)  # so that no rest of it is left in the next note
            return [_faded(np.concatenate(pieces, axis=1), self._samples(FADE_S))]
        return pieces

    def _rendered(self, length_samples: int) -> Samples:
        """Return the next samples, whole blocks of them: else the next note begins late."""
        length = -(-length_samples // BLOCK) * BLOCK
        sound = np.zeros((2, length), np.float32)
        if length:
            left, right = sound[0].ctypes.data, sound[1].ctypes.data
            self._library.write_float(self._synth, length, left, 0, 1, right, 0, 1)
        return sound

    def _samples(self, seconds: float) -> int:
        return round(seconds * self._sample_rate)


def _faded(sound: Samples, length: int) -> Samples:
    sound[:, -length:] *= np.linspace(1.0, 0.0, length, dtype=np.float32)
    return sound
