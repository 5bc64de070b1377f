"""A levelled programme on its way into a file: rounded, and measured as it passes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from musicgen_daw.audio import BitDepth, Levels, Pcm, measure
from musicgen_daw.audio.levels import check_finite, db_to_gain
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.audio.quantise import Quantiser, to_audio
from musicgen_daw.audio.reading import PIECE_SAMPLES
from musicgen_daw.audio.truepeak import PeakPlaces, RunningTruePeak
from musicgen_daw.mastering.levelling import Levelling
from musicgen_daw.mastering.programme import Programme, in_chunks, levelled

__all__ = ["DOUBLED_DB", "Finishing"]

DOUBLED_DB = 20 * math.log10(2) / 2
"""What mono gains in loudness on two loudspeakers."""

_MOST_ROUNDING_STEPS = 1.5
"""By how much dither and rounding change a sample at most."""

_FLOAT_STEPS = 2.0**24


class Finishing:
    """A levelled programme on its way into a file, rounded, and measured as it passes."""

    def __init__(
        self,
        programme: Programme,
        levelling: Levelling,
        bit_depth: BitDepth,
        doubled: bool,
        places: PeakPlaces | None,
        *,
        noise_shaping: bool,
        seed: int,
    ) -> None:
        self.programme = programme
        self.levelling = levelling
        self.bit_depth = bit_depth
        self.channels = 2 if doubled else programme.channels
        self._doubled = doubled
        self._places = places
        self._seed = seed
        self._noise_shaping = noise_shaping
        self._levels: Levels | None = None

    @property
    def levels_so_far(self) -> Levels | None:
        """The levels of what has passed, ``None`` before it has."""
        return self._levels

    @property
    def levels(self) -> Levels:
        """The levels of what has passed."""
        if self._levels is None:
            raise ValueError("nothing has been played yet")
        return self._levels

    @levels.setter
    def levels(self, heard: Levels) -> None:
        self._levels = heard

    def pieces(self) -> Iterator[Pcm]:
        """Play it once."""
        programme = self.programme
        quantiser = Quantiser(
            programme.sample_rate,
            programme.channels,
            self.bit_depth,
            self._seed,
            shaped=self._noise_shaping,
        )
        if programme.held is not None:
            (samples,) = levelled(programme, self.levelling)
            pcm = quantiser.rounded(samples)
            self._levels = self._held_levels(pcm)
            yield self._with_all_channels(pcm)
            return
        true_peak = RunningTruePeak(programme.channels)
        peak = 0.0
        rest = np.zeros((programme.channels, 0), np.float32)
        # Neither noise shaping nor a true peak may be cut anywhere.
        for samples in in_chunks(levelled(programme, self.levelling), PIECE_SAMPLES):
            pcm = quantiser.rounded(samples)
            sound = to_audio(pcm)
            peak = max(peak, check_finite(sound))
            if sound.length_samples == PIECE_SAMPLES:
                true_peak.add(sound.samples)
            else:
                rest = sound.samples
            yield self._with_all_channels(pcm)
        self._levels = Levels.of(self._loudness, true_peak.with_rest(rest), peak)

    @property
    def doubled_db(self) -> float:
        """What doubling mono adds to the loudness of the programme."""
        return DOUBLED_DB if self._doubled else 0.0

    @property
    def _loudness(self) -> Loudness:
        return self.levelling.loudness.amplified(self.doubled_db)

    def _held_levels(self, pcm: Pcm) -> Levels:
        """Return the levels of a whole sound; where its peak is, is known from before its gain."""
        gain = db_to_gain(self.levelling.gain_db)
        rounding = _MOST_ROUNDING_STEPS / (
            _FLOAT_STEPS if pcm.bit_depth == "32f" else pcm.full_scale
        )
        if (
            self._places is None
            or self.levelling.limit_dbtp is not None
            or self._noise_shaping
            or not self._places.are_kept(gain, rounding)
        ):
            return measure(to_audio(pcm), self._loudness)
        peak = max(float(pcm.samples.max()), -float(pcm.samples.min())) / pcm.full_scale
        true_peak = self._places.true_peak(pcm.samples, pcm.full_scale, peak)
        return Levels.of(self._loudness, true_peak, peak)

    def _with_all_channels(self, pcm: Pcm) -> Pcm:
        if not self._doubled:
            return pcm
        both: Any = np.broadcast_to(pcm.samples, (2, pcm.length_samples))  # a view, no copy
        return Pcm(both, pcm.sample_rate, pcm.bit_depth)
