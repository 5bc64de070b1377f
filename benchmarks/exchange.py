"""A sheet of 2000 markers and 500 tempo changes: read, planned, and written by every writer.

Nothing here waits or uses threads, so processor time is counted: that of a machine with nothing
else to do.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from measure import Row

from musicgen_daw import Project, cuesheets
from musicgen_daw.export import EXPORTERS, export
from musicgen_daw.export.exporters import EXPERIMENTAL
from musicgen_daw.export.sheet_formats import SHEET_FORMATS
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSettings,
    CueSheet,
    Hit,
    MeterChange,
    Span,
    TempoChange,
    TempoMap,
    Timecode,
)

CUES, HITS, TEMPO_CHANGES = 1_000, 1_000, 500
RATE = 48_000
STEMS = ("drums", "bass", "mix")

MOST_CUES = 33_000
"""With their ends and hits nearly as many markers as any reader takes."""

ResultT = TypeVar("ResultT")


def large_sheet(cue_count: int = CUES, beats: int = 4) -> CueSheet:
    """Return cues of so many beats, each with a hit, over a tempo that changes every eight."""
    tempos = tuple(TempoChange(Fraction(8 * n), 500_000 + 997 * n) for n in range(TEMPO_CHANGES))
    tempo_map = TempoMap(tempos, (MeterChange(Fraction(0), 4, 4),))
    cues = []
    for number in range(cue_count):
        start_s, end_s = (tempo_map.seconds_at(beats * edge) for edge in (number, number + 1))
        hit = Hit(tempo_map.seconds_at(beats * (number + Fraction(1, 2))), f"hit {number}")
        settings = CueSettings(preset="deep-drone", prompt=f"dark and slow, number {number}")
        cues.append(Cue(f"{number} Cue", f"{number} Cue", start_s, end_s, settings, (hit,)))
    rate = FRAME_RATES["25"]
    start = Timecode.parse("01:00:00:00", rate)
    return CueSheet("large", tuple(cues), tempo_map, rate, start, sample_rate=RATE)


def session_of(sheet: CueSheet, stems: Sequence[str] = STEMS) -> Session:
    """Return the sheet with stems for each cue."""
    placed = tuple(
        PlacedCue(
            cue.id,
            cue.name,
            1,
            Span.between(cue.start_s, cue.end_s, RATE),
            0,
            tuple(
                PlacedStem(name, f"stems/{number}/{number}_{name}.wav", "0" * 64, 2, -20.0, -1.0)
                for name in stems
            ),
            cue.hits,
            tempo_map=sheet.tempo_map_of(cue),
            backend="sketch",
        )
        for number, cue in enumerate(sheet.cues)
    )
    assert sheet.tempo_map
    assert sheet.frame_rate
    assert sheet.start_timecode
    return Session(
        sheet.title,
        RATE,
        sheet,
        placed,
        sheet.tempo_map,
        sheet.frame_rate,
        sheet.start_timecode,
    )


def timed(work: Callable[[], ResultT]) -> tuple[float, ResultT]:
    """Return how long something takes, and what it gives."""
    began_s = time.process_time()
    result = work()
    return time.process_time() - began_s, result


def converted(sheet: CueSheet, folder: Path) -> Iterator[tuple[str, float, float]]:
    """Yield each format that a sheet is written in, with the seconds to write it and to read it."""
    for name, format_ in SHEET_FORMATS.items():
        path = folder / f"{name}{format_.suffix}"
        write_s, content = timed(lambda format_=format_: format_.encode(sheet))
        path.write_bytes(content)
        read_s, again = timed(
            lambda path=path: cuesheets.read(
                path, frame_rate=sheet.frame_rate, start_timecode=str(sheet.start_timecode)
            )
        )
        assert len(again.cues) == len(sheet.cues)
        yield name, write_s, read_s


def handed_over(session: Session) -> Iterator[tuple[str, float]]:
    """Yield each exporter with the seconds that it takes."""
    for name in EXPORTERS:
        if name not in EXPERIMENTAL:  # pyaaf2 takes 25 ms a stereo stem
            yield name, timed(lambda name=name: export(session, name))[0]


def crowd_rows() -> list[Row]:
    """Time each reader and writer once with nearly as many markers as a sheet may have.

    Cues of a beat keep them within the day that timecode tells.
    """
    sheet = large_sheet(MOST_CUES, beats=1)
    what = f"{2 * MOST_CUES} markers"
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, write_s, read_s in converted(sheet, Path(folder)):
            found.append(Row(f"{what}: write sheet as {name}", f"{write_s:.1f} s", "", "< 5 s"))
            found.append(Row(f"{what}: read {name}", f"{read_s:.1f} s", "", "< 5 s"))
    for name, write_s in handed_over(session_of(sheet, ("mix",))):
        found.append(Row(f"{what}: write session for {name}", f"{write_s:.1f} s", "", "< 5 s"))
    return found


def rows() -> list[Row]:
    """Time each step once, from cold. The sum is of one reading, of MIDI, and of all writing."""
    sheet = large_sheet()
    session = session_of(sheet)
    written: dict[str, float] = {}
    read: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, write_s, read_s in converted(sheet, Path(folder)):
            written[f"sheet as {name}"], read[name] = write_s, read_s
        project = Project.open(Path(folder) / "mid.mid", store=Path(folder) / "store")
        planned_s, _ = timed(project.plan)
    for name, write_s in handed_over(session):
        written[f"session for {name}"] = write_s
    total_s = read["mid"] + planned_s + sum(written.values())
    return [
        *(Row(f"write {what}", f"{seconds:.2f} s", "") for what, seconds in written.items()),
        *(Row(f"read {name}", f"{seconds:.2f} s", "") for name, seconds in read.items()),
        Row("plan", f"{planned_s:.2f} s", ""),
        Row(
            f"{CUES + HITS} markers, {TEMPO_CHANGES} tempo changes, {3 * CUES} stems: read, plan, "
            "write with every writer",
            f"{total_s:.2f} s",
            "",
            "< 5 s",
        ),
    ]
