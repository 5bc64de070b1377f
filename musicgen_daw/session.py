"""The session: every stem of every cue in its place, in samples. All hand-offs are written from
this one value. Pure: it touches no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from musicgen_daw.timeline import CueSheet, FrameRate, Hit, Score, Span, TempoMap, Timecode

__all__ = ["PlacedCue", "PlacedStem", "Session"]


@dataclass(frozen=True, slots=True)
class PlacedStem:
    """One finished file: ``path`` is relative to the output folder, with forward slashes.

    Levels are as measured on the finished file; ``None`` where a level is not defined (silence).
    """

    name: str
    path: str
    sha256: str
    channels: int
    integrated_lufs: float | None
    true_peak_dbtp: float | None


@dataclass(frozen=True, slots=True)
class PlacedCue:
    """One take of a cue with its stems; all share the cue's span, ``tail_samples`` included.

    ``asked`` and ``measured`` go into the manifest as they are; ``request`` is the clip's
    canonical request. ``loop_samples`` is the loop inside the file, end exclusive.
    """

    id: str
    name: str
    take: int
    span: Span
    tail_samples: int
    stems: tuple[PlacedStem, ...]
    hits: tuple[Hit, ...] = ()
    loop_samples: Span | None = None
    score: Score | None = None
    tempo_map: TempoMap | None = None
    preset: str = ""
    prompt: str = ""
    seed: int = 0
    backend: str = ""
    licence: str = ""
    clip_keys: tuple[str, ...] = ()
    asked: Mapping[str, float | None] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """All placed cues over one timeline. ``start_timecode`` is the timecode of sample 0."""

    title: str
    sample_rate: int
    sheet: CueSheet
    cues: tuple[PlacedCue, ...]
    tempo_map: TempoMap
    frame_rate: FrameRate
    start_timecode: Timecode
