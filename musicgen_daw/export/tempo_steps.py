"""A tempo map as one list of steps, for formats in which tempo and meter change together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.timeline import MeterChange, TempoMap

__all__ = ["TempoStep", "meters_with_pickup", "tempo_steps"]


@dataclass(frozen=True, slots=True)
class TempoStep:
    """From ``at_beats`` and ``at_s`` on the tempo is ``bpm`` quarter notes a minute.

    ``meter`` is set where a meter begins; ``is_cut`` says that it cuts the bar before it short.
    """

    at_beats: Fraction
    at_s: Fraction
    bpm: Fraction
    meter: MeterChange | None
    is_cut: bool


def tempo_steps(tempo_map: TempoMap) -> Iterator[TempoStep]:
    """Yield the steps in order; the first, at 0, has a meter."""
    tempos = {change.at_beats: change for change in tempo_map.tempos}
    meters = {change.at_beats: change for change in meters_with_pickup(tempo_map)}
    before: MeterChange | None = None
    for at_beats in sorted({*tempos, *meters}):
        meter = meters.get(at_beats)
        is_cut = False
        if meter and before:
            is_cut = (at_beats - before.at_beats) % before.bar_beats != 0
        before = meter or before
        yield TempoStep(
            at_beats,
            tempo_map.seconds_at(at_beats),
            tempo_map.tempo_at(at_beats).bpm,
            meter,
            is_cut,
        )


def meters_with_pickup(tempo_map: TempoMap) -> list[MeterChange]:
    """Return the meters for a format that knows no pickup.

    One that is a meter by itself becomes a bar of that meter; any other is not told.
    """
    first, *rest = tempo_map.meters
    bar = tempo_map.pickup_beats / 4
    whole = bar.denominator & (bar.denominator - 1) == 0 and 0 < bar.numerator <= 255
    if not whole:
        return [first, *rest]
    pickup = MeterChange(Fraction(0), bar.numerator, bar.denominator)
    later = [meter for meter in rest if meter.at_beats > tempo_map.pickup_beats]
    at_the_line = tempo_map.meter_at(tempo_map.pickup_beats)
    line = MeterChange(tempo_map.pickup_beats, *at_the_line.meter)
    return [pickup, line, *later]
