"""Lists with a marker a row, its in and out as timecode: what Premiere and Resolve export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from musicgen_daw.cuesheets.columns import Record
from musicgen_daw.cuesheets.frames import Labels, warn_of_an_unsaid_start
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import SheetOptions
from musicgen_daw.timeline import CueSheet, SheetWarning

__all__ = ["Where", "sheet_of_rows"]


@dataclass(frozen=True, slots=True)
class Where:
    """The columns that count, ``None`` for one that is not there.

    What lasts ``point_frames`` video frames or less is a moment, what lasts longer a region.
    """

    name: int | None
    note: int | None
    start: int | None
    end: int | None
    point_frames: int = 0


def sheet_of_rows(
    rows: Iterable[Record],
    where: Where,
    options: SheetOptions,
    warnings: list[SheetWarning],
    *,
    file: str,
) -> CueSheet:
    """Return the sheet that the rows make; a note is the prompt of a plain name.

    Raises:
        CueSheetError: with the line, when a marker or timecode can't be understood, nobody says
            the frame rate, or there is no cue.
    """
    rows = tuple(rows)
    drop_frame = any(";" in row.cell(where.start) for row in rows) or None
    labels = Labels.of(options, warnings, file=file, drop_frame=drop_frame)
    marks = list(_marks(rows, where, labels))
    warn_of_an_unsaid_start(marks, options, warnings)
    return sheet_of(marks, options, FileFacts(), warnings, file=file)


def _marks(rows: Iterable[Record], where: Where, labels: Labels) -> Iterator[Mark]:
    point_s = labels.frames(where.point_frames)
    for row in rows:
        at_s = labels.position(row.cell(where.start), row.place)
        end = row.cell(where.end)
        end_s = labels.position(end, row.place) if end else at_s
        yield Mark(
            at_s,
            row.cell(where.name),
            row.place,
            end_s if end_s > at_s + point_s else None,
            row.cell(where.note),
        )
