"""What a cue sheet loses in another format, told in sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from musicgen_daw.export.cue_fields import setting_texts
from musicgen_daw.export.marker_text import (
    cue_line,
    hit_line,
    hit_name,
    marker_name,
    marker_settings,
)
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.sheet import cell_hit, cell_name, on_timeline
from musicgen_daw.export.video_frames import FrameClock, rate_of
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.timeline import Cue, CueSheet, Hit

__all__ = [
    "Holds",
    "holds_all",
    "holds_midi_offset",
    "holds_reaper_rate",
    "holds_undropped_start",
    "losses",
    "rounding_losses",
]

_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_MIDI_FRAME_RATES = ("24", "25", "29.97df", "30")
"""MIDI's 30 drop is read as 29.97 drop, since that is what it is used for."""


def _holds_nothing(sheet: CueSheet) -> bool:  # noqa: ARG001  # as little of one sheet as of another
    """Tell that a format has no place for frame rate and start timecode."""
    return False


def holds_all(sheet: CueSheet) -> bool:  # noqa: ARG001  # as much of one sheet as of another
    """Tell that a format has a place for every frame rate and start timecode."""
    return True


def holds_midi_offset(sheet: CueSheet) -> bool:
    """Tell whether MIDI's SMPTE offset holds the start timecode of a sheet."""
    start = sheet.start_timecode
    return start is not None and start.rate.name in _MIDI_FRAME_RATES


def holds_undropped_start(sheet: CueSheet) -> bool:
    """Tell whether a count of video frames holds the start timecode: it drops none."""
    start = sheet.start_timecode
    return start is not None and not start.rate.drop_frame


def holds_reaper_rate(sheet: CueSheet) -> bool:
    """Tell whether a REAPER project holds the frame rate of a sheet."""
    rate = rate_of(sheet)
    return rate is None or rate.name != "30df"


@dataclass(frozen=True, slots=True)
class Holds:
    """What of a sheet a format has a place for; names, times and settings it always has.

    ``holder`` is what it calls the place of a text. In a table texts stand in cells; one that
    ``is_sheet`` has ids and hits of cues, and can be a list. ``picture`` tells whether frame rate
    and start timecode of a sheet are held, ``frame_rate`` that the first is in any case. With
    ``video_frames`` times are rounded to those; ``plain`` is what becomes of a text besides, and
    ``without`` names settings that have no place. Without ``regions`` a cue that another one
    overlaps ends at a marker with its name.
    """

    holder: str
    is_table: bool = False
    is_sheet: bool = False
    tempo: bool = False
    sample_rate: bool = False
    picture: Callable[[CueSheet], bool] = _holds_nothing
    frame_rate: bool = False
    video_frames: bool = False
    plain: Callable[[str], str] = str
    without: tuple[str, ...] = ()
    regions: bool = True


def losses(sheet: CueSheet, holds: Holds) -> tuple[str, ...]:
    """Return what a format can't hold of a sheet, a sentence each.

    Times that move by less than a sample, or in MIDI a tick, are not told.
    """
    return tuple(_losses(sheet, holds))


def _losses(sheet: CueSheet, holds: Holds) -> Iterator[str]:
    if sheet.is_list and not holds.is_sheet:
        yield "the cues of a list have no place in time: here they follow each other"
    if sheet.tempo_map is not None and not holds.tempo:
        place = "a table has no place" if holds.is_table else "there is no place"
        yield f"the tempo map is left out: {place} for it"
    yield from _left_to_toml(
        {**_lost_picture(sheet, holds), **_lost_sound(sheet, holds), **_whole_sheet(sheet)}
    )
    ids = [cue.id for cue in sheet.cues if not _follows_from_name(cue)]
    if ids and not holds.is_sheet:
        why = "a cue's number or name is its id" if holds.is_table else "a marker has none"
        yield f"{len(ids)} ids of cues ({ids[0]!r} first) are left out: {why}"
    if holds.video_frames:
        yield from rounding_losses(on_timeline(sheet))
    if not holds.is_sheet:
        yield from _moved_hits(sheet)
    if not holds.regions:
        yield from _shared_ends(sheet)
    for cue in sheet.cues:
        yield from _cell_changes(cue, holds) if holds.is_table else _marker_changes(cue, holds)


def _cell_changes(cue: Cue, holds: Holds) -> Iterator[str]:
    yield from _changes("name", {cue.name: cell_name(cue)}, cue, holds.holder)
    for key, text in setting_texts(cue.settings).items():
        if key in holds.without:
            yield f"{cue.name}: the {key} {text!r} is left out: there is no column for it"
        else:
            yield from _changes(key, {text: one_line(text)}, cue, holds.holder)
    if cue.settings.prompt is None and cue.settings.preset is None:
        yield f"{cue.name}: it has no prompt, so its name is read as one"
    yield from _hit_changes(cue, cell_hit if holds.is_sheet else _marker_hit, holds.holder)


def _marker_changes(cue: Cue, holds: Holds) -> Iterator[str]:
    yield from _changes("name", {cue.name: marker_name(cue)}, cue, holds.holder)
    held_texts = marker_settings(cue)
    for key, text in setting_texts(cue.settings).items():
        yield from _changes(key, {text: held_texts[key]}, cue, holds.holder)
    yield from _hit_changes(cue, _marker_hit, holds.holder)
    for text in (cue_line(cue), *map(hit_line, cue.hits)):
        if holds.plain(text) != text:
            yield f"{cue.name}: the text {text!r} became {holds.plain(text)!r}"


