"""DaVinci Resolve's edit index as CSV or text (Timelines > Export > Edit Index, markers shown).

    #,Reel,V,C,Dur,Record In,Record Out,Name,Color,Notes
    1,,V1,C,00:00:04:00,01:00:10:00,01:00:14:00,1M1 Chase,Blue,"brass stabs"

A row that lasts longer than one video frame is a region. Its note is its prompt. Times are record
times; the rate of the timeline is not told (``Source FPS`` is that of a clip), so ``--fps`` must.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from musicgen_daw.cuesheets.columns import header_of
from musicgen_daw.cuesheets.columns import read as read_columns
from musicgen_daw.cuesheets.comments import with_comment
from musicgen_daw.cuesheets.encoding import decoded
from musicgen_daw.cuesheets.frames import Labels, warn_of_an_unsaid_start
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import CueSheet, SheetWarning

__all__ = ["READER", "parse"]

_FILE = "Resolve's edit index"


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read an edit index.

    Raises:
        CueSheetError: with the line, when a marker or timecode can't be understood, nobody says
            the frame rate, or there is no cue.
    """
    warnings: list[SheetWarning] = []
    table = read_columns(decoded(content, options.charset, warnings))
    start, end = table.index("record in"), table.index("record out")
    name = table.index("marker name", "name")
    note = table.index("marker note", "notes", "note", "comments")
    if start is None:
        raise CueSheetError("the table has no column 'Record In'", place="line 1")
    drop_frame = any(";" in row.cell(start) for row in table.rows) or None
    labels = Labels.of(options, warnings, file=_FILE, drop_frame=drop_frame)

    def marks() -> Iterator[Mark]:
        for row in table.rows:
            at_s = labels.position(row.cell(start), row.place)
            end_s = labels.position(row.cell(end), row.place) if row.cell(end) else at_s
            text = with_comment(row.cell(name), row.cell(note), row.place, warnings)
            yield Mark(at_s, text, row.place, end_s if end_s > at_s + labels.frames(1) else None)

    found = list(marks())
    warn_of_an_unsaid_start(found, options, warnings)
    return sheet_of(found, options, FileFacts(), warnings, file=_FILE)


def _recognises(content: bytes) -> bool:
    return _is_header(header_of(content))


def _is_header(names: Sequence[str]) -> bool:
    return {"record in", "record out"} <= set(names)


READER = Reader("Resolve edit index", (), _recognises, parse)
