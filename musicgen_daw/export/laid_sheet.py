"""The sheet of a session as it lies in every hand-off: all cues on one timeline."""

from __future__ import annotations

from dataclasses import replace

from musicgen_daw.export.arrangement import lay_out
from musicgen_daw.session import Session
from musicgen_daw.timeline import CueSheet

__all__ = ["laid_sheet"]


def laid_sheet(session: Session) -> CueSheet:
    """Return the sheet with the session's rates, start and tempo; all its cues have places."""
    return replace(
        session.sheet,
        cues=tuple(laid.cue for laid in lay_out(session)),
        is_list=False,
        tempo_map=session.tempo_map,
        frame_rate=session.frame_rate,
        start_timecode=session.start_timecode,
        sample_rate=session.sample_rate,
    )