def _hit_changes(cue: Cue, held: Callable[[Hit], Hit], holder: str) -> Iterator[str]:
    pairs = [(hit, held(hit)) for hit in cue.hits]
    yield from _changes("hit", {hit.name: kept.name for hit, kept in pairs}, cue, holder)
    yield from _changes("prompt", {hit.prompt: kept.prompt for hit, kept in pairs}, cue, holder)


def _marker_hit(hit: Hit) -> Hit:
    return replace(hit, name=hit_name(hit), prompt=one_line(hit.prompt))


def rounding_losses(sheet: CueSheet) -> Iterator[str]:
    """Tell how far the times of a sheet move to whole video frames, if they do."""
    clock = FrameClock.of(sheet, "this format")
    times = [at for cue in sheet.cues for at in (cue.start_s, cue.end_s)]
    times += [hit.at_s for cue in sheet.cues for hit in cue.hits]
    offs_s = [off_s for at_s in times if (off_s := clock.off_s(at_s))]
    if offs_s:
        far_ms = decimal(max(offs_s) * 1000, 3)
        told = f"{len(offs_s)} of {len(times)} times move, by up to {far_ms} ms"
        yield f"times are whole video frames at {clock.rate} frames a second: {told}"


def _shared_ends(sheet: CueSheet) -> Iterator[str]:
    """Tell which cues still run when another one of their name begins, in the order of time."""
    running: dict[str, Cue] = {}
    for cue in sorted(on_timeline(sheet).cues, key=lambda cue: cue.start_s):
        name = marker_name(cue).casefold()
        twin = running.get(name)
        if twin is not None and cue.start_s < twin.end_s:
            begins = decimal(cue.start_s, 3)
            yield (
                f"{twin.name}: its end is not read, as another cue of its name begins before, "
                f"at {begins} s: give one of them another name"
            )
        running[name] = cue


def _moved_hits(sheet: CueSheet) -> Iterator[str]:
    """Tell which hits are read as those of another cue: the running one that began last."""
    if sheet.is_list:
        return
    in_order = sorted(sheet.cues, key=lambda cue: cue.start_s)
    hits = sorted(((hit.at_s, hit.name, cue) for cue in in_order for hit in cue.hits), key=_first)
    running: list[Cue] = []
    begun = 0
    for at_s, name, cue in hits:
        while begun < len(in_order) and in_order[begun].start_s <= at_s:
            running.append(in_order[begun])
            begun += 1
        while running and running[-1].end_s <= at_s:
            running.pop()
        if not running:
            yield f"{cue.name}: the hit {name!r} is outside every cue, and is left out"
        elif running[-1].id != cue.id:
            other = running[-1].name
            yield f"{cue.name}: the hit {name!r} becomes one of {other!r}, which runs too"


def _first(placed: tuple[Fraction, str, Cue]) -> Fraction:
    return placed[0]


def _lost_picture(sheet: CueSheet, holds: Holds) -> dict[str, str]:
    """Return frame rate and start timecode, where they are told, by their keys in the TOML file."""
    if holds.picture(sheet):
        return {}
    start = sheet.start_timecode
    rate = start.rate if start else sheet.frame_rate
    told = {"frame_rate": None if holds.frame_rate else rate, "timecode_start": start}
    return {key: str(value) for key, value in told.items() if value is not None}


def _lost_sound(sheet: CueSheet, holds: Holds) -> dict[str, str]:
    """Return how the stems are to be written, where it is told, by its keys in the TOML file."""
    rate = None if holds.sample_rate else sheet.sample_rate
    told = {"rate": rate, "bit_depth": sheet.bit_depth, "format": sheet.file_format}
    return {key: str(value) for key, value in told.items() if value is not None}


def _whole_sheet(sheet: CueSheet) -> dict[str, str]:
    """Return the settings that hold for the whole sheet by their keys in the TOML file."""
    seed = {} if sheet.seed is None else {"seed": str(sheet.seed)}
    return {**seed, **setting_texts(sheet.defaults)}


def _left_to_toml(settings: Mapping[str, str]) -> Iterator[str]:
    if settings:
        told = ", ".join(f"{key} = {_toml(text)}" for key, text in settings.items())
        yield f"this is left out, say it in the TOML file beside the new sheet: {told}"


def _toml(text: str) -> str:
    """Return a value as TOML has it: only a whole number is as well read without its quotes."""
    return text if _WHOLE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Return a string of TOML; JSON has the same escapes, and leaves only DEL as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", r"\u007f")


def _changes(what: str, texts: Mapping[str, str], cue: Cue, holder: str) -> Iterator[str]:
    for text, written in texts.items():
        # As it is read back: in a marker every equals sign is escaped, in a cell none is.
        held = written if written == text else written.replace(r"\=", "=")
        if held != text:
            yield f"{cue.name}: the {what} {text!r} became {held!r}, which {holder} can hold"


def _follows_from_name(cue: Cue) -> bool:
    """Tell an id that a reader makes of the name, ``Chase`` or ``Chase#2``, from a said one."""
    name, _, number = cue.id.rpartition("#")
    return cue.id == cue.name or (name == cue.name and number.isdigit())
