"""The manifest: what was asked for, what was made, and what it measures, as JSON.

It is derived, sorted and free of clocks, absolute paths and secrets: the same session gives the
same text. Undefined levels are null. Text is escaped to ASCII, so that no terminal or code page
can misread it. What has to come back exactly (the length of a cue, the start of a clip) is a
fraction as text.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSheet,
    TempoMap,
    Timecode,
    to_samples,
)

__all__ = ["FORMAT_VERSION", "cues_json", "encode"]

FORMAT_VERSION = 1
"""Raised when a key changes its meaning or goes."""

_DEFAULT_FRAME_RATE = FRAME_RATES["25"]


def encode(session: Session) -> str:
    """Return the manifest of a session."""
    made = [cue for cue in session.sheet.cues if session.takes_of(cue)]
    return _json(
        {
            "format_version": FORMAT_VERSION,
            "generator": "musicgen_daw",
            "title": session.title,
            "sample_rate": session.sample_rate,
            "frame_rate": str(session.frame_rate),
            "start_timecode": str(session.start_timecode),
            "tempo": _tempos(session.tempo_map),
            "meters": _meters(session.tempo_map),
            "cues": [_manifest_cue(session, cue) for cue in made],
        }
    )


def cues_json(sheet: CueSheet, sample_rate: int, path: str) -> str:
    """Return what was read from the sheet at ``path``, as ``musicgen-daw cues --json`` tells it.

    ``timecode`` is that of the cue's start, ``bars`` its length in bars, both parts of a bar and
    null where the sheet tells no tempo.
    """
    return _json(
        {
            "path": path,
            "sample_rate": sample_rate,
            "tempo": _tempos(sheet.tempo_map),
            "meters": _meters(sheet.tempo_map),
            "cues": [_sheet_cue(sheet, cue, sample_rate) for cue in sheet.cues],
            "warnings": [str(warning) for warning in sheet.warnings],
        }
    )


# -- the manifest's cues -----------------------------------------------------------------------


def _manifest_cue(session: Session, cue: Cue) -> dict[str, Any]:
    takes = session.takes_of(cue)
    first = takes[0]
    start = Timecode.at(session.start_timecode.seconds + cue.start_s, session.frame_rate)
    return {
        "id": cue.id,
        "name": cue.name,
        **_times(cue, session.sample_rate),
        "length_s": str(cue.length_s),
        "timecode": str(start),
        "hits": _hits(cue, session.sample_rate),
        "request": {
            "preset": first.preset,
            "prompt": first.prompt,
            "backend": first.backend,
            "asked": {name: _level(value) for name, value in sorted(first.asked.items())},
        },
        "understood": dict(sorted(first.understood.items())),
        "ignored": list(first.ignored),
        "takes": [_take(session, placed) for placed in takes],
    }


def _take(session: Session, placed: PlacedCue) -> dict[str, Any]:
    loop = placed.loop_samples
    return {
        "take": placed.take,
        "verdict": placed.verdict,
        "seed": placed.seed,
        "start_samples": placed.span.start_samples,
        "end_samples": placed.span.end_samples,
        "tail_samples": placed.tail_samples,
        "loop_samples": [loop.start_samples, loop.end_samples] if loop else None,
        "licence": placed.licence,
        "clips": _clips(placed),
        "facts": dict(sorted(placed.facts.items())),
        "stems": [_stem(session, placed, stem) for stem in placed.stems],
    }


def _clips(placed: PlacedCue) -> list[dict[str, Any]]:
    return [
        {
            "layer": clip.layer,
            "start_s": str(clip.start_s),
            "key": clip.key,
            "request": json.loads(clip.request),
        }
        for clip in placed.clips
    ]


def _stem(session: Session, placed: PlacedCue, stem: PlacedStem) -> dict[str, Any]:
    return {
        "name": stem.name,
        "path": stem.path,
        "sha256": stem.sha256,
        "channels": stem.channels,
        "seconds": _number(Fraction(placed.span.length_samples, session.sample_rate)),
        "asked_lufs": _level(stem.asked_lufs),
        "measured_lufs": _level(stem.integrated_lufs),
        "asked_ceiling_dbtp": _level(stem.asked_ceiling_dbtp),
        "measured_true_peak_dbtp": _level(stem.true_peak_dbtp),
        "licence": placed.licence,
    }


# -- the sheet's cues --------------------------------------------------------------------------


def _sheet_cue(sheet: CueSheet, cue: Cue, sample_rate: int) -> dict[str, Any]:
    rate = sheet.frame_rate or _DEFAULT_FRAME_RATE
    start_s = sheet.start_timecode.seconds if sheet.start_timecode else Fraction(0)
    tempo_map = sheet.tempo_map_of(cue)
    bars = tempo_map.bars_between(0, cue.length_s) if tempo_map else None
    return {
        "id": cue.id,
        "name": cue.name,
        **_times(cue, sample_rate),
        "timecode": str(Timecode.at(start_s + cue.start_s, rate)),
        "bars": None if bars is None else _number(bars),
        "preset": cue.settings.preset,
        "prompt": cue.settings.prompt,
        "hits": _hits(cue, sample_rate),
    }


# -- what both tell ----------------------------------------------------------------------------


def _times(cue: Cue, sample_rate: int) -> dict[str, Any]:
    return {
        "start_s": _number(cue.start_s),
        "end_s": _number(cue.end_s),
        "start_samples": to_samples(cue.start_s, sample_rate),
        "end_samples": to_samples(cue.end_s, sample_rate),
    }


def _hits(cue: Cue, sample_rate: int) -> list[dict[str, Any]]:
    return [
        {
            "name": hit.name,
            "at_s": _number(hit.at_s),
            "at_samples": to_samples(hit.at_s, sample_rate),
            "important": hit.important,
        }
        for hit in cue.hits
    ]


def _tempos(tempo_map: TempoMap | None) -> list[dict[str, Any]]:
    if tempo_map is None:
        return []
    return [
        {
            **_place(tempo_map, change.at_beats),
            "bpm": _number(change.bpm),
            "us_per_beat": change.us_per_beat,
        }
        for change in tempo_map.tempos
    ]


def _meters(tempo_map: TempoMap | None) -> list[dict[str, Any]]:
    if tempo_map is None:
        return []
    return [
        {
            **_place(tempo_map, change.at_beats),
            "meter": f"{change.numerator}/{change.denominator}",
        }
        for change in tempo_map.meters
    ]


def _place(tempo_map: TempoMap, at_beats: Fraction) -> dict[str, Any]:
    return {"at_s": _number(tempo_map.seconds_at(at_beats)), "at_beats": _number(at_beats)}


def _number(exact: Fraction) -> float | int:
    return exact.numerator if exact.denominator == 1 else float(exact)


def _level(level: float | None) -> float | None:
    """Return a level to the hundredth of a dB; silence and NaN, which JSON can't tell, are null."""
    if level is None or not math.isfinite(level):
        return None
    return round(level, 2)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, allow_nan=False) + "\n"
