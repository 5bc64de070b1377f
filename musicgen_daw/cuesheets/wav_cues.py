"""WAV and RF64 files with cue points: a bounced mix or a stem whose markers are the cue sheet.

Cue points are markers, named by their ``labl``, with a ``note`` as comment; one with an ``ltxt``
length is a region. The file's end is the sheet's end. The time reference of a ``bext`` chunk is
the timecode of its first sample, and ``iXML`` may tell the frame rate. The sound itself is never
read.

Source: Microsoft/IBM, Multimedia Programming Interface and Data Specifications 1.0; EBU Tech 3285;
iXML 2.0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from musicgen_daw.cuesheets.encoding import decode
from musicgen_daw.cuesheets.marks import MAX_MARKS, FileFacts, Mark, sheet_of, too_many_marks
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import riff, wav_markers, xml
from musicgen_daw.formats.riff import Content, FoundChunk, Riff
from musicgen_daw.timeline import FRAME_RATES, CueSheet, FrameRate, SheetWarning

__all__ = ["READER", "parse", "parse_file"]

MAX_CHUNK_BYTES = 16 * 2**20
"""Of a chunk that is read whole; that of a hundred thousand cue points has 2.4 MB."""
MAX_LABEL_BYTES = 1024

_FMT = struct.Struct("<HHIIHH")
_TIME_REFERENCE = slice(338, 346)


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read the cue points of a WAV file.

    Raises:
        CueSheetError: with the byte, when the file is damaged, a marker can't be understood, or
            there is no cue.
    """
    return _sheet(content, options)


def parse_file(file: BinaryIO, options: SheetOptions) -> CueSheet:
    """Read the cue points of a WAV file of any size."""
    return _sheet(riff.FileContent(file), options)


def _sheet(content: Content, options: SheetOptions) -> CueSheet:
    try:
        chunks = riff.parse(content)
    except ValueError as error:
        place, _, reason = str(error).partition(": ")
        raise CueSheetError(reason, place=place) from None
    if chunks.kind != b"WAVE":
        raise CueSheetError(f"a RIFF file of kind {chunks.kind!r}, not of sound", place="byte 8")
    warnings: list[SheetWarning] = []
    sample_rate, length_samples = _format(content, chunks)
    points = _points(content, chunks, warnings)
    _label(content, chunks, points)
    marks = _marks(points, sample_rate, options.charset, warnings)
    facts = FileFacts(
        frame_rate=_frame_rate(content, chunks),
        start_s=_start_s(content, chunks, sample_rate),
        end_s=Fraction(length_samples, sample_rate) if length_samples else None,
    )
    return sheet_of(list(marks), options, facts, warnings, file="the WAV file")


# -- chunks ------------------------------------------------------------------------------------


def _body(content: Content, chunk: FoundChunk | None, least: int = 0) -> bytes | None:
    """Return the body of a chunk, or ``None`` where there is none of at least so many bytes."""
    if chunk is None or chunk.size < least:
        return None
    if chunk.size > MAX_CHUNK_BYTES:
        name = chunk.id.decode("ascii")
        raise CueSheetError(
            f"the {name!r} chunk of {chunk.size} bytes is too large", place=f"byte {chunk.offset}"
        )
    return chunk.body(content)


def _format(content: Content, chunks: Riff) -> tuple[int, int]:
    """Return the sample rate, and the length in samples as far as it is told."""
    fmt = _body(content, chunks.first(b"fmt "), _FMT.size)
    if fmt is None:
        raise CueSheetError("the WAV file has no format chunk: it is damaged", place="byte 12")
    _, _, sample_rate, _, block_bytes, bits = _FMT.unpack_from(fmt)
    if sample_rate == 0:
        raise CueSheetError("the WAV file has a sample rate of 0: it is damaged", place="byte 12")
    sound = chunks.first(b"data")
    fact = _body(content, chunks.first(b"fact"), 4)
    if sound is not None and block_bytes and bits:
        return sample_rate, sound.size // block_bytes
    return sample_rate, struct.unpack_from("<I", fact)[0] if fact else 0


