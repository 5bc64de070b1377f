"""Risers, impacts, whooshes and textures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.sketch.synth.drums.sounds import Burst, Hit, Layers, Plate, Skin, Sweep
from musicgen_daw.sketch.synth.envelopes import SHORTEST_FADE_S, fade_in, fade_out
from musicgen_daw.sketch.synth.loops import Cloud
from musicgen_daw.sketch.synth.spectra import (
    TABLE,
    Curve,
    along_bins,
    body,
    lowpassed,
    noise,
    wavetables,
)
from musicgen_daw.sketch.synth.struck import Struck
from musicgen_daw.sketch.synth.sustained import Brightness, Sustained
from musicgen_daw.sketch.synth.tone import Bench, Signal, Tone, gain_of

__all__ = ["EFFECTS"]

BAND_LOOP_S = 2.7
BANDS_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 14000.0)
CUT_S = 0.006
IMPACT_DAMP_S = 0.04
"""How fast a boom is damped at the end of its note: quicker than the gap before the next hit."""

CRACKLE_PEAK = 4.0
"""The loudest click in the groove, relative to the hiss: never to be taken for a hit."""


@dataclass(frozen=True, slots=True)
class Gesture:
    """A sound that moves through the whole length of its note: noise in bands, and a tone.

    ``motion`` gives, over the note's course from 0 to 1, the level and the centre of the noise in
    octaves above 250 Hz. ``tone_db`` is the level of a rising cluster, ``None`` for no tone.
    """

    name: str
    motion: Callable[[Signal], tuple[Signal, Signal]]
    level_db: float = 0.0
    tone_db: float | None = None
    octaves: float = 1.0
    sweep: float = 0.0
    airy: bool = True

    def play(self, tone: Tone, bench: Bench) -> Samples:
        """Return the gesture, silent again at the note's very end, ``(2, length)``."""
        rng = tone.rng()
        course = np.linspace(0.0, 1.0, tone.length_samples, dtype=np.float32)
        level, centre = self.motion(course)
        sound = np.zeros((2, len(course)), np.float32)
        for band, centre_hz in enumerate(BANDS_HZ):
            loop = bench.once(("gesture band", centre_hz), partial(_band, centre_hz, bench))
            weight = np.exp(-np.square((centre - np.float32(band)) / np.float32(0.8)))
            start = int(rng.integers(loop.shape[1]))
            for first in range(0, len(course), loop.shape[1]):
                stretch = weight[first : first + loop.shape[1]]
                sound[:, first : first + len(stretch)] += (
                    np.roll(loop, -start, axis=1)[:, : len(stretch)] * stretch
                )
        if self.tone_db is not None:
            sound += np.float32(gain_of(self.tone_db)) * self._cluster(tone, bench, rng)
        if self.sweep:
            angle = np.float32(np.pi / 4) * (1 + np.float32(self.sweep) * (2 * course - 1))
            sound *= np.float32(np.sqrt(2.0)) * np.stack([np.cos(angle), np.sin(angle)])
        sound *= level * np.float32(tone.gain * gain_of(self.level_db))
        fade_in(sound, bench.samples(SHORTEST_FADE_S))
        fade_out(sound, bench.samples(CUT_S))
        return sound

    def _cluster(self, tone: Tone, bench: Bench, rng: np.random.Generator) -> Samples:
        """Return partials that climb ``octaves`` up to their note."""
        seconds = tone.length_samples / bench.sample_rate
        course = np.arange(tone.length_samples) / max(1, tone.length_samples)
        # The integral of 2**(octaves * (course - 1)) is the phase in turns.
        (sine,) = wavetables([np.ones(1)])
        slope = self.octaves * np.log(2.0)
        turns = tone.frequency_hz * seconds * np.exp(slope * (course - 1.0)) / slope
        cluster = np.zeros((2, tone.length_samples), np.float32)
        for ratio, level in ((1.0, 1.0), (1.005, 0.8), (1.498, 0.5), (2.0, 0.5)):
            if ratio * tone.frequency_hz < 0.4 * bench.sample_rate:
                index = ((ratio * turns + rng.uniform()) * TABLE).astype(np.int64)
                for side in (0, 1):
                    index += int(rng.integers(TABLE))
                    cluster[side] += np.float32(level) * sine[index & (TABLE - 1)]
        return cluster


def _band(centre_hz: float, bench: Bench, rng: np.random.Generator) -> Samples:
    length = bench.samples(BAND_LOOP_S)
    return noise(2, length, bench.sample_rate, partial(_around, centre_hz=centre_hz), rng)


def _around(frequencies_hz: Curve, centre_hz: float) -> Curve:
    octaves = np.log2(np.maximum(frequencies_hz, 1.0) / centre_hz)
    return np.asarray(np.exp(-((octaves / 0.75) ** 2)))


def rising(course: Signal) -> tuple[Signal, Signal]:
    """Return the motion of a riser: ever louder, ever brighter, up to its end."""
    level = np.asarray(10.0 ** (2.0 * (course - 1.0)), np.float32)
    return level, np.asarray(0.5 + 5.0 * course**1.3, np.float32)


