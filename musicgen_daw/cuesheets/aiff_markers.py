"""AIFF and AIFF-C files with markers: a bounced mix or a stem whose markers are the cue sheet.

The file's end is the sheet's end. The ends of an instrument's loop are no markers. The format has
neither regions nor timecode. The sound itself is never read.

Source: Apple, Audio Interchange File Format, version 1.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import BinaryIO

from musicgen_daw.cuesheets.encoding import decode
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions, standing_at
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import aiff
from musicgen_daw.formats.riff import Content, FileContent
from musicgen_daw.timeline import CueSheet, SheetWarning

__all__ = ["READER", "parse", "parse_file"]

MAX_MARK_BYTES = 2**24
"""Of all markers: the chunk counts at most 65 535, each with 262 bytes."""


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read the markers of an AIFF file.

    Raises:
        CueSheetError: with the byte, when the file is damaged, a marker can't be understood, or
            there is no cue.
    """
    return _sheet(content, options)


def parse_file(file: BinaryIO, options: SheetOptions) -> CueSheet:
    """Read the markers of an AIFF file of any size."""
    return _sheet(FileContent(file), options)


def _sheet(content: Content, options: SheetOptions) -> CueSheet:
    if not aiff.is_aiff(content):
        raise CueSheetError("no AIFF file", place="byte 0")
    found = {chunk.id: chunk for chunk in aiff.parse(content)}
    common, marked = found.get(b"COMM"), found.get(b"MARK")
    if common is None:
        raise CueSheetError("the AIFF file has no common chunk: it is damaged", place="byte 12")
    with standing_at(f"byte {common.offset}"):
        body = content[common.offset : common.offset + min(common.size, 64)]
        sample_rate, length_samples = aiff.sample_rate_and_length(body)
    warnings: list[SheetWarning] = []
    marks: list[Mark] = []
    if marked is not None:
        body = content[marked.offset : marked.offset + min(marked.size, MAX_MARK_BYTES)]
        plays = found.get(b"INST")
        loop = b"" if plays is None else content[plays.offset : plays.offset + min(plays.size, 64)]
        _, markers = aiff.loop_and_others(body, loop)
        marks = list(_marks(markers, marked.offset, sample_rate, options.charset, warnings))
    facts = FileFacts(end_s=length_samples / sample_rate if length_samples else None)
    return sheet_of(marks, options, facts, warnings, file="the AIFF file")


def _marks(
    markers: Iterable[aiff.FoundMarker],
    offset: int,
    sample_rate: Fraction,
    charset: str | None,
    warnings: list[SheetWarning],
) -> Iterator[Mark]:
    guessed = {"ascii", "utf-8", charset}
    for marker in markers:
        text, encoding = decode(marker.name, charset)
        place = f"marker {marker.number} at byte {offset + marker.offset}"
        if encoding not in guessed:
            guessed.add(encoding)
            message = f"read as {encoding}; if that is wrong, say the --charset"
            warnings.append(SheetWarning(place, message))
        yield Mark(marker.at_samples / sample_rate, text, place)


READER = Reader("AIFF with markers", (".aif", ".aiff", ".aifc"), aiff.is_aiff, parse, parse_file)
