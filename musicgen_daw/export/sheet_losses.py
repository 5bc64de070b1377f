"""What a cue sheet loses in another format, told in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from musicgen_daw.export.cue_fields import setting_texts
from musicgen_daw.export.marker_text import hit_name, marker_name, marker_settings
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.sheet import cell_hit_name, cell_name
from musicgen_daw.timeline import Cue, CueSheet

__all__ = ["losses"]

_MIDI_FRAME_RATES = ("24", "25", "29.97df", "30")
"""MIDI's 30 drop is read as 29.97 drop, since that is what it is used for."""


def losses(sheet: CueSheet, format_: Literal["csv", "mid"]) -> tuple[str, ...]:
    """Return what ``sheet_csv`` or ``sheet_midi`` can't hold of a sheet, a sentence each.

    Times that move by less than a sample (CSV) or a tick (MIDI) are not told.
    """
    return tuple(_csv_losses(sheet) if format_ == "csv" else _midi_losses(sheet))


def _csv_losses(sheet: CueSheet) -> Iterator[str]:
    if sheet.tempo_map is not None:
        yield "the tempo map is left out: a table has no place for it"
    yield from _left_to_toml({**_picture(sheet), **_whole_sheet(sheet)})
    for cue in sheet.cues:
        yield from _changes("name", {cue.name: cell_name(cue)}, cue, "a cell")
        for key, text in setting_texts(cue.settings).items():
            yield from _changes(key, {text: one_line(text)}, cue, "a cell")
        yield from _changes("hit", {h.name: cell_hit_name(h) for h in cue.hits}, cue, "a cell")


def _midi_losses(sheet: CueSheet) -> Iterator[str]:
    if sheet.is_list:
        yield "the cues of a list have no place in time: in MIDI they follow each other"
    held = sheet.start_timecode is not None and sheet.start_timecode.rate.name in _MIDI_FRAME_RATES
    yield from _left_to_toml({**({} if held else _picture(sheet)), **_whole_sheet(sheet)})
    ids = [cue.id for cue in sheet.cues if not _follows_from_name(cue)]
    if ids:
        yield f"{len(ids)} ids of cues ({ids[0]!r} first) are left out: a marker has none"
    for cue in sheet.cues:
        yield from _changes("name", {cue.name: marker_name(cue)}, cue, "a marker")
        held_texts = marker_settings(cue)
        for key, text in setting_texts(cue.settings).items():
            yield from _changes(key, {text: held_texts[key]}, cue, "a marker")
        yield from _changes("hit", {h.name: hit_name(h) for h in cue.hits}, cue, "a marker")


def _picture(sheet: CueSheet) -> dict[str, str]:
    """Return frame rate and start timecode, where they are told, by their keys in the TOML file."""
    start = sheet.start_timecode
    rate = start.rate if start else sheet.frame_rate
    told = {"frame_rate": rate, "timecode_start": start}
    return {key: str(value) for key, value in told.items() if value is not None}


def _whole_sheet(sheet: CueSheet) -> dict[str, str]:
    """Return the settings that hold for the whole sheet by their keys in the TOML file."""
    seed = {} if sheet.seed is None else {"seed": str(sheet.seed)}
    return {**seed, **setting_texts(sheet.defaults)}


def _left_to_toml(settings: Mapping[str, str]) -> Iterator[str]:
    if settings:
        told = ", ".join(f"{key} = {text}" for key, text in settings.items())
        yield f"this is left out, say it in the TOML file beside the new sheet: {told}"


def _changes(what: str, texts: Mapping[str, str], cue: Cue, holder: str) -> Iterator[str]:
    for text, written in texts.items():
        held = written.replace(r"\=", "=")  # as it is read back
        if held != text:
            yield f"{cue.name}: the {what} {text!r} became {held!r}, which {holder} can hold"


def _follows_from_name(cue: Cue) -> bool:
    """Tell an id that a reader makes of the name, ``Chase`` or ``Chase#2``, from a said one."""
    name, _, number = cue.id.rpartition("#")
    return cue.id == cue.name or (name == cue.name and number.isdigit())
