"""What was read from a sheet as plain JSON types, for people and programs that ask."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from musicgen_daw.export.timeline_json import cue_times, hits, meters, number, tempos
from musicgen_daw.timeline import ASSUMED_FRAME_RATE, Cue, CueSheet, Timecode

__all__ = ["cue_table"]


def cue_table(sheet: CueSheet, sample_rate: int, path: str) -> dict[str, Any]:
    """Return what was read from the sheet at ``path``, as ``musicgen-daw cues --json`` tells it.

    ``timecode`` is that of the cue's start, null in a list, whose cues have no place. ``bars`` is
    the cue's length in bars, both parts of a bar and null where the sheet tells no tempo.
    """
    return {
        "path": path,
        "sample_rate": sample_rate,
        "tempo": tempos(sheet.tempo_map),
        "meters": meters(sheet.tempo_map),
        "cues": [_row(sheet, cue, sample_rate) for cue in sheet.cues],
        "warnings": [str(warning) for warning in sheet.warnings],
    }


def _row(sheet: CueSheet, cue: Cue, sample_rate: int) -> dict[str, Any]:
    tempo_map = sheet.tempo_map_of(cue)
    bars = tempo_map.bars_between(0, cue.length_s) if tempo_map else None
    return {
        "id": cue.id,
        "name": cue.name,
        **cue_times(cue, sample_rate),
        "timecode": None if sheet.is_list else _timecode(sheet, cue),
        "bars": None if bars is None else number(bars),
        "preset": cue.settings.preset,
        "prompt": cue.settings.prompt,
        "hits": hits(cue, sample_rate),
    }


def _timecode(sheet: CueSheet, cue: Cue) -> str:
    rate = sheet.frame_rate or ASSUMED_FRAME_RATE
    start_s = sheet.start_timecode.seconds if sheet.start_timecode else Fraction(0)
    return str(Timecode.at(start_s + cue.start_s, rate))
