"""DaVinci Resolve's edit index as CSV or text (Timelines > Export > Edit Index, markers shown).

    #,Reel,V,C,Dur,Record In,Record Out,Name,Color,Notes
    1,,V1,C,00:00:04:00,01:00:10:00,01:00:14:00,1M1 Chase,Blue,"brass stabs"

A row that lasts longer than one video frame is a region. Its note is its prompt. Times are record
times; the rate of the timeline is not told (``Source FPS`` is that of a clip), so ``--fps`` must.
"""

from __future__ import annotations

from musicgen_daw.cuesheets.columns import header_of
from musicgen_daw.cuesheets.columns import read as read_columns
from musicgen_daw.cuesheets.encoding import decoded
from musicgen_daw.cuesheets.listed import Where, sheet_of_rows
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
    where = Where(
        name=table.index("marker name", "name"),
        note=table.index("marker note", "notes", "note", "comments"),
        start=table.index("record in"),
        end=table.index("record out"),
        point_frames=1,
    )
    if where.start is None:
        raise CueSheetError("the table has no column 'Record In'", place="line 1")
    return sheet_of_rows(table.rows, where, options, warnings, file=_FILE)


def _recognises(content: bytes) -> bool:
    return {"record in", "record out"} <= set(header_of(content))


READER = Reader("Resolve edit index", (), _recognises, parse)
