"""A score as JSON, exactly: fractions stay fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from musicgen_daw.timeline import MeterChange, Note, Part, Score, TempoChange, TempoMap

__all__ = ["entrances", "from_json", "to_json"]


def to_json(score: Score) -> dict[str, Any]:
    """Return a score in JSON types; a position is ``"11/2"``, a note one short list."""
    return {
        "tempos": [[str(t.at_beats), t.us_per_beat] for t in score.tempo_map.tempos],
        "meters": [
            [str(m.at_beats), m.numerator, m.denominator, *([list(m.groups)] if m.groups else [])]
            for m in score.tempo_map.meters
        ],
        "pickup_beats": str(score.tempo_map.pickup_beats),
        "parts": [
            {
                "name": part.name,
                "stem": part.stem,
                "program": part.program,
                "drums": part.drums,
                **({"slides": True} if part.slides else {}),
                **({} if part.enters is None else {"enters": part.enters}),
                "notes": [
                    [str(note.start_beats), str(note.length_beats), note.pitch, note.velocity]
                    for note in part.notes
                ],
            }
            for part in score.parts
        ],
    }


def from_json(values: dict[str, Any]) -> Score:
    """Return the score that ``to_json`` wrote.

    Raises:
        KeyError, TypeError, ValueError: where the values are no score.
    """
    tempo_map = TempoMap(
        tuple(TempoChange(Fraction(at), us_per_beat) for at, us_per_beat in values["tempos"]),
        tuple(_meter(*meter) for meter in values["meters"]),
        Fraction(values["pickup_beats"]),
    )
    return Score(tempo_map, tuple(_part(part) for part in values["parts"]))


def entrances(values: dict[str, Any]) -> dict[str, float]:
    """Return the intensity from which on each stem plays, without reading the notes.

    A stem whose parts follow no intensity is left out.

    Raises:
        KeyError, TypeError, ValueError: where the values are no score.
    """
    found: dict[str, float] = {}
    for part in values["parts"]:
        if part.get("enters") is not None:
            stem, enters = str(part["stem"]), float(part["enters"])
            if not 0 <= enters <= 1:
                raise ValueError(f"{enters} is no intensity")
            found[stem] = min(enters, found.get(stem, enters))
    return found


def _meter(at: str, numerator: int, denominator: int, groups: Sequence[int] = ()) -> MeterChange:
    return MeterChange(Fraction(at), numerator, denominator, tuple(groups))


def _part(values: dict[str, Any]) -> Part:
    notes = tuple(
        Note(Fraction(start), Fraction(length), pitch, velocity)
        for start, length, pitch, velocity in values["notes"]
    )
    return Part(
        values["name"],
        values["stem"],
        values["program"],
        notes,
        values["drums"],
        values.get("slides", False),
        values.get("enters"),
    )
