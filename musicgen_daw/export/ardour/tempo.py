"""A tempo map as Ardour 7 writes it: each step in superclocks, in quarter notes and in bars."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.export.tempo_steps import TempoStep, tempo_steps
from musicgen_daw.timeline import MeterChange, TempoMap, to_samples

__all__ = ["SUPERCLOCKS_PER_S", "tempo_element"]

SUPERCLOCKS_PER_S = 282_240_000
"""Ardour's unit of time, a multiple of all common sample rates."""
_TICKS_PER_BEAT = 1920


def tempo_element(tempo_map: TempoMap) -> Element:
    """Return all steps of tempo and meter."""
    root = Element("TempoMap", {"superclocks-per-second": str(SUPERCLOCKS_PER_S)})
    tempos, meters = SubElement(root, "Tempos"), SubElement(root, "Meters")
    steps = list(tempo_steps(tempo_map))
    bars = _bars([step.meter for step in steps if step.meter is not None])
    for step in steps:
        place = _place(step, bars)
        bpm = repr(float(step.bpm))
        told = {"npm": bpm, "enpm": bpm, "note-type": "4", "type": "Tempo::Constant"}
        flags = {"active": "1", "locked-to-meter": "0", "continuing": "0", "omega": "0"}
        SubElement(tempos, "Tempo", {**told, **flags, **place})
        if step.meter is not None:
            told = {
                "note-value": str(step.meter.denominator),
                "divisions-per-bar": str(step.meter.numerator),
            }
            SubElement(meters, "Meter", {**told, **place})
    SubElement(root, "MusicTimes")
    return root


@dataclass(frozen=True, slots=True)
class _Meter:
    """A meter, the tick it begins on, and the number of the bar that it begins."""

    meter: MeterChange
    ticks: int
    bar: int


def _bars(meters: Sequence[MeterChange]) -> list[_Meter]:
    """Return the meters with their bars; a bar that is cut short counts."""
    told: list[_Meter] = []
    for meter in meters:
        bar = 1
        if told:
            before = told[-1]
            bars = (meter.at_beats - before.meter.at_beats) / before.meter.bar_beats
            bar = before.bar + math.ceil(bars)
        told.append(_Meter(meter, _ticks(meter.at_beats), bar))
    return told


def _ticks(beats: Fraction) -> int:
    return math.floor(beats * _TICKS_PER_BEAT + Fraction(1, 2))


def _place(step: TempoStep, meters: Sequence[_Meter]) -> dict[str, str]:
    ticks = _ticks(step.at_beats)
    beats, rest = divmod(ticks, _TICKS_PER_BEAT)
    return {
        "sclock": str(to_samples(step.at_s, SUPERCLOCKS_PER_S)),
        "quarters": f"{beats}:{rest}",
        "bbt": _bar_beat_tick(ticks, meters),
    }


def _bar_beat_tick(ticks: int, meters: Sequence[_Meter]) -> str:
    """Return ``bar|beat|tick`` in beats of the meter's own denominator."""
    begun = meters[bisect_right(meters, ticks, key=lambda meter: meter.ticks) - 1]
    beat_ticks = Fraction(4 * _TICKS_PER_BEAT, begun.meter.denominator)
    bars, in_bar = divmod(Fraction(ticks - begun.ticks), beat_ticks * begun.meter.numerator)
    beat, tick = divmod(in_bar, beat_ticks)
    return f"{begun.bar + bars}|{1 + beat}|{math.floor(tick)}"
