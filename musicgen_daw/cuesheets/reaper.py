"""REAPER projects (``.rpp``): markers, regions, the tempo envelope, start and frame rate.

A region is a cue, from its start to its end, and a marker's text says what it is (see
``cuesheets.marker``); ``cuesheets.marks`` tells what a plain name means inside a region. REAPER's
own ``=START`` and ``=END`` markers bound what it renders: ``=END`` ends what runs, ``=START`` is
no cue. A region without a name is called by its number, a marker without one says nothing.

Positions are seconds, which is how REAPER keeps them. The tempo map is made of the points of the
tempo envelope: square ones are steps, linear ones (the tempo grows with time, not with the beats)
are read as steps of a sixteenth note. Tempos count quarter notes. Bars are counted from the start
of the project, whatever number REAPER shows there.

The lines that count, and the fields in them:

    PROJOFFS start_s measure _
    TIMEMODE _ _ _ frames_a_second drop(1)|pulled_down(2) …
    SAMPLERATE hz used(1) …
    TEMPO bpm numerator denominator
    <TEMPOENVEX  PT at_s bpm linear(0)|square(1) [65536 * denominator + numerator] …
    MARKER number at_s name region(1) …         a second one of a region's number is its end

Source: projects that REAPER 5 to 7 wrote, and the names of its configuration variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from musicgen_daw.cuesheets.encoding import decoded
from musicgen_daw.cuesheets.marks import FileFacts, Mark, sheet_of
from musicgen_daw.cuesheets.reader import Reader, SheetOptions
from musicgen_daw.cuesheets.reaper_tempo import tempo_map_of_project
from musicgen_daw.cuesheets.times import parse_decimal
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import rpp
from musicgen_daw.formats.rpp import Block, Line
from musicgen_daw.timeline import FRAME_RATES, CueSheet, FrameRate, SheetWarning

__all__ = ["READER", "parse"]

MAX_BYTES = 64 * 2**20
"""A project holds the state of its plug-ins too."""
MAX_MARKERS = 100_000

_FILE = "the REAPER project"
_DROPS = {"1": "df", "0": ""}
_PULLED_DOWN = {"24": "23.976", "30": "29.97", "60": "59.94"}


def parse(content: bytes, options: SheetOptions) -> CueSheet:
    """Read a project of any version; what is not a marker, tempo or setting is passed over.

    Raises:
        CueSheetError: with the line, when the text is no project, a marker can't be understood,
            or there is no cue.
    """
    warnings: list[SheetWarning] = []
    project = rpp.parse(decoded(content, options.charset, warnings, max_bytes=MAX_BYTES))
    warnings += [SheetWarning(f"line {fault.number}", fault.message) for fault in project.faults]
    root = project.root
    if root.kind != "REAPER_PROJECT":
        raise CueSheetError(
            f"this is no project, only a {root.kind[:40]!r} block of one",
            place=f"line {root.head.number}",
        )
    facts = _facts(root, options, warnings)
    facts = replace(facts, tempo_map=tempo_map_of_project(root, warnings))
    return sheet_of(list(_marks(root, warnings)), options, facts, warnings, file=_FILE)


# -- settings ----------------------------------------------------------------------------------


def _facts(root: Block, options: SheetOptions, warnings: list[SheetWarning]) -> FileFacts:
    frame_rate = _frame_rate(root)
    start_s, sample_rate = Fraction(0), None
    for line in root.lines("PROJOFFS"):
        start_s = _number(line, 1, warnings)
        measure = _number(line, 2, warnings)
        if measure:
            message = f"REAPER's bar numbers are moved by {int(measure)}; here they count from 1"
            warnings.append(SheetWarning(_place(line), message))
    for line in root.lines("SAMPLERATE"):
        if _number(line, 2, warnings) == 1:  # else the sound card's rate is used
            sample_rate = int(_number(line, 1, warnings))
    if start_s and frame_rate is None and options.settled().frame_rate is None:
        raise CueSheetError(
            f"{_FILE} starts at {float(start_s):g} s and tells no frame rate for its timecode: "
            "say --fps 25 (or frame_rate in its .toml)"
        )
    return FileFacts(
        frame_rate=frame_rate, start_s=start_s or None, sample_rate=sample_rate or None
    )


def _frame_rate(root: Block) -> FrameRate | None:
    """Return the project's frame rate, or ``None`` where it is none that timecode has."""
    for line in root.lines("TIMEMODE"):
        nominal, drop = _word(line, 4), _word(line, 5)
        name = _PULLED_DOWN.get(nominal) if drop == "2" else f"{nominal}{_DROPS.get(drop, '?')}"
        if nominal in ("30", "60") and drop == "1":
            name = f"{_PULLED_DOWN[nominal]}df"
        return FRAME_RATES.get(name or "")
    return None


# -- markers -----------------------------------------------------------------------------------


def _marks(root: Block, warnings: list[SheetWarning]) -> Iterator[Mark]:
    """Yield markers and regions; the two lines of a region may stand apart."""
    open_regions: dict[str, Mark] = {}
    for count, line in enumerate(root.lines("MARKER")):
        if count == MAX_MARKERS:
            raise CueSheetError(f"more than {MAX_MARKERS} markers are too many", place=_place(line))
        number, place, name, flags = (*line.words[1:5], "", "", "", "")[:4]
        try:
            at_s = parse_decimal(place)
        except ValueError as error:
            warnings.append(SheetWarning(_place(line), f"a marker is left out: {error}"))
            continue
        if not _is_region(flags):
            if name.upper() != "=START":
                yield Mark(at_s, name, _place(line))
        elif number in open_regions:
            start = open_regions.pop(number)
            yield replace(start, at_s=min(start.at_s, at_s), end_s=max(start.at_s, at_s))
        else:
            open_regions[number] = Mark(at_s, name or f"Region {number}", _place(line))
    yield from _never_ended(open_regions.values(), warnings)


def _never_ended(regions: Iterable[Mark], warnings: list[SheetWarning]) -> Iterator[Mark]:
    for region in regions:
        message = f"the region {region.text!r} has no second line with its end"
        warnings.append(SheetWarning(region.place, message))
        yield region


def _is_region(flags: str) -> bool:
    return flags.isdecimal() and len(flags) < 10 and int(flags) % 2 == 1


# -- lines -------------------------------------------------------------------------------------


def _place(line: Line) -> str:
    return f"line {line.number}"


def _word(line: Line, index: int) -> str:
    words = line.words
    return words[index] if index < len(words) else ""


def _number(line: Line, index: int, warnings: list[SheetWarning]) -> Fraction:
    """Return a number of a setting, 0 where it is none."""
    text = _word(line, index)
    try:
        return parse_decimal(text) if text else Fraction(0)
    except ValueError as error:
        warnings.append(SheetWarning(_place(line), f"{line.kind} is left out: {error}"))
        return Fraction(0)


def _recognises(content: bytes) -> bool:
    return b"<REAPER_PROJECT" in content[:256]


READER = Reader("REAPER project", (".rpp", ".rpp-bak"), _recognises, parse)
