"""A sheet as the marker tables that other programs import as text.

Audacity and REAPER count seconds, Premiere video frames, Pro Tools samples. None of them holds
tempo or loops.

Source: Audacity Manual, Importing and Exporting Labels; REAPER's Region/Marker Manager; Premiere's
marker export; Pro Tools' Export Session Info as Text.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from musicgen_daw.export.csv_cells import csv_text, guarded
from musicgen_daw.export.marker_text import cue_line, markers_of, regions_of
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.sheet import on_timeline
from musicgen_daw.export.video_frames import FrameClock
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.timeline import Cue, CueSheet, Timecode, to_samples

__all__ = ["ASSUMED_SAMPLE_RATE", "audacity", "premiere", "protools", "reaper_csv"]

ASSUMED_SAMPLE_RATE = 48_000
"""What samples are counted in where a sheet tells no rate; the file itself tells it then."""

_REGION_COLOUR, _HIT_COLOUR = "2E86AB", "C0392B"


def audacity(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return a label track: a region for each cue, a point for each hit."""
    lines = []
    for mark in regions_of(on_timeline(sheet).cues, cue_text):
        end_s = mark.at_s if mark.end_s is None else mark.end_s
        lines.append("\t".join([_seconds(mark.at_s), _seconds(end_s), mark.text]))
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def reaper_csv(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return the table of REAPER's Region/Marker Manager: cues are regions, hits markers."""
    rows = []
    counts = {"R": 0, "M": 0}
    for mark in regions_of(on_timeline(sheet).cues, cue_text):
        kind = "M" if mark.end_s is None else "R"
        counts[kind] += 1
        end = length = ""
        if mark.end_s is not None:
            end, length = _clock(mark.end_s), _clock(mark.end_s - mark.at_s)
        colour = _HIT_COLOUR if mark.end_s is None else _REGION_COLOUR
        name = guarded(mark.text)
        rows.append([f"{kind}{counts[kind]}", name, _clock(mark.at_s), end, length, colour])
    return csv_text(("#", "Name", "Start", "End", "Length", "Color"), rows).encode("utf-8")


def premiere(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return the table that Premiere exports its markers as: UTF-16, parted by tabs.

    Raises:
        UsageError: where nobody tells the frame rate.
        ExportError: where the timeline passes a day.
    """
    clock = FrameClock.of(sheet, "Premiere's marker list")
    rows = []
    for mark in regions_of(on_timeline(sheet).cues, cue_text):
        first, last = clock.span(mark.at_s, mark.end_s)
        length = Timecode(last.video_frames - first.video_frames, clock.rate)
        name = guarded(mark.text)
        rows.append([name, "", str(first), str(last), str(length), "Comment"])
    header = ("Marker Name", "Description", "In", "Out", "Duration", "Marker Type")
    return csv_text(header, rows, "\t").encode("utf-16")


def protools(sheet: CueSheet, cue_text: Callable[[Cue], str] = cue_line) -> bytes:
    """Return a session's information as text with its markers: starts, hits and ends.

    Raises:
        UsageError: where nobody tells the frame rate.
        ExportError: where the timeline passes a day.
    """
    clock = FrameClock.of(sheet, "Pro Tools")
    sample_rate = sheet.sample_rate or ASSUMED_SAMPLE_RATE
    drop = " Drop" if clock.rate.drop_frame else ""
    lines = [
        f"SESSION NAME:\t{one_line(sheet.title)}",
        f"SAMPLE RATE:\t{sample_rate}.000000",
        f"BIT DEPTH:\t{(sheet.bit_depth or '24').removesuffix('f')}-bit",
        f"SESSION START TIMECODE:\t{clock.timecode(Fraction(0))}",
        f"TIMECODE FORMAT:\t{clock.rate.name.removesuffix('df')}{drop} Frame",
        *(f"# OF AUDIO {what}:\t0" for what in ("TRACKS", "CLIPS", "FILES")),
        "",
        "",
        "M A R K E R S  L I S T I N G",
        "#   \tLOCATION     \tTIME REFERENCE    \tUNITS    \tNAME                             "
        "\tCOMMENTS",
    ]
    for number, mark in enumerate(markers_of(on_timeline(sheet).cues, cue_text), 1):
        location, samples = clock.timecode(mark.at_s), to_samples(mark.at_s, sample_rate)
        lines.append(f"{number:<4}\t{location!s:<13}\t{samples:<18}\tSamples  \t{mark.text:<33}\t")
    return "\n".join([*lines, ""]).encode("utf-8")


def _seconds(seconds: Fraction) -> str:
    """Return seconds with a decimal point, by which a label line is known."""
    text = decimal(seconds)
    return text if "." in text else f"{text}.0"


def _clock(seconds: Fraction) -> str:
    """Return ``m:ss.sss`` with as many decimals as it takes, three at least."""
    minutes, rest = divmod(seconds, 60)
    whole, _, decimals = decimal(rest).partition(".")
    return f"{minutes}:{whole:0>2}.{decimals:0<3}"
