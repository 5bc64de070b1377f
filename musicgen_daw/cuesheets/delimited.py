"""CSV and TSV cue sheets: one row a cue or hit, named columns.

    name,start,end,preset,prompt,bpm
    1M1 Chase,00:00:10.500,00:01:02,action-hybrid,"brass stabs, relentless",142

With a ``start`` column that is filled it is a timeline, otherwise a list of cues that stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from musicgen_daw.cuesheets.assemble import DEFAULT_BPM, assemble
from musicgen_daw.cuesheets.encoding import decode, decoded
from musicgen_daw.cuesheets.events import CueEvent, EndEvent, HitEvent, SheetEvent
from musicgen_daw.cuesheets.keys import KEYS, LENGTH_KEYS, settings_of
from musicgen_daw.cuesheets.marker import EndText, HitText, hit_of, parse_hit
from musicgen_daw.cuesheets.marker import parse as parse_marker
from musicgen_daw.cuesheets.marks import said_tempo
from musicgen_daw.cuesheets.reader import Reader, SheetOptions, standing_at
from musicgen_daw.cuesheets.table import Row
from musicgen_daw.cuesheets.table import read as read_table
from musicgen_daw.cuesheets.times import Ruler, is_musical, is_timecode
from musicgen_daw.errors import CueSheetError, did_you_mean
from musicgen_daw.presets.schema import ENDINGS
from musicgen_daw.timeline import (
    ASSUMED_FRAME_RATE,
    FOUR_FOUR,
    CueSettings,
    CueSheet,
    FrameRate,
    Hit,
    SheetWarning,
    TempoMap,
)

__all__ = ["READER", "knows", "parse"]

_PLACE_COLUMNS = ("id", "name", "start", "end", "length", "hits")
_IGNORED_COLUMNS = ("#", "color", "notes")
_COLUMNS = (*_PLACE_COLUMNS, *_IGNORED_COLUMNS, *KEYS)

# Several hits in one cell are parted by ";", which is not the one inside drop-frame timecode.
_BETWEEN_HITS = re.compile(r"(?<!\d\d:\d\d:\d\d);|;(?!\d\d(?![\d:.]))", re.ASCII)


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a CSV or TSV sheet, delimited by what its header has most of: comma, semicolon, tab.

    Raises:
        CueSheetError: with line and column, for whatever can't be meant.
    """
    warnings: list[SheetWarning] = []
    table = read_table(decoded(content, options.charset, warnings))
    rows = table.rows
    _check_columns(table.columns)
    if not rows:
        raise CueSheetError("the sheet has no cue: there is no row below the header")
    is_list = not any("start" in row.cells for row in rows)
    options = options.settled()
    frame_rate = _frame_rate(rows, options, warnings)
    tempo_map = None if is_list else _tempo_map(rows, options, warnings)
    start_timecode = options.started_at()
    ruler = Ruler(
        frame_rate or ASSUMED_FRAME_RATE,
        start_timecode.seconds if start_timecode else Fraction(0),
        tempo_map or TempoMap(),
    )
    events = _list(rows, ruler) if is_list else _timeline(rows, ruler)
    cues, notes = assemble(events, options, tempo_map)
    if not cues:
        raise CueSheetError("the sheet has rows, but none of them is a cue")
    return CueSheet(
        title=options.title,
        cues=cues,
        tempo_map=tempo_map,
        frame_rate=frame_rate,
        start_timecode=start_timecode,
        is_list=is_list,
        seed=options.seed,
        sample_rate=options.sample_rate,
        bit_depth=options.bit_depth,
        file_format=options.file_format,
        warnings=(*warnings, *notes),
        defaults=options.defaults,
    )


def _check_columns(columns: Sequence[str]) -> None:
    if columns and "|" in columns[0]:
        reason = "the columns are parted by |: use commas, semicolons or tabs"
        raise CueSheetError(reason, place="line 1")
    for column in columns:
        if column not in _COLUMNS:
            raise CueSheetError(
                f"unknown column {column[:40]!r}{did_you_mean(column, _COLUMNS)}; "
                "the first line names the columns: name, start, end, preset, prompt, …",
                place="line 1",
            )
    if "name" not in columns:
        raise CueSheetError("there is no column 'name' in the header", place="line 1")


# -- the sheet's clock -------------------------------------------------------------------------


def _frame_rate(
    rows: Sequence[Row], options: SheetOptions, warnings: list[SheetWarning]
) -> FrameRate | None:
    """Return the frame rate that is said, or the one that drop-frame labels imply."""
    if options.frame_rate is not None:
        return options.frame_rate
    labels = [
        cell
        for row in rows
        for column in ("start", "end", "length")
        if is_timecode(cell := row.cells.get(column, ""))
    ]
    if any(";" in label for label in labels):
        return FrameRate.named("29.97df")
    if labels:
        warnings.append(
            SheetWarning("", "no frame rate is said, so timecode is read at 25 frames a second")
        )
    return None


def _tempo_map(
    rows: Sequence[Row], options: SheetOptions, warnings: list[SheetWarning]
) -> TempoMap | None:
    """Return the sheet's map: the tempo said for it, or what bar|beat times need."""
    defaults = options.defaults
    meter = defaults.meter or FOUR_FOUR
    if defaults.bpm is not None:
        return TempoMap.constant(defaults.bpm, *meter)
    if not any(is_musical(row.cells.get(c, "")) for row in rows for c in ("start", "end")):
        return said_tempo(options, warnings)
    warnings.append(
        SheetWarning("", f"no tempo is said for the sheet, so bars are read at {DEFAULT_BPM} bpm")
    )
    return TempoMap.constant(DEFAULT_BPM, *meter)


