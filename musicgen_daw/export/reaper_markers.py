"""A sheet as a REAPER project without tracks: regions, markers, tempo map, start and frame rate.

Positions are rounded to fourteen decimals of a second. REAPER knows no drop frame at 30 frames a
second: its drop frame is that of 29.97.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from musicgen_daw.export.marker_text import cue_line, hit_line
from musicgen_daw.export.reaper import frame_rate_line, tempo_lines
from musicgen_daw.export.sheet import on_timeline
from musicgen_daw.export.video_frames import rate_of
from musicgen_daw.formats import rpp
from musicgen_daw.formats.rpp import Block, Line, block, line
from musicgen_daw.timeline import Cue, CueSheet

__all__ = ["encode"]

_REGION = 1


def encode(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return the project; cues are regions, hits are markers."""
    lines: list[Line | Block] = []
    if sheet.start_timecode is not None:
        lines.append(line("PROJOFFS", sheet.start_timecode.seconds, 0, 0))
    if (rate := rate_of(sheet)) is not None:
        lines.append(frame_rate_line(rate))
    if sheet.sample_rate is not None:
        lines.append(line("SAMPLERATE", sheet.sample_rate, 1, 0))
    if sheet.tempo_map is not None:
        lines += tempo_lines(sheet.tempo_map)
    lines += _markers(on_timeline(sheet), cue_text)
    project = block("REAPER_PROJECT", Fraction(1, 10), "7.0/musicgen_daw", 0, entries=lines)
    return rpp.dump(project).encode("utf-8")


def _markers(sheet: CueSheet, cue_text: Callable[[Cue], str]) -> Iterator[Line]:
    hits = 0
    for number, cue in enumerate(sheet.cues, 1):
        yield line("MARKER", number, cue.start_s, cue_text(cue), _REGION)
        yield line("MARKER", number, cue.end_s, "", _REGION)
        for hit in cue.hits:
            hits += 1
            yield line("MARKER", hits, hit.at_s, hit_line(hit), 0)
