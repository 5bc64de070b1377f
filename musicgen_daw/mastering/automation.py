"""A parameter over time: values at places, with straight lines between them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from musicgen_daw.audio import Samples
from musicgen_daw.audio.levels import db_to_gain
from musicgen_daw.presets.chain import Automation
from musicgen_daw.timeline import BarBeat, TempoMap

__all__ = ["Curve", "SendGain"]


@dataclass(frozen=True, slots=True)
class Curve:
    """Automation in seconds. A frequency (``is_ratio``) moves by equal ratios."""

    times_s: tuple[float, ...]
    values: tuple[float, ...]
    is_ratio: bool

    @classmethod
    def of(cls, automation: Automation, name: str, tempo_map: TempoMap | None) -> Curve:
        """Return the automation of a parameter on a tempo map with beat 0 at second 0.

        Raises:
            ValueError: where its places are bars and there is no tempo, or no such beat.
        """
        values = tuple(float(value) for _, value in automation.points)
        is_ratio = "_hz" in name and min(values) > 0
        times = []
        for place, _ in automation.points:
            if isinstance(place, BarBeat):
                if tempo_map is None:
                    raise ValueError(
                        f"{name} moves at bar {place}, and no tempo is told: use seconds"
                    )
                times.append(float(place.seconds(tempo_map)))
            else:
                times.append(float(place))
        return cls(tuple(times), values, is_ratio)

    def at(self, seconds: float) -> float:
        """Return the value at a time; before the first and after the last place it holds."""
        if self.is_ratio:
            return float(np.exp(np.interp(seconds, self.times_s, np.log(self.values))))
        return float(np.interp(seconds, self.times_s, self.values))

    def is_moving(self, seconds: float) -> bool:
        """Tell whether the value changes right after a time."""
        after = bisect_right(self.times_s, seconds)
        within = 0 < after < len(self.times_s)
        return within and self.values[after - 1] != self.values[after]

    def next_place_s(self, seconds: float) -> float:
        """Return the first place after a time; infinity after the last."""
        after = bisect_right(self.times_s, seconds)
        return self.times_s[after] if after < len(self.times_s) else float("inf")


@dataclass(frozen=True, slots=True)
class SendGain:
    """The gain of a send, for each sample; a level that moves does so in decibels."""

    steady: np.float32
    curve: Curve | None
    sample_rate: int

    @classmethod
    def of(
        cls, level_db: float | Automation, sample_rate: int, tempo_map: TempoMap | None
    ) -> SendGain:
        """Return the gain of a level, on a tempo map with beat 0 at the first sample.

        Raises:
            ValueError: where it moves in bars and there is no tempo, or no such beat.
        """
        if isinstance(level_db, Automation):
            curve = Curve.of(level_db, "level_db", tempo_map)
            return cls(np.float32(1), curve, sample_rate)
        return cls(np.float32(db_to_gain(level_db)), None, sample_rate)

    def over(self, first: int, length_samples: int) -> Samples | np.float32:
        """Return the gain of some samples, or the one that all have."""
        if self.curve is None:
            return self.steady
        times_s = np.arange(first, first + length_samples) / self.sample_rate
        levels_db = np.interp(times_s, self.curve.times_s, self.curve.values)
        return np.asarray(10 ** (levels_db / 20), np.float32)
