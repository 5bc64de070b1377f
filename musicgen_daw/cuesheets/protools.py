"""Pro Tools' session info as text (File > Export > Session Info as Text): its markers.

    SESSION NAME:	Reel 1
    SAMPLE RATE:	48000.000000
    SESSION START TIMECODE:	01:00:00:00
    TIMECODE FORMAT:	25 Frame

    M A R K E R S  L I S T I N G
    #   	LOCATION     	TIME REFERENCE    	UNITS    	NAME          	COMMENTS
    1   	01:00:10:00  	480000            	Samples  	1M1 Chase     	brass stabs

A marker's comment is its prompt. Since 2023.12 two columns tell the ruler or track of a marker
besides; all of them count. Times are read from the samples where a marker has them, so that they
are exact; a marker on the tempo's grid (``Ticks``) is read where ``LOCATION`` says, in whichever
of the program's time formats.

Names and comments may hold tabs and line ends. A name is padded to the width of its column, so it
ends with the first tab beyond that width; a row that does not begin with a number goes on with
the name or comment above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from musicgen_daw.cuesheets.encoding import decode, decoded
from musicgen_daw.cuesheets.frames import Labels
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions, standing_at
from musicgen_daw.cuesheets.table import MAX_LINES
from musicgen_daw.cuesheets.times import parse_decimal, parse_length
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import (
    FOUR_FOUR,
    BarBeat,
    CueSheet,
    FrameRate,
    SheetWarning,
    TempoMap,
    Timecode,
)

__all__ = ["READER", "parse"]

_Told = TypeVar("_Told")

_FILE = "the session text"
_LISTING = "M A R K E R S  L I S T I N G"
_FORMAT = re.compile(r"(\d+(?:\.\d+)?)\s*(Drop)?\s*Frame", re.ASCII | re.IGNORECASE)
_ROW = re.compile(r"(\d{1,7}) *\t([^\t]*)\t([^\t]*)\t *(Samples|Ticks) *\t", re.ASCII)
_BARS = re.compile(r"\s*(\d{1,6})\|\s*(\d{1,3})(?:\|\s*(\d{1,3}))?\s*", re.ASCII)
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_TICKS_A_BEAT = 960

# What Western text has beside its letters.
_COMMON = frozenset("–—…‘’“”•«»©®™°·£€¥§¿¡ºª´±½¼¾²³×÷\u00a0")


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read the markers of a session; it tells sample rate, start and frame rate itself.

    Raises:
        CueSheetError: with the line, when a marker can't be understood, what its time needs is
            not told, or there is no cue.
    """
    warnings: list[SheetWarning] = []
    text = decoded(content, options.charset or _charset(content, warnings), warnings)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MAX_LINES:
        raise CueSheetError(f"more than {MAX_LINES} lines are too many for a cue sheet")
    lines = text.split("\n")
    session = _Session.of(lines, options, warnings)
    marks = [
        Mark(session.position(row), row.name, row.place, comment=row.comment)
        for row in _rows(lines)
    ]
    facts = FileFacts(
        frame_rate=session.frame_rate,
        start_s=session.start_s,
        sample_rate=round(session.sample_rate) if session.sample_rate else None,
    )
    return sheet_of(marks, options, facts, warnings, file=_FILE)


# -- the session -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Session:
    """What the head of the text tells, and the options where it does not."""

    options: SheetOptions
    sample_rate: Fraction | None
    frame_rate: FrameRate | None
    start_s: Fraction | None

    @classmethod
    def of(
        cls, lines: Iterable[str], options: SheetOptions, warnings: list[SheetWarning]
    ) -> _Session:
        told: dict[str, tuple[str, str]] = {}
        for number, line in enumerate(lines, 1):
            key, colon, text = line.partition(":\t")
            if line.startswith(_LISTING):
                break
            if colon:
                told.setdefault(key, (text.strip(), f"line {number}"))

        def read(key: str, parse: Callable[[str], _Told]) -> _Told | None:
            text, place = told.get(key, ("", ""))
            try:
                return parse(text) if text else None
            except ValueError as error:
                warnings.append(SheetWarning(place, f"{key} is left out: {error}"))
                return None

        frame_rate = read("TIMECODE FORMAT", _frame_rate)
        rate = frame_rate or options.frame_rate
        start = (
            read("SESSION START TIMECODE", lambda text: Timecode.parse(text, rate))
            if rate
            else None
        )
        return cls(
            options,
            read("SAMPLE RATE", parse_decimal) or None,
            frame_rate,
            start.seconds if start else None,
        )

    def position(self, row: _Row) -> Fraction:
        """Return where a marker lies, in seconds from the start of the session."""
        with standing_at(row.place):
            if row.in_samples:
                if self.sample_rate is None:
                    raise ValueError("its time is in samples, and the text tells no SAMPLE RATE")
                return parse_decimal(row.reference) / self.sample_rate
            return self.location(row.location, row.place)

    def location(self, text: str, place: str) -> Fraction:
        """Return the place of a marker that has no samples, as the program showed it."""
        if bars := _BARS.fullmatch(text):
            beat = int(bars[2]) + Fraction(int(bars[3] or 0), _TICKS_A_BEAT)
            return BarBeat(int(bars[1]), beat).seconds(self.tempo_map())
        if Labels.is_one(text):
            rate = self.frame_rate or self.options.frame_rate
            if rate is None:
                raise CueSheetError(f"{_FILE} tells no frame rate: say --fps 25", place=place)
            return Labels(rate, self.start_s or Fraction(0)).position(text, place)
        if text.isdecimal() and self.sample_rate is not None:
            return parse_decimal(text) / self.sample_rate
        return parse_length(text)

    def tempo_map(self) -> TempoMap:
        defaults = self.options.defaults
        if defaults.bpm is None:
            raise ValueError(
                "its time is in bars, and the text tells no tempo: "
                f"set bpm = 120 in {self.options.title}.toml"
            )
        return TempoMap.constant(defaults.bpm, *(defaults.meter or FOUR_FOUR))


