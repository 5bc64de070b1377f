"""Places as musicians write them, ``bar|beat``, on a tempo map."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.timeline.tempo import TempoMap

__all__ = ["BarBeat"]

_WRITTEN = re.compile(r"(\d{1,6})\|(\d{1,3}(?:[.,]\d{1,9})?)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class BarBeat:
    """A beat of a bar. Both count from 1, beats in the unit of the meter, as DAWs count them."""

    bar: int
    beat: Fraction = Fraction(1)

    @classmethod
    def parse(cls, text: str) -> BarBeat | None:
        """Read ``5|1`` or ``5|2.5``; ``None`` for what is not written so."""
        written = _WRITTEN.fullmatch(text)
        return cls(int(written[1]), Fraction(written[2].replace(",", "."))) if written else None

    def __str__(self) -> str:
        beat = int(self.beat) if self.beat.denominator == 1 else float(self.beat)
        return f"{self.bar}|{beat}"

    def seconds(self, tempo_map: TempoMap) -> Fraction:
        """Return where it lies.

        Raises:
            ValueError: where the bar has no such beat.
        """
        line = tempo_map.beats_of(self.bar)
        meter = tempo_map.meter_at(line)
        if self.bar < 1 or not 1 <= self.beat < meter.numerator + 1:
            raise ValueError(
                f"bar {self.bar} of {meter.numerator}/{meter.denominator} has no such beat"
            )
        return tempo_map.seconds_at(line + (self.beat - 1) * 4 / meter.denominator)
