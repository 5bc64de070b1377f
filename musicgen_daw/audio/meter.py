"""The meter: everything that is measured of a sound, while it goes by.

Sound comes in pieces of any length. Inside, it is cut at the same places whatever the pieces, so
that one piece and many read the same to the last bit.

Source: ITU-R BS.1770-5 (loudness, true peak), EBU Tech 3341 and 3342.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.levels import Levels
from musicgen_daw.audio.loudness import Loudness, RunningLoudness
from musicgen_daw.audio.soundness import Sound, Tally
from musicgen_daw.audio.truepeak import RunningTruePeak

__all__ = ["Meter", "Reading", "read"]

SHORTEST_GATED_S = Fraction(4, 10)
"""A gating block lasts 400 ms; shorter sound measures its plain, ungated mean."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter shows of the sound up to now; silence measures ``-inf``.

    ``dc_offset`` is the mean of the worst channel as a part of full scale. ``clipped_runs`` are
    stretches of three samples and more at full scale in one channel, ``clipped_samples`` what they
    hold. ``head_silence_samples`` and ``tail_silence_samples`` lie below -80 dBFS; a sound that
    nowhere passes that is all head. ``non_finite_samples`` are NaN or infinite, and measured as
    silence. ``mono_loss_db`` tells how much softer left and right are in mono: 0 dB for the same
    on both sides, 3 dB for unlike sides, ``inf`` for opposite ones, ``None`` if not stereo.
    """

    levels: Levels
    sample_rate: int
    channels: int
    length_samples: int
    dc_offset: float
    mono_loss_db: float | None
    clipped_samples: int
    clipped_runs: int
    head_silence_samples: int
    tail_silence_samples: int
    non_finite_samples: int

    @property
    def seconds(self) -> Fraction:
        """The exact length in seconds."""
        return Fraction(self.length_samples, self.sample_rate)

    @property
    def peak_to_loudness_db(self) -> float | None:
        """PLR: how far the true peak is above the integrated loudness; ``None`` for silence."""
        if self.levels.integrated_lufs == -math.inf:
            return None
        return self.levels.true_peak_dbtp - self.levels.integrated_lufs

    @property
    def is_ungated(self) -> bool:
        """Whether the sound is too short for a gate, so that its loudness is a plain mean."""
        return self.seconds < SHORTEST_GATED_S

    @property
    def is_silent(self) -> bool:
        """Whether no sample differs from zero."""
        return self.levels.sample_peak_dbfs == -math.inf


class Meter:
    """A streaming meter for one to six channels (5.1 as L R C LFE Ls Rs), from 8 kHz up.

    >>> meter = Meter(48_000, channels=2)
    >>> meter.add(np.zeros((2, 1000), np.float32))
    >>> meter.reading().is_silent
    True

    Raises:
        AudioError: for a sample rate below 8 kHz.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._sample_rate = sample_rate
        self._loudness = RunningLoudness(sample_rate, channels)
        self._true_peak = RunningTruePeak(channels)
        self._tally = Tally.of_nothing(channels)
        self._pending = np.empty((channels, self._loudness.chunk_samples), np.float32)
        self._filled = 0

    def add(self, samples: Samples) -> None:
        """Take the next samples, ``(channels, samples)``, as many as there are.

        Raises:
            ValueError: for another type or number of channels.
        """
        channels, chunk = self._pending.shape
        if samples.ndim != 2 or len(samples) != channels or samples.dtype != np.float32:
            raise ValueError(f"the meter takes float32 samples of shape ({channels}, samples)")
        position, length = 0, samples.shape[1]
        while position < length:
            if not self._filled and length - position >= chunk:
                self._measure(samples[:, position : position + chunk])
                position += chunk
                continue
            count = min(chunk - self._filled, length - position)
            piece = samples[:, position : position + count]
            self._pending[:, self._filled : self._filled + count] = piece
            self._filled += count
            position += count
            if self._filled == chunk:
                self._measure(self._pending)
                self._filled = 0

    def loudness(self) -> Loudness:
        """Return the loudness over time up to now."""
        return self._loudness.with_rest(self._rest().samples)

    def reading(self) -> Reading:
        """Return everything measured up to now; more may be added after it."""
        rest = self._rest()
        tally = self._tally.plus(rest)
        levels = Levels.of(
            self._loudness.with_rest(rest.samples),
            self._true_peak.with_rest(rest.samples),
            tally.sample_peak,
        )
        length = tally.length_samples
        first = length if tally.first_audible is None else tally.first_audible
        last = length - 1 if tally.last_audible is None else tally.last_audible
        return Reading(
            levels=levels,
            sample_rate=self._sample_rate,
            channels=len(self._pending),
            length_samples=length,
            dc_offset=tally.dc_offset,
            mono_loss_db=tally.mono_loss_db,
            clipped_samples=tally.clipped_samples,
            clipped_runs=tally.clipped_runs,
            head_silence_samples=first,
            tail_silence_samples=length - 1 - last,
            non_finite_samples=tally.non_finite_samples,
        )

    def _rest(self) -> Sound:
        return Sound.of(self._pending[:, : self._filled])

    def _measure(self, chunk: Samples) -> None:
        sound = Sound.of(chunk)
        self._loudness.add(sound.samples)
        self._true_peak.add(sound.samples)
        self._tally = self._tally.plus(sound)


def read(audio: Audio) -> Reading:
    """Measure a sound in one piece."""
    meter = Meter(audio.sample_rate, audio.channels)
    meter.add(audio.samples)
    return meter.reading()