def _frame_rate(text: str) -> FrameRate:
    """Read ``23.976 Frame`` or ``29.97 Drop Frame``."""
    told = _FORMAT.fullmatch(text)
    if told is None:
        raise ValueError(f"{text[:40]!r} is no timecode format: say --fps")
    return FrameRate.named(told[1] + ("df" if told[2] else ""))


# -- markers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    location: str
    reference: str
    in_samples: bool
    name: str
    comment: str


def _rows(lines: list[str]) -> Iterator[_Row]:
    """Yield the rows of the listing, each with the lines that go on with it."""
    begin = next((at for at, line in enumerate(lines) if line.startswith(_LISTING)), len(lines))
    header = lines[begin + 1].split("\t") if begin + 1 < len(lines) else []
    width = len(header[4]) if len(header) > 4 else 0
    columns_between = 2 if "TRACK TYPE" in (cell.strip() for cell in header) else 0
    first, rest = 0, [""]
    for number, line in enumerate(lines[begin + 2 :], begin + 3):
        if _ROW.match(line):
            yield from _row(first, rest, width, columns_between)
            first, rest = number, [line]
        else:
            rest.append(line)
    yield from _row(first, rest, width, columns_between)


def _row(first: int, lines: list[str], width: int, columns_between: int) -> Iterator[_Row]:
    found = _ROW.match(lines[0])
    if found is None:  # before the first marker
        return
    name, rest = _padded("\n".join([lines[0][found.end() :], *lines[1:]]), width)
    comment = rest.split("\t", columns_between)[-1]
    in_samples = found[4] == "Samples"
    yield _Row(f"line {first}", found[2].strip(), found[3].strip(), in_samples, name, comment)


def _padded(text: str, width: int) -> tuple[str, str]:
    """Part a cell that is padded to a width from what follows it."""
    end = text.find("\t", width)
    return (text[:end], text[end + 1 :]) if end >= 0 else (text, "")


# -- encoding ----------------------------------------------------------------------------------


def _charset(content: bytes, warnings: list[SheetWarning]) -> str | None:
    """Return ``mac_roman`` where it makes better words than what else would be read.

    ``TextEdit`` text from a Mac is in that charset; nearly all of its bytes are also letters of
    Windows' charset or half of a Japanese one.
    """
    found, charset = decode(content)
    if charset not in ("cp932", "cp1252", "latin-1"):
        return None
    # Half-width katakana alone, without a single kana or kanji, are no Japanese text.
    if charset == "cp932" and any("\u3040" <= letter <= "\u9fff" for letter in found):
        return None
    charsets = ("cp1252", "mac_roman")
    texts = {name: content.decode(name, errors="replace") for name in charsets}
    best = min(charsets, key=lambda name: _oddities(texts[name]))
    warnings.append(SheetWarning("", f"read as {best}; if that is wrong, say the --charset"))
    return best if "\ufffd" not in texts[best] else None


def _oddities(text: str) -> int:
    """Count what is seldom in Western text: rare signs, and capitals behind small letters."""
    odd = 0
    for found in _FOREIGN.finditer(text):
        letter, before = found[0], text[max(0, found.start() - 1) : found.start()]
        misplaced = letter.isupper() and before.islower()
        odd += letter not in _COMMON and (not letter.isalpha() or letter == "ƒ" or misplaced)
    return odd


def _recognises(content: bytes) -> bool:
    try:
        text = decode(content[:4096])[0].removeprefix("\ufeff")
    except CueSheetError:
        return False
    return text.startswith("SESSION NAME:")


READER = Reader("Pro Tools session text", (), _recognises, parse)
