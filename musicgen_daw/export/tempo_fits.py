"""The tempos that fit the hits of a sheet's cues as plain JSON types."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from musicgen_daw.export.timeline_json import number
from musicgen_daw.timeline import (
    ASSUMED_FRAME_RATE,
    FOUR_FOUR,
    Cue,
    CueSheet,
    MeterChange,
    TempoFit,
    TempoMap,
    fit_of_map,
    pulse_beats,
    rank_tempos,
)

__all__ = ["tempo_fits"]


def tempo_fits(
    sheet: CueSheet,
    path: str,
    *,
    range_bpm: tuple[Fraction, Fraction],
    window_video_frames: Fraction,
    most: int,
) -> dict[str, Any]:
    """Return the tempos that fit each cue's hits, as ``cues --fit-tempo --json`` tells them.

    ``now`` is how the hits lie at the tempo that the sheet tells, null where it tells none. Misses
    are in video frames, positive where the hit comes after the beat; ``beat`` counts from 0.
    """
    rate = sheet.frame_rate or ASSUMED_FRAME_RATE
    window = window_video_frames

    def told(fit: TempoFit) -> dict[str, Any]:
        return {
            "bpm": number(fit.bpm),
            "caught": fit.caught(window),
            "mean_miss_video_frames": _rounded(fit.mean_miss_video_frames),
            "worst_miss_video_frames": _rounded(fit.worst_miss_video_frames),
            "hits": [
                {"beat": miss.beat, "miss_video_frames": _rounded(miss.miss_video_frames)}
                for miss in fit.misses
            ],
        }

    cues = []
    for cue in sheet.cues:
        hits = [replace(hit, at_s=hit.at_s - cue.start_s) for hit in cue.hits]
        tempo_map = sheet.tempo_map_of(cue)
        ranked = rank_tempos(
            hits,
            rate.fps,
            lowest_bpm=range_bpm[0],
            highest_bpm=range_bpm[1],
            window_video_frames=window,
            pulse=pulse_beats(_meter(cue, tempo_map)),
            most=most,
        )
        cues.append(
            {
                "id": cue.id,
                "name": cue.name,
                "hits": [
                    {"name": hit.name, "in_cue_s": number(hit.at_s), "important": hit.important}
                    for hit in hits
                ],
                "now": told(fit_of_map(hits, rate.fps, tempo_map)) if tempo_map and hits else None,
                "tempos": [told(fit) for fit in ranked],
            }
        )
    return {
        "path": path,
        "frame_rate": str(rate),
        "range_bpm": [number(bpm) for bpm in range_bpm],
        "window_video_frames": number(window),
        "cues": cues,
    }


def _meter(cue: Cue, tempo_map: TempoMap | None) -> MeterChange:
    """Return the meter that a cue begins in, 4/4 where nobody tells one."""
    if tempo_map is not None:
        return tempo_map.meters[0]
    return MeterChange(Fraction(0), *(cue.settings.meter or FOUR_FOUR))


def _rounded(frames: Fraction) -> float:
    """Return video frames to a thousandth, which is finer than any sample."""
    return round(float(frames), 3) + 0.0  # so that no zero is negative
