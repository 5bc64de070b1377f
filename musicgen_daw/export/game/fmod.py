"""A kit for FMOD Studio: a script that makes an event a segment, and the same as a table.

The script adds a command to the *Scripts* menu. Each layer becomes a track, a loop a loop region,
hits become markers; several takes of a stinger share one event, those of anything else get one
each. Events that are there already are left alone, so that no work in Studio is lost.

What it can't carry: changes of tempo after the first, the exit in front of a tail (told as the
marker ``exit``), and states of a theme as one event, since what moves them is the game's own
parameter. FMOD counts in seconds: a loop is as exact as a double is.

Source: Firelight Technologies, FMOD Studio User Manual, "Scripting API Reference" (2.02).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from musicgen_daw.export.csv_cells import csv_text, safe_cell
from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.game.manifest import packaged
from musicgen_daw.export.game.music import GameMusic, Layer, Segment, require
from musicgen_daw.export.game.segments import game_music
from musicgen_daw.export.json_text import indented
from musicgen_daw.export.timeline_json import number
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.session import Session

__all__ = ["COLUMNS", "files"]

COLUMNS = (
    "event", "track", "file", "kind", "length s", "loop start s", "loop end s", "exit s", "bpm",
    "meter", "licence",
)  # fmt: skip


def files(session: Session) -> list[ExportFile]:
    """Return ``fmod/import_music.js`` and ``fmod/music.csv``.

    Raises:
        ExportError: for a loop outside its file, or a format that FMOD Studio does not import.
    """
    music = game_music(session)
    require(music, "FMOD Studio", (".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"))
    events = list(_events(music))
    return [
        ExportFile("fmod/import_music.js", _script(music, events)),
        ExportFile("fmod/music.csv", _table(music, events).encode("utf-8")),
    ]


@dataclass(frozen=True, slots=True)
class _Track:
    """A track of an event; several files are alternatives."""

    name: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class _Event:
    name: str
    segment: Segment
    tracks: tuple[_Track, ...]


def _events(music: GameMusic) -> Iterator[_Event]:
    for segment in music.segments:
        if segment.kind == "stinger":
            mixes = tuple(variation.mix for variation in segment.variations)
            yield _Event(segment.name, segment, (_Track("mix", mixes),))
            continue
        for variation in segment.variations:
            tracks = tuple(_Track(layer.name, (layer,)) for layer in variation.parts)
            yield _Event(variation.name, segment, tracks)


def _script(music: GameMusic, events: Sequence[_Event]) -> bytes:
    """Return the script; JSON in ASCII is JavaScript, and no name can leave its quotes."""
    told = {"folder": music.name, "events": [_told(music, event) for event in events]}
    data = f"var GENERATED_MUSIC = {indented(told)};\n\n"
    return data.encode("ascii") + packaged("fmod_import.js")


def _told(music: GameMusic, event: _Event) -> dict[str, Any]:
    segment = event.segment
    loop, tempo_map = segment.loop_samples, segment.tempo_map
    meter = tempo_map.meters[0] if tempo_map else None
    markers = [{"name": hit.name, "at": _s(music, hit.at_samples)} for hit in segment.hits]
    if segment.exit_samples != segment.length_samples:
        markers.append({"name": "exit", "at": _s(music, segment.exit_samples)})
    return {
        "name": event.name,
        "length": _s(music, segment.length_samples),
        "loop": loop
        and {"at": _s(music, loop.start_samples), "length": _s(music, loop.length_samples)},
        "tempo": tempo_map
        and meter
        and {
            "bpm": number(tempo_map.tempos[0].bpm),
            "numerator": meter.numerator,
            "denominator": meter.denominator,
        },
        "markers": markers,
        "tracks": [
            {"name": track.name, "files": [layer.path for layer in track.layers]}
            for track in event.tracks
        ],
    }


def _s(music: GameMusic, samples: int) -> float | int:
    return number(Fraction(samples, music.sample_rate))


def _table(music: GameMusic, events: Sequence[_Event]) -> str:
    """Return the table: a row a file, times in seconds."""

    def row(event: _Event, track: _Track, layer: Layer) -> tuple[str, ...]:
        segment = event.segment
        loop, tempo_map = segment.loop_samples, segment.tempo_map
        meter = tempo_map.meters[0] if tempo_map else None
        edges = (loop.start_samples, loop.end_samples) if loop else (None, None)
        places = (segment.length_samples, *edges, segment.exit_samples)
        return (
            event.name,
            track.name,
            safe_cell(layer.path),
            segment.kind,
            *("" if at is None else decimal(Fraction(at, music.sample_rate)) for at in places),
            decimal(tempo_map.tempos[0].bpm, 6) if tempo_map else "",
            f"{meter.numerator}/{meter.denominator}" if meter else "",
            safe_cell(segment.licence),
        )

    rows = (
        row(event, track, layer)
        for event in events
        for track in event.tracks
        for layer in track.layers
    )
    return csv_text(COLUMNS, rows)