def _start_s(content: Content, chunks: Riff, sample_rate: int) -> Fraction | None:
    bext = _body(content, chunks.first(b"bext"), _TIME_REFERENCE.stop)
    if bext is None:
        return None
    reference_samples = int.from_bytes(bext[_TIME_REFERENCE], "little")
    return Fraction(reference_samples, sample_rate) or None


def _frame_rate(content: Content, chunks: Riff) -> FrameRate | None:
    """Return the rate that an iXML chunk tells, if there is a readable one."""
    ixml = _body(content, chunks.first(b"iXML"))
    if not ixml:
        return None
    try:
        root = xml.parse(ixml.rstrip(b"\0 \r\n"))
    except CueSheetError:
        return None
    rate, flag = root.findtext("SPEED/TIMECODE_RATE"), root.findtext("SPEED/TIMECODE_FLAG")
    drop_frame = flag == "DF"
    for named in FRAME_RATES.values():
        if named.drop_frame == drop_frame and rate == "/".join(
            map(str, named.fps.as_integer_ratio())
        ):
            return named
    return None


# -- cue points --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Point:
    """A cue point, and what the lists after it say about it."""

    at_samples: int
    byte: int
    length_samples: int = 0
    texts: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def name(self) -> bytes:
        return self.texts.get(b"labl") or self.texts.get(b"ltxt") or b""


def _points(content: Content, chunks: Riff, warnings: list[SheetWarning]) -> dict[int, _Point]:
    """Return the cue points by their number."""
    points: dict[int, _Point] = {}
    for chunk in chunks.chunks:
        if chunk.id != b"cue ":
            continue
        body = _body(content, chunk, 4) or b""
        whole = 0
        for point in wav_markers.parse_points(body):
            points[point.number] = _Point(point.at_samples, chunk.offset + point.offset)
            whole += 1
        if wav_markers.told_points(body) > whole:
            message = f"the list of cue points is cut short: {whole} are read"
            warnings.append(SheetWarning(f"byte {chunk.offset}", message))
        if len(points) > MAX_MARKS:
            raise too_many_marks()
    return points


def _label(content: Content, chunks: Riff, points: dict[int, _Point]) -> None:
    """Give the points the names and lengths that the lists of associated data have for them."""
    for chunk in chunks.chunks:
        if chunk.id != b"LIST" or chunk.size < 4:
            continue
        kind, parts = riff.parse_list(content, chunk)
        for part in parts if kind == b"adtl" else ():
            body = content[part.offset : part.offset + min(part.size, MAX_LABEL_BYTES)]
            said = wav_markers.parse_said(part.id, body)
            point = None if said is None else points.get(said.number)
            if said is None or point is None:
                continue
            point.length_samples = said.length_samples or point.length_samples
            point.texts.setdefault(part.id, said.text)


def _marks(
    points: dict[int, _Point],
    sample_rate: int,
    charset: str | None,
    warnings: list[SheetWarning],
) -> Iterator[Mark]:
    guessed = {"ascii", "utf-8", charset}
    for number, point in points.items():
        place = f"cue point {number} at byte {point.byte}"
        name, encoding = decode(point.name, charset)
        note, _ = decode(point.texts.get(b"note", b""), charset)
        if encoding not in guessed:
            guessed.add(encoding)
            message = f"read as {encoding}; if that is wrong, say the --charset"
            warnings.append(SheetWarning(place, message))
        end_samples = point.at_samples + point.length_samples
        end_s = Fraction(end_samples, sample_rate) if point.length_samples else None
        yield Mark(Fraction(point.at_samples, sample_rate), name, place, end_s, note)


def _recognises(content: bytes) -> bool:
    return content[:4] in (b"RIFF", b"RF64", b"BW64") and content[8:12] == b"WAVE"


READER = Reader("WAV with cue points", (".wav", ".bwf", ".rf64"), _recognises, parse, parse_file)
