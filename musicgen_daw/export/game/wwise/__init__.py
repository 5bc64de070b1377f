"""A kit for Wwise: tables for its tab delimited import, and experimental arguments for WAAPI.

There is one folder a version of Wwise, because 2025.1 renamed the root of sounds. Loops and pieces
become segments of the Interactive Music Hierarchy with a track a layer; a loop stands in a playlist
and the states of a theme in a switch container. Stingers become sounds, several takes of one in a
random container. An event plays each of them.

The table can't carry what a playlist plays, the conditions of a switch container, the exit cue in
front of a tail, and markers; ``waapi`` tells them, but was never sent to a Wwise. The column
*Switch Assignation* is for Switch Containers of sounds only, and states are music here.

Import with *Use existing objects*: *Replace existing* destroys what was done by hand.
"""

from __future__ import annotations

from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.game.music import require
from musicgen_daw.export.game.segments import game_music
from musicgen_daw.export.game.wwise import table, waapi
from musicgen_daw.export.game.wwise.objects import SOUND_ROOTS, wwise_objects
from musicgen_daw.session import Session

__all__ = ["files"]


def files(session: Session) -> list[ExportFile]:
    """Return ``wwise/VERSION/import.tsv`` and ``waapi.json`` for each version.

    Raises:
        ExportError: for a loop outside its file, or sound that is not WAV.
    """
    music = game_music(session)
    require(music, "Wwise", (".wav",))
    written = []
    for version, sound_root in SOUND_ROOTS.items():
        objects = wwise_objects(music, sound_root)
        calls = waapi.encode(music, objects, version).encode("ascii")
        written += [
            ExportFile(f"wwise/{version}/import.tsv", table.encode(objects).encode("utf-8")),
            ExportFile(f"wwise/{version}/waapi.json", calls),
        ]
    return written
