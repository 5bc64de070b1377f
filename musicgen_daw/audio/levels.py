"""What a sound measures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from musicgen_daw.audio import tape
from musicgen_daw.audio.buffer import Audio
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.audio.truepeak import sample_peak, true_peak
from musicgen_daw.errors import AudioError

__all__ = ["Levels", "amplified", "check_finite", "db_to_gain", "gain_to_db", "measure"]


@dataclass(frozen=True, slots=True)
class Levels:
    """Measured levels of one finished sound; silence measures ``-inf``.

    Source: ITU-R BS.1770-5 (loudness, true peak), EBU Tech 3341 and 3342.
    """

    integrated_lufs: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float

    @classmethod
    def of(cls, loudness: Loudness, true_peak: float, sample_peak: float) -> Levels:
        """Return the levels of a sound whose loudness and linear peaks are known."""
        return cls(
            integrated_lufs=loudness.integrated_lufs(),
            max_momentary_lufs=loudness.max_momentary_lufs(),
            max_short_term_lufs=loudness.max_short_term_lufs(),
            loudness_range_lu=loudness.range_lu(),
            true_peak_dbtp=gain_to_db(true_peak),
            sample_peak_dbfs=gain_to_db(sample_peak),
        )


def db_to_gain(db: float) -> float:
    """Return the linear gain of a level; ``-inf`` is 0."""
    return float(10 ** (db / 20))


def gain_to_db(gain: float) -> float:
    """Return the level of a linear gain; 0 is ``-inf``."""
    return 20 * math.log10(gain) if gain > 0 else -math.inf


def amplified(audio: Audio, gain_db: float) -> Audio:
    """Return the sound with a gain."""
    gain = np.float32(db_to_gain(gain_db))
    return Audio(tape.made(lambda sound: sound * gain, audio.samples), audio.sample_rate)


def check_finite(audio: Audio, name: str = "audio") -> float:
    """Return the sample peak of sound that has one.

    Raises:
        AudioError: where a sample is NaN or infinite. Gates would hide it, so look here first.
    """
    peak = sample_peak(audio)
    if not math.isfinite(peak):
        raise AudioError(f"{name} contains NaN or infinite samples")
    return peak


def measure(audio: Audio, loudness: Loudness | None = None) -> Levels:
    """Return all levels of a sound, whose ``loudness`` is not measured again where it is known.

    Sound of less than 400 ms measures its mean loudness, ungated. No sound at all measures like
    silence: ``-inf``, with a loudness range of 0.

    Raises:
        AudioError: for NaN or infinite samples, or a sample rate below 8 kHz.
    """
    peak = check_finite(audio)
    return Levels.of(loudness or Loudness.of(audio), true_peak(audio, at_least=peak), peak)