def passing(course: Signal) -> tuple[Signal, Signal]:
    """Return the motion of a whoosh: loudest and brightest at two thirds."""
    arch = np.where(course < 0.66, course / 0.66, (1.0 - course) / 0.34)
    level = np.sin(0.5 * np.pi * np.clip(arch, 0.0, 1.0)) ** 3
    return np.asarray(level, np.float32), np.asarray(1.5 + 3.5 * level, np.float32)


IMPACT = Layers(
    (
        Sweep(85, 32, 0.09, 2.6, 4, drive=0.5),
        Skin(48, 1.6, -5, overtones_db=-3),
        Burst(120, 1400, 0.5, -12),
        Burst(1200, 9000, 0.05, -7),
        Burst(2500, 13000, 0.9, -17),
        Plate(260, 9000, 80, 2.8, -16, tilt_db=-2.5),
    )
)


def impact(tone: Tone, length: int, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Return a low boom under a hard transient; the pitch moves it a little around C2."""
    transpose = 2.0 ** (np.clip(tone.pitch - 36, -12, 12) / 24.0)
    sound = IMPACT.strike(Hit(tone.force, float(transpose), length, sample_rate, rng))
    fade_in(sound, max(2, round(0.0003 * sample_rate)))
    return sound


@dataclass(frozen=True, slots=True)
class Vinyl:
    """The run-in groove of a record: hiss, a little hum, and crackle."""

    loop_s: float = 5.0

    def loop(self, frequency_hz: float, sample_rate: int, rng: np.random.Generator) -> Samples:
        """Return one layer of ``(2, samples)``; the pitch means nothing here."""
        del frequency_hz
        length = 2 * round(self.loop_s * sample_rate / 2)
        hiss = noise(2, length, sample_rate, _hiss, rng)
        clicks = np.zeros((2, length), np.float32)
        count = round(14 * self.loop_s)
        places = rng.integers(0, length, count)
        sizes = rng.exponential(1.0, count) * rng.choice([-1.0, 1.0], count)
        for place, size, lean in zip(places, sizes, rng.uniform(0.4, 1.0, count), strict=True):
            clicks[:, place] += np.array([size, size * lean], np.float32)
        spectrum = np.fft.rfft(clicks)
        crackle = np.fft.irfft(spectrum * along_bins(_tick, length, sample_rate), length)
        crackle *= CRACKLE_PEAK / np.max(np.abs(crackle))
        return np.asarray(hiss + crackle, np.float32)


def _tick(frequencies_hz: Curve) -> Curve:
    return body(frequencies_hz, (2600.0, 1.4, 24.0)) * lowpassed(frequencies_hz, 9000.0, 2.0)


def _hiss(frequencies_hz: Curve) -> Curve:
    return body(frequencies_hz, (60.0, 0.4, 12.0), (6000.0, 1.8, 14.0)) * lowpassed(
        frequencies_hz, 11000.0, 1.0
    )


def airy(frequencies_hz: Curve) -> Curve:
    """Return the spectrum of wind far off."""
    return body(frequencies_hz, (1200.0, 1.0, 8.0), (7000.0, 1.3, 14.0)) * lowpassed(
        frequencies_hz, 12000.0, 1.0
    )


def murky(frequencies_hz: Curve) -> Curve:
    """Return the spectrum of a rumble under the floor."""
    return lowpassed(frequencies_hz, 90.0, 1.2) + 0.02 * lowpassed(frequencies_hz, 2500.0, 1.25)


RUMBLE = ((0.5, 0.7), (1.0, 1.0), (1.06, 0.6), (1.41, 0.35), (2.12, 0.3), (2.9, 0.12), (4.3, 0.06))

EFFECTS = (
    Gesture("riser", rising, level_db=-12.0, tone_db=-9.0, octaves=1.0),
    Gesture("whoosh", passing, level_db=-15.0, sweep=0.7),
    Struck(
        "impact",
        impact,
        level_db=-13.5,
        ring_s=3.2,
        halving_octaves=100.0,
        damp_s=IMPACT_DAMP_S,
        round_robin=2,
    ),
    Sustained(
        "texture-air",
        Cloud(
            (lambda f: 1.0 / np.maximum(f, 20.0),), spread_cents=25.0, breath=airy, breath_db=2.0
        ),
        level_db=-22.0,
        attack_s=1.2,
        release_s=1.4,
        swell_db=3.0,
    ),
    Sustained(
        "texture-vinyl",
        Vinyl(),
        level_db=-22.0,
        attack_s=0.3,
        release_s=0.4,
        swell_db=0.0,
        pitched=False,
    ),
    Sustained(
        "texture-dark",
        Cloud(
            (lambda f: lowpassed(f, 160.0, 1.2), lambda f: lowpassed(f, 700.0, 1.0)),
            partials=RUMBLE,
            spread_cents=20.0,
            breath=murky,
            breath_db=-4.0,
            loop_s=5.3,
        ),
        level_db=-17.0,
        attack_s=1.6,
        release_s=1.6,
        brightness=Brightness(soft=0.1, loud=0.7, follow=0.3, wave=0.3, wave_s=11.0),
        airy=False,
    ),
)
"""The effects by name."""
