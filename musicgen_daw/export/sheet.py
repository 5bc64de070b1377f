"""A cue sheet in another format, for ``musicgen-daw cues --to``: what is written reads back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.export.csv_cells import csv_text, safe_cell
from musicgen_daw.export.cue_fields import setting_texts, used_keys
from musicgen_daw.export.marker_text import cue_line, hit_text, markers_of
from musicgen_daw.export.midi_conductor import conductor_track
from musicgen_daw.export.midi_ticks import midi_file
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.timeline import Cue, CueSheet, Hit

__all__ = ["cell_hit", "cell_name", "moved", "on_timeline", "sheet_csv", "sheet_midi"]

_END = re.compile(r"=?end|\[end\]", re.IGNORECASE)


def sheet_csv(sheet: CueSheet, delimiter: str = ",") -> str:
    """Return the sheet as CSV with times in seconds; the cues of a list have no starts.

    Lengths are told and not ends, since the column ``end`` also names how a cue ends. A tempo map
    has no place in a table: only the tempos that cues set themselves are told.
    """
    keys = used_keys(sheet.cues)
    starts = () if sheet.is_list else ("start",)
    hits = ("hits",) if any(cue.hits for cue in sheet.cues) else ()
    header = ("id", "name", *starts, "length", *hits, *keys)
    cues = sorted(sheet.cues, key=lambda cue: cue.start_s)
    cells = [_cells(cue) for cue in cues]
    rows = [[row.get(column, "") for column in header] for row in cells]
    return csv_text(header, rows, delimiter)


def sheet_midi(sheet: CueSheet) -> bytes:
    """Return the sheet as a MIDI file of markers.

    The cues of a list, which have no place in time, follow each other. A sheet without tempo
    stays without: no tempo event is written.
    """
    markers = markers_of(on_timeline(sheet).cues, cue_line)
    conductor = conductor_track(sheet.title, sheet.tempo_map, sheet.start_timecode, markers)
    return midi_file([conductor])


def on_timeline(sheet: CueSheet) -> CueSheet:
    """Return the sheet as it is, or the cues of a list, which have no place, one after another."""
    if not sheet.is_list:
        return sheet
    return replace(sheet, cues=tuple(_in_a_row(sheet.cues)), is_list=False)


def moved(cue: Cue, start_s: Fraction) -> Cue:
    """Return the cue with its hits at another start."""
    by_s = start_s - cue.start_s
    hits = tuple(replace(hit, at_s=hit.at_s + by_s) for hit in cue.hits)
    return replace(cue, start_s=start_s, end_s=cue.end_s + by_s, hits=hits)


def cell_name(cue: Cue) -> str:
    """Return the cue's name without anything that would make its row a hit or an end."""
    name = one_line(cue.name).lstrip("! ") or "cue"
    return f"({name})" if _END.fullmatch(name) else name


def cell_hit(hit: Hit) -> Hit:
    """Return the hit without the sign that parts hits in its words."""
    name, prompt = (one_line(text).replace(";", ",") for text in (hit.name, hit.prompt))
    return replace(hit, name=name, prompt=prompt)


def _in_a_row(cues: Sequence[Cue]) -> list[Cue]:
    row: list[Cue] = []
    for cue in cues:
        row.append(moved(cue, row[-1].end_s if row else Fraction(0)))
    return row


def _cells(cue: Cue) -> dict[str, str]:
    settings = {key: safe_cell(text) for key, text in setting_texts(cue.settings).items()}
    return {
        "id": safe_cell(cue.id),
        "name": safe_cell(cell_name(cue)),
        "start": decimal(cue.start_s),
        "length": decimal(cue.length_s),
        "hits": "; ".join(map(_hit_cell, cue.hits)),
        **settings,
    }


def _hit_cell(hit: Hit) -> str:
    """Return ``12.5 look`` or, for an important hit, ``!12.5 door slam``."""
    sign = "!" if hit.important else ""
    return f"{sign}{decimal(hit.at_s)} {hit_text(cell_hit(hit))}".rstrip()
