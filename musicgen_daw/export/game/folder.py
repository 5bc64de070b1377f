"""Where sounds lie in kits that a game's project takes in as a folder: Unity's and Godot's."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import splitext

from musicgen_daw.export.files import CopyOf, ExportFile
from musicgen_daw.export.game.music import GameMusic, Layer, Segment, Variation

__all__ = ["copies", "sound_paths", "sounds"]


def sounds(music: GameMusic) -> Iterator[tuple[Segment, Variation, Layer]]:
    """Yield every sound file of the music once, the mix of a variation before its layers."""
    for segment in music.segments:
        for variation in segment.variations:
            for layer in (variation.mix, *variation.layers):
                yield segment, variation, layer


def sound_paths(music: GameMusic) -> dict[Layer, str]:
    """Return the path of each sound in the kit's folder: ``VARIATION/LAYER.wav``."""
    return {
        layer: f"{variation.name}/{layer.name}{splitext(layer.path)[1].lower()}"
        for _, variation, layer in sounds(music)
    }


def copies(music: GameMusic, folder: str) -> list[ExportFile]:
    """Return copies of all sounds, below ``folder``."""
    return [
        ExportFile(f"{folder}/{path}", CopyOf(layer.path))
        for layer, path in sound_paths(music).items()
    ]
