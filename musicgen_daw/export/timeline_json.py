"""Cues' times, hits and tempo maps as plain JSON types, for the manifest and the table of cues."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from musicgen_daw.timeline import Cue, TempoMap, to_samples

__all__ = ["cue_times", "hits", "meters", "number", "tempos"]


def cue_times(cue: Cue, sample_rate: int) -> dict[str, Any]:
    """Return start and end in seconds and in samples."""
    return {
        "start_s": number(cue.start_s),
        "end_s": number(cue.end_s),
        "start_samples": to_samples(cue.start_s, sample_rate),
        "end_samples": to_samples(cue.end_s, sample_rate),
    }


def hits(cue: Cue, sample_rate: int) -> list[dict[str, Any]]:
    """Return the cue's hits, placed on the timeline as the cue is; what it sets, where it does."""
    return [
        {
            "name": hit.name,
            "at_s": number(hit.at_s),
            "at_samples": to_samples(hit.at_s, sample_rate),
            "important": hit.important,
            **({"prompt": hit.prompt} if hit.prompt else {}),
            **({"intensity": list(hit.intensity)} if hit.intensity else {}),
        }
        for hit in cue.hits
    ]


def tempos(tempo_map: TempoMap | None) -> list[dict[str, Any]]:
    """Return the steps of tempo; none where no tempo is told."""
    if tempo_map is None:
        return []
    return [
        {
            **_place(tempo_map, change.at_beats),
            "bpm": number(change.bpm),
            "us_per_beat": change.us_per_beat,
        }
        for change in tempo_map.tempos
    ]


def meters(tempo_map: TempoMap | None) -> list[dict[str, Any]]:
    """Return the changes of meter, with groups where they are told; none without a tempo."""
    if tempo_map is None:
        return []
    return [
        {
            **_place(tempo_map, change.at_beats),
            "meter": f"{change.numerator}/{change.denominator}",
            **({"groups": list(change.groups)} if change.groups else {}),
        }
        for change in tempo_map.meters
    ]


def number(exact: Fraction) -> float | int:
    """Return a whole number as one, any other as the nearest float."""
    return exact.numerator if exact.denominator == 1 else float(exact)


def _place(tempo_map: TempoMap, at_beats: Fraction) -> dict[str, Any]:
    return {"at_s": number(tempo_map.seconds_at(at_beats)), "at_beats": number(at_beats)}
