"""A tempo map as Ardour 7 writes it: each step in superclocks, in quarter notes and in bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.export.tempo_steps import TempoStep, tempo_steps
from musicgen_daw.timeline import MeterChange, TempoMap

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


def _bars(meters: Sequence[MeterChange]) -> list[tuple[MeterChange, int]]:
    """Return each meter with the number of the bar that it begins; a bar cut short counts."""
    bars: list[tuple[MeterChange, int]] = []
    for meter in meters:
        bar = 1
        if bars:
            before, bar = bars[-1]
            bar += math.ceil((meter.at_beats - before.at_beats) / before.bar_beats)
        bars.append((meter, bar))
    return bars


def _place(step: TempoStep, bars: Sequence[tuple[MeterChange, int]]) -> dict[str, str]:
    ticks = math.floor(step.at_beats * _TICKS_PER_BEAT + Fraction(1, 2))
    beats, rest = divmod(ticks, _TICKS_PER_BEAT)
    superclocks = math.floor(step.at_s * SUPERCLOCKS_PER_S + Fraction(1, 2))
    return {
        "sclock": str(superclocks),
        "quarters": f"{beats}:{rest}",
        "bbt": _bar_beat_tick(ticks, bars),
    }


def _bar_beat_tick(ticks: int, bars: Sequence[tuple[MeterChange, int]]) -> str:
    """Return ``bar|beat|tick`` in beats of the meter's own denominator."""
    begun = [(meter, bar) for meter, bar in bars if meter.at_beats * _TICKS_PER_BEAT <= ticks]
    meter, bar = begun[-1]
    beat_ticks = Fraction(4 * _TICKS_PER_BEAT, meter.denominator)
    since = ticks - math.floor(meter.at_beats * _TICKS_PER_BEAT + Fraction(1, 2))
    whole_bars, in_bar = divmod(Fraction(since), beat_ticks * meter.numerator)
    beat, tick = divmod(in_bar, beat_ticks)
    return f"{bar + whole_bars}|{1 + beat}|{math.floor(tick)}"
