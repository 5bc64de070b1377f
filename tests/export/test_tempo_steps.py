"""Tempo and meter as one list."""

from fractions import Fraction

from musicgen_daw.export.tempo_steps import meters_with_pickup, tempo_steps
from musicgen_daw.timeline import MeterChange, TempoChange, TempoMap


def test_tempo_and_meter_of_one_place_are_one_step() -> None:
    tempo_map = TempoMap(
        (
            TempoChange(Fraction(0), 500_000),
            TempoChange(Fraction(8), 750_000),
            TempoChange(Fraction(9), 600_000),
        ),
        (
            MeterChange(Fraction(0), 4, 4),
            MeterChange(Fraction(6), 3, 4),
            MeterChange(Fraction(9), 4, 4),
        ),
    )
    steps = [
        (step.at_s, step.bpm, step.meter.numerator if step.meter else None, step.is_cut)
        for step in tempo_steps(tempo_map)
    ]
    assert steps == [
        (0, 120, 4, False),
        (3, 120, 3, True),  # in the middle of a bar of four
        (4, 80, None, False),
        (Fraction(19, 4), 100, 4, False),
    ]


def test_a_pickup_that_is_a_meter_becomes_a_bar() -> None:
    four = MeterChange(Fraction(0), 4, 4)
    one = TempoMap(meters=(four,), pickup_beats=Fraction(1))
    assert meters_with_pickup(one) == [
        MeterChange(Fraction(0), 1, 4),
        MeterChange(Fraction(1), 4, 4),
    ]
    third = TempoMap(meters=(four,), pickup_beats=Fraction(1, 3))
    assert meters_with_pickup(third) == [four]
