"""A kit for Unity: a folder for ``Assets`` with the sounds, their manifest and two scripts.

``Editor/GeneratedMusicImporter.cs`` sets how Unity imports each sound that a manifest above it
tells: its own rate, no mixing down, stingers ready in memory, the rest compressed.
``GeneratedMusic.cs`` reads the manifest in the game. All kits share the scripts.

What it can't carry: an audio source loops a whole clip, so a loop that is a part of its file needs
code of the game's; layers are started together with ``AudioSource.PlayScheduled``.

Source: Unity Technologies, Scripting API: AssetPostprocessor, AudioImporter, JsonUtility.
"""

from __future__ import annotations

from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.game.folder import copies, sound_paths
from musicgen_daw.export.game.manifest import encode, packaged
from musicgen_daw.export.game.music import require
from musicgen_daw.export.game.segments import game_music
from musicgen_daw.session import Session

__all__ = ["files"]

_FOLDER = "unity/GeneratedMusic"


def files(session: Session) -> list[ExportFile]:
    """Return the folder ``unity/GeneratedMusic``, which goes into ``Assets`` as it is.

    Raises:
        ExportError: for a loop outside its file, or a format that Unity does not import.
    """
    music = game_music(session)
    require(music, "Unity", (".wav", ".aif", ".aiff", ".ogg", ".mp3"), max_channels=8)
    folder = f"{_FOLDER}/{music.name}"
    paths = sound_paths(music)
    importer, reader = "GeneratedMusicImporter.cs", "GeneratedMusic.cs"
    return [
        ExportFile(f"{_FOLDER}/Editor/{importer}", packaged(importer)),
        ExportFile(f"{_FOLDER}/{reader}", packaged(reader)),
        *copies(music, folder),
        ExportFile(f"{folder}/game.json", encode(music, paths.__getitem__)),
        ExportFile(f"{folder}/game.schema.json", packaged("game.schema.json")),
    ]
