"""Copies of the chosen takes whose names tell where they belong, for programs that read no places.

Pro Tools, and the people who conform a reel, sort files by start timecode; Ableton Live reads
neither time stamps nor markers, so there the name tells bar, beat and tempo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from posixpath import splitext

from musicgen_daw.export.arrangement import LaidCue, lay_out
from musicgen_daw.export.files import CopyOf, ExportFile
from musicgen_daw.export.names import distinct_names
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import TempoMap, Timecode

__all__ = ["bar_and_beat", "for_ableton", "for_protools", "start_timecode"]


def for_protools(session: Session) -> list[ExportFile]:
    """Return the stems as ``protools/01.00.10.12_1M1_Chase_mix.wav``.

    Their time stamps place them to the sample (Spot Mode, Original Time Stamp), the timecode in
    the name only to the video frame.
    """
    return _copies(session, "protools", lambda cue: start_timecode(session, cue).translate(_DOTS))


def for_ableton(session: Session) -> list[ExportFile]:
    """Return the stems as ``ableton/bar005.1_120bpm_1M1_Chase_mix.wav``.

    A cue that starts off the grid is rounded to the thousandth of a beat in its name; where its
    tempo changes, none is told.
    """
    return _copies(session, "ableton", lambda cue: "_".join(_musical(session, cue)))


_MAX_NAME_BYTES = 160
"""Room for the place before a cue's name and a stem's."""

_DOTS = str.maketrans(":;", "..")


def start_timecode(session: Session, cue: LaidCue) -> str:
    """Return the timecode of the video frame in which a cue begins."""
    start_s = session.start_timecode.seconds + Fraction(cue.start_samples, session.sample_rate)
    return str(Timecode.at(start_s, session.frame_rate))


def bar_and_beat(session: Session, cue: LaidCue) -> tuple[int, Fraction]:
    """Return the bar in which a cue begins, and its beat in the meter's own, both from 1."""
    tempo_map = session.tempo_map
    at_beats = tempo_map.beats_at(Fraction(cue.start_samples, session.sample_rate))
    position = tempo_map.bar_at(at_beats)
    return position.bar, 1 + position.beat * tempo_map.meter_at(at_beats).denominator / 4


def _musical(session: Session, cue: LaidCue) -> Iterator[str]:
    bar, beat = bar_and_beat(session, cue)
    yield f"bar{bar:03}.{decimal(beat, 3)}"
    tempo_map: TempoMap | None = cue.chosen.tempo_map if cue.chosen else None
    if tempo_map is not None and len(tempo_map.tempos) == 1:
        yield f"{decimal(tempo_map.tempos[0].bpm, 2)}bpm"


def _copies(session: Session, folder: str, place: Callable[[LaidCue], str]) -> list[ExportFile]:
    found = [
        (f"{place(cue)}_{placed.name}_{stem.name}", stem)
        for cue, placed, stem in _chosen_stems(session)
    ]
    names = distinct_names((name for name, _ in found), _MAX_NAME_BYTES)
    return [
        ExportFile(f"{folder}/{name}{splitext(stem.path)[1]}", CopyOf(stem.path))
        for name, (_, stem) in zip(names, found, strict=True)
    ]


def _chosen_stems(session: Session) -> Iterator[tuple[LaidCue, PlacedCue, PlacedStem]]:
    for cue in lay_out(session):
        if cue.chosen is not None:
            for stem in cue.chosen.stems:
                yield cue, cue.chosen, stem
