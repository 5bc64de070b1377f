"""The music of a game as plain JSON, for engines of one's own; its JSON Schema is beside it.

Positions are samples from the start of a file, ends are exclusive. Paths have forward slashes and
count from the folder of the JSON file. Undefined levels, and what no tempo tells, are null.

The schema is ``scripts/game.schema.json`` in this package; it goes out with every manifest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from importlib import resources
from typing import Any

from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.game.music import GameMusic, Layer, Segment, Theme, Variation
from musicgen_daw.export.game.segments import game_music
from musicgen_daw.export.json_text import indented
from musicgen_daw.export.timeline_json import meters, number, tempos
from musicgen_daw.session import Session

__all__ = ["FORMAT_VERSION", "encode", "files", "packaged", "values"]

FORMAT_VERSION = 1
"""Raised when a key changes its meaning or goes."""


def files(session: Session) -> list[ExportFile]:
    """Return the manifest and its schema, which stand beside the stems.

    Raises:
        ExportError: for a loop that does not lie inside its file.
    """
    return [
        ExportFile("game.json", encode(game_music(session), lambda layer: layer.path)),
        ExportFile("game.schema.json", packaged("game.schema.json")),
    ]


def packaged(name: str) -> bytes:
    """Return a file that goes into kits as it is."""
    return resources.files("musicgen_daw.export.game").joinpath("scripts", name).read_bytes()


def encode(music: GameMusic, locate: Callable[[Layer], str]) -> bytes:
    """Return the manifest as JSON in ASCII; ``locate`` tells the path of a file in the kit."""
    return f"{indented(values(music, locate))}\n".encode("ascii")


def values(music: GameMusic, locate: Callable[[Layer], str]) -> dict[str, Any]:
    """Return the manifest as JSON values."""
    return {
        "$schema": "game.schema.json",
        "format_version": FORMAT_VERSION,
        "generator": "musicgen_daw",
        "ai_generated": True,
        "name": music.name,
        "title": music.title,
        "sample_rate": music.sample_rate,
        "segments": [_segment(segment, music.sample_rate, locate) for segment in music.segments],
        "themes": [_theme(theme) for theme in music.themes],
    }


def _segment(segment: Segment, sample_rate: int, locate: Callable[[Layer], str]) -> dict[str, Any]:
    tempo_map, loop = segment.tempo_map, segment.loop_samples
    meter = tempo_map.meters[0] if tempo_map else None
    return {
        "name": segment.name,
        "id": segment.id,
        "title": segment.title,
        "kind": segment.kind,
        "length_samples": segment.length_samples,
        "entry_samples": segment.entry_samples,
        "exit_samples": segment.exit_samples,
        "loop": loop and {"start_samples": loop.start_samples, "end_samples": loop.end_samples},
        "bpm": number(tempo_map.tempos[0].bpm) if tempo_map else None,
        "meter": f"{meter.numerator}/{meter.denominator}" if meter else None,
        "bars": _number(segment.bars(sample_rate)),
        "tempo": tempos(tempo_map),
        "meters": meters(tempo_map),
        "hits": [
            {"name": hit.name, "at_samples": hit.at_samples, "important": hit.important}
            for hit in segment.hits
        ],
        "theme": segment.theme,
        "intensity": segment.intensity,
        "preset": segment.preset,
        "prompt": segment.prompt,
        "licence": segment.licence,
        "variations": [_variation(variation, locate) for variation in segment.variations],
    }


def _variation(variation: Variation, locate: Callable[[Layer], str]) -> dict[str, Any]:
    return {
        "name": variation.name,
        "take": variation.take,
        "seed": variation.seed,
        "mix": _layer(variation.mix, locate),
        "layers": [_layer(layer, locate) for layer in variation.layers],
    }


def _layer(layer: Layer, locate: Callable[[Layer], str]) -> dict[str, Any]:
    return {
        "name": layer.name,
        "path": locate(layer),
        "channels": layer.channels,
        "integrated_lufs": _level(layer.integrated_lufs),
        "true_peak_dbtp": _level(layer.true_peak_dbtp),
        "enters_at_intensity": layer.enters,
    }


def _theme(theme: Theme) -> dict[str, Any]:
    return {
        "name": theme.name,
        "title": theme.title,
        "in_step": theme.in_step,
        "states": [state.name for state in theme.states],
    }


def _number(exact: Fraction | None) -> float | int | None:
    return None if exact is None else number(exact)


def _level(level: float | None) -> float | None:
    """Return a level to the hundredth of a dB; silence, which JSON can't tell, is null."""
    return round(level, 2) if level is not None and math.isfinite(level) else None
