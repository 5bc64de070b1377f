"""The session as a set for Ableton Live 11 and later: tracks, clips, tempo, meters, locators.

Experimental: the format is not published, and no Live was at hand. What is written follows what
people found in sets that Live saved, and public readers of such sets read it back.

Each clip lies at its beat, unwarped, so that Live stretches nothing, and refers to its stem by a
path relative to the set; the folder beside it makes Live take all of it for a project.

What the format can't carry: frame rate and start timecode, other takes, and the length of cues.
Whether Live takes a set that lacks what is only of its window, and finds sound that no clip of its
session view holds, is not known.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from fractions import Fraction

from musicgen_daw.export.ableton_set.song import encode, meter_number
from musicgen_daw.export.arrangement import other_takes
from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.names import safe_name
from musicgen_daw.export.tempo_steps import tempo_steps
from musicgen_daw.session import Session

__all__ = ["files"]

_PROJECT = "Ableton Project Info/about.txt"
_ABOUT = "This folder tells Ableton Live that the set beside it and the stems are one project.\n"
_TEMPOS_BPM = 20, 999
_GRID_BEATS = Fraction(1, 4)


def files(session: Session) -> list[ExportFile]:
    """Return ``NAME.als`` and what makes its folder a project."""
    content = gzip.compress(encode(session), mtime=0)
    path = f"{safe_name(session.title)}.als"
    return [
        ExportFile(_PROJECT, _ABOUT.encode("ascii")),
        ExportFile(path, content, tuple(_losses(session))),
    ]


def _losses(session: Session) -> Iterator[str]:
    yield "it is experimental: public readers read it back, but no Live has opened it yet"
    steps = list(tempo_steps(session.tempo_map))
    slowest, fastest = _TEMPOS_BPM
    if any(not slowest <= step.bpm <= fastest for step in steps):
        yield f"Live's tempos end at {slowest} and {fastest} bpm: what goes beyond is out of place"
    if any(step.at_beats % _GRID_BEATS for step in steps):
        yield "Live changes tempo on sixteenths: what follows a change between them may be off"
    untold = sum(1 for step in steps if step.meter and meter_number(step.meter) is None)
    if untold:
        yield f"Live has no meters with more than 99 beats or below sixteenths: {untold} left out"
    yield from other_takes(session)
