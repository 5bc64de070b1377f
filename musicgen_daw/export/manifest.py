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

from musicgen_daw.export.json_text import indented
from musicgen_daw.export.timeline_json import cue_times, hits, meters, number, tempos
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import Cue, Timecode

__all__ = ["FORMAT_VERSION", "encode"]

FORMAT_VERSION = 1
"""Raised when a key changes its meaning or goes."""


def encode(session: Session) -> str:
    """Return the manifest of a session."""
    made = [cue for cue in session.sheet.cues if session.takes_of(cue)]
    values = {
        "format_version": FORMAT_VERSION,
        "generator": "musicgen_daw",
        "title": session.title,
        "sample_rate": session.sample_rate,
        "frame_rate": str(session.frame_rate),
        "start_timecode": str(session.start_timecode),
        "tempo": tempos(session.tempo_map),
        "meters": meters(session.tempo_map),
        "cues": [_manifest_cue(session, cue) for cue in made],
    }
    return f"{indented(values)}\n"


def _manifest_cue(session: Session, cue: Cue) -> dict[str, Any]:
    takes = session.takes_of(cue)
    first = takes[0]
    start = Timecode.at(session.start_timecode.seconds + cue.start_s, session.frame_rate)
    return {
        "id": cue.id,
        "name": cue.name,
        **cue_times(cue, session.sample_rate),
        "length_s": str(cue.length_s),
        "timecode": str(start),
        "hits": hits(cue, session.sample_rate),
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
            "facts": dict(sorted(clip.facts.items())),
        }
        for clip in placed.clips
    ]


def _stem(session: Session, placed: PlacedCue, stem: PlacedStem) -> dict[str, Any]:
    return {
        "name": stem.name,
        "path": stem.path,
        "sha256": stem.sha256,
        "channels": stem.channels,
        "seconds": number(Fraction(placed.span.length_samples, session.sample_rate)),
        "asked_lufs": _level(stem.asked_lufs),
        "measured_lufs": _level(stem.integrated_lufs),
        "asked_ceiling_dbtp": _level(stem.asked_ceiling_dbtp),
        "measured_true_peak_dbtp": _level(stem.true_peak_dbtp),
        "licence": placed.licence,
    }


def _level(level: float | None) -> float | None:
    """Return a level to the hundredth of a dB; silence and NaN, which JSON can't tell, are null."""
    if level is None or not math.isfinite(level):
        return None
    return round(level, 2)
