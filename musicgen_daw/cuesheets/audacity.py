r"""Audacity's label tracks, exported as text: start, end and name, parted by tabs.

    2.150000	2.150000	! door
    3.400000	6.100000	1M1 Chase: brass stabs
    \	6928.456055	6928.456055

A label over a stretch of time is a region, one at a single moment a marker. A line that begins
with a backslash gives the label before it a range of frequencies, which says nothing here.

Source: Audacity Manual, Importing and Exporting Labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from musicgen_daw.cuesheets.encoding import decode, decoded
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.cuesheets.table import MAX_LINES
from musicgen_daw.cuesheets.times import parse_decimal
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import CueSheet, SheetWarning

__all__ = ["READER", "parse"]


_LABEL = re.compile(r"-?\d+[.,]\d*\t-?\d+[.,]\d*(\t|\r|\n|$)", re.ASCII)


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read exported labels; those of several tracks follow one another in the file.

    Raises:
        CueSheetError: with the line, when a label can't be understood or there is no cue.
    """
    warnings: list[SheetWarning] = []
    text = decoded(content, options.charset, warnings)
    marks = list(_marks(text, warnings))
    return sheet_of(marks, options, FileFacts(), warnings, file="the label file")


def _marks(text: str, warnings: list[SheetWarning]) -> Iterator[Mark]:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise CueSheetError(f"more than {MAX_LINES} lines are too many for a cue sheet")
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("\\"):
            continue
        place = f"line {number}"
        start, _, rest = line.strip("\r").partition("\t")
        end, _, name = rest.partition("\t")
        try:
            at_s, end_s = parse_decimal(start.strip()), parse_decimal(end.strip())
        except ValueError:
            warnings.append(SheetWarning(place, "no label (start, tab, end, tab, name): left out"))
            continue
        yield Mark(at_s, name, place, end_s if end_s > at_s else None)


def _recognises(content: bytes) -> bool:
    try:
        text = decode(content[:4096])[0].lstrip("\ufeff\r\n")
    except CueSheetError:
        return False
    return _LABEL.match(text) is not None


READER = Reader("Audacity labels", (), _recognises, parse)
