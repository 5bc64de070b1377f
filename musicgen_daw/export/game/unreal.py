"""A kit for Unreal Engine 5: a script for the editor's Python, with the music as JSON beside it.

The script imports each layer as a sound wave that loops where its segment does, and makes a sound
cue of each mix. A loop is checked before the import, which would fail otherwise. Tempo, meter,
bars, exit and licence become metadata tags of the wave; cues that exist are left alone.

What it can't carry: a mixer of layers, the states of a theme and several takes in one asset, all of
which are a graph in Unreal; loops that are not a whole file, which a wave can't have.

Source: Epic Games, Unreal Python API: AssetImportTask, SoundWave, SoundCueFactoryNew.
"""

from __future__ import annotations

from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.game.manifest import encode, packaged
from musicgen_daw.export.game.music import require
from musicgen_daw.export.game.segments import game_music
from musicgen_daw.session import Session

__all__ = ["files"]


def files(session: Session) -> list[ExportFile]:
    """Return ``unreal/import_music.py``, ``unreal/game.json`` and its schema.

    Raises:
        ExportError: for a loop outside its file, or a format that Unreal does not import.
    """
    music = game_music(session)
    require(music, "Unreal", (".wav", ".flac", ".aif", ".aiff", ".ogg"), max_channels=8)
    return [
        ExportFile("unreal/import_music.py", packaged("unreal_import.py")),
        ExportFile("unreal/game.json", encode(music, lambda layer: f"../{layer.path}")),
        ExportFile("unreal/game.schema.json", packaged("game.schema.json")),
    ]