# -- rows --------------------------------------------------------------------------------------


def _list(rows: Sequence[Row], ruler: Ruler) -> list[SheetEvent]:
    events: list[SheetEvent] = []
    for row in rows:
        event = _cue(row, Fraction(0), ruler, on_timeline=False)
        if event.end_s is None and all(row.cells.get(key) is None for key in LENGTH_KEYS):
            raise CueSheetError(
                f"{event.name!r} has no length: fill length, seconds, bars or beats",
                place=row.place(),
            )
        events.append(event)
    return events


def _timeline(rows: Sequence[Row], ruler: Ruler) -> list[SheetEvent]:
    events: list[SheetEvent] = []
    before: Row | None = None
    for row in rows:
        if "start" not in row.cells:
            raise CueSheetError("the row has no start, other rows have one", place=row.place())
        with standing_at(row.place("start")):
            at_s = ruler.position(row.cells["start"])
        if before is not None and at_s < events[-1].at_s:
            raise CueSheetError(
                f"{row.cells['start']} is before the start of line {before.line}: sort the rows",
                place=row.place("start"),
            )
        events.append(_event(row, at_s, ruler))
        before = row
    return events


def _event(row: Row, at_s: Fraction, ruler: Ruler) -> SheetEvent:
    name = row.cells.get("name", "")
    if name.startswith("!") or name.lower() in ("end", "=end", "[end]"):
        marker = parse_marker(name)
        if isinstance(marker, HitText):
            own = hit_of(marker.name, _settings(row), important=marker.important)
            prompt, levels = marker.prompt or own.prompt, marker.intensity or own.intensity
            return HitEvent(at_s, own.name, row.place(), own.important, prompt, levels)
        if isinstance(marker, EndText):
            return EndEvent(at_s, "", row.place())
    return _cue(row, at_s, ruler, on_timeline=True)


def _cue(row: Row, at_s: Fraction, ruler: Ruler, *, on_timeline: bool) -> CueEvent:
    name = row.cells.get("name") or row.cells.get("id")
    if not name:
        raise CueSheetError("the row has no name", place=row.place())
    settings = _settings(row)
    end_s = _end(row, at_s, ruler, on_timeline=on_timeline)
    return CueEvent(
        at_s,
        name,
        row.place(),
        settings,
        id=row.cells.get("id", ""),
        end_s=end_s,
        hits=_hits(row, at_s, ruler, on_timeline=on_timeline),
        bare=settings.preset is None and settings.prompt is None,
    )


def _settings(row: Row) -> CueSettings:
    told = [
        (column, text)
        for column, text in row.cells.items()
        if column in KEYS and not (column == "end" and text.lower() not in ENDINGS)
    ]
    try:
        return settings_of(told)
    except ValueError:  # then cell by cell, to tell which it is; a second length is told later
        settings = CueSettings()
        for column, text in told:
            with standing_at(row.place(column)):
                settings = settings.filled_from(settings_of([(column, text)]))
        return settings


def _end(row: Row, at_s: Fraction, ruler: Ruler, *, on_timeline: bool) -> Fraction | None:
    """Return where the row's cue ends, if the row says so by a time; the length keys say it too."""
    said = [column for column in ("length", *LENGTH_KEYS) if column in row.cells]
    end = row.cells.get("end", "")
    end_s = None
    if end and end.lower() not in ENDINGS:  # read first: a misspelt ending is no length
        with standing_at(row.place("end")):
            end_s = _end_position(end, ruler, on_timeline=on_timeline)
            if end_s <= at_s:
                raise ValueError(f"{end} is not after the start")
    if len(said) > 1 or (end_s is not None and said and said != ["length"]):
        columns = " and ".join(["end"] * (end_s is not None) + said)
        raise CueSheetError(f"{columns} give the length twice: keep one", place=row.place())
    if end_s is not None:
        return end_s
    if "length" in row.cells:
        with standing_at(row.place("length")):
            length_s = ruler.length(row.cells["length"])
            if length_s <= 0:
                raise ValueError(f"{row.cells['length']} is no length: it must be positive")
        return at_s + length_s
    return None


def _end_position(text: str, ruler: Ruler, *, on_timeline: bool) -> Fraction:
    try:
        end_s = ruler.position(text)
    except ValueError as error:
        hint = did_you_mean(text.lower(), ENDINGS)
        raise ValueError(f"{error}, or an ending: {', '.join(ENDINGS)}{hint}") from None
    if not on_timeline:
        raise ValueError("an end time needs a start: give the length instead")
    return end_s


def _hits(row: Row, at_s: Fraction, ruler: Ruler, *, on_timeline: bool) -> tuple[Hit, ...]:
    """Read ``12.5; !15 door slam``: on a timeline sheet times, in a list from the cue's start."""
    hits = []
    with standing_at(row.place("hits")):
        for text in _BETWEEN_HITS.split(row.cells.get("hits", "")):
            time, _, said = text.strip().lstrip("!").strip().partition(" ")
            if time:
                hit_s = ruler.position(time) if on_timeline else at_s + ruler.length(time)
                hit = parse_hit(said, important=text.strip().startswith("!"))
                hits.append(Hit(hit_s, hit.name, hit.important, hit.prompt, hit.intensity))
    return tuple(sorted(hits))


def knows(column: str) -> bool:
    """Tell whether a CSV sheet may have a column of this name."""
    return column in _COLUMNS


def _recognises(content: bytes) -> bool:
    try:
        header = decode(content[:4096])[0].lstrip("\ufeff\r\n").partition("\n")[0]
        return "name" in read_table(header).columns
    except CueSheetError:
        return False


READER = Reader("CSV", (".csv", ".tsv", ".tab"), _recognises, parse)
