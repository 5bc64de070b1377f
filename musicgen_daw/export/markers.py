"""The markers of a session as CSV, for people and for DAWs that import such tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from musicgen_daw.export.csv_cells import csv_text, safe_cell
from musicgen_daw.export.cue_fields import setting_texts
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.session import Session
from musicgen_daw.timeline import Cue, TempoMap, Timecode, to_samples

__all__ = ["COLUMNS", "encode"]

COLUMNS = (
    "#",
    "name",
    "type",
    "start timecode",
    "end timecode",
    "start s",
    "end s",
    "start samples",
    "end samples",
    "start bar|beat",
    "end bar|beat",
    "preset",
    "prompt",
)


def encode(session: Session) -> str:
    """Return all cues and hits of a session, in the order of time, as CSV with a header.

    Timecode counts from the session's start timecode, seconds and samples from its sample 0.
    Hits have no end.
    """
    placed_rows = [row for cue in session.sheet.cues for row in _rows(session, cue)]
    placed_rows.sort(key=lambda row: row[0])
    rows = [[str(number), *cells] for number, (_, cells) in enumerate(placed_rows, start=1)]
    return csv_text(COLUMNS, rows)


def _rows(session: Session, cue: Cue) -> Iterator[tuple[Fraction, list[str]]]:
    said = setting_texts(cue.settings)
    takes = session.takes_of(cue)
    preset = takes[0].preset if takes else said.get("preset", "")
    prompt = takes[0].prompt if takes else said.get("prompt", "")
    places = _places(session, cue.start_s, cue.end_s)
    words = [safe_cell(preset), safe_cell(prompt)]
    yield cue.start_s, [safe_cell(cue.name), "cue", *places, *words]
    for hit in cue.hits:
        kind = "important hit" if hit.important else "hit"
        yield hit.at_s, [safe_cell(hit.name), kind, *_places(session, hit.at_s, None), "", ""]


def _places(session: Session, start_s: Fraction, end_s: Fraction | None) -> list[str]:
    """Return start and end in each way of telling a place, in the order of ``COLUMNS``."""
    tellings: tuple[Callable[[Fraction], str], ...] = (
        lambda seconds: _timecode(session, seconds),
        decimal,
        lambda seconds: str(to_samples(seconds, session.sample_rate)),
        lambda seconds: _bar_and_beat(session.tempo_map, seconds),
    )
    return [
        "" if seconds is None else tell(seconds)
        for tell in tellings
        for seconds in (start_s, end_s)
    ]


def _timecode(session: Session, seconds: Fraction) -> str:
    return str(Timecode.at(session.start_timecode.seconds + seconds, session.frame_rate))


def _bar_and_beat(tempo_map: TempoMap, seconds: Fraction) -> str:
    """Return ``bar|beat``, both from 1, in beats of the meter's own denominator."""
    beats = tempo_map.beats_at(seconds)
    position = tempo_map.bar_at(beats)
    beat = 1 + position.beat * tempo_map.meter_at(beats).denominator / 4
    return f"{position.bar}|{decimal(beat, 3)}"
