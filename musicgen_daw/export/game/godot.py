"""A kit for Godot: a folder of sounds with their import settings, and resources of Godot 4.

Some versions of Godot trim silence, normalise or compress what they import, unless told not to:
layers would lose their common start and their levels. So each sound has a ``.import`` file that
turns all of it off, for Godot 3 and 4. Its loop is told there for Godot 4; Godot 3 reads the loop
of the WAV. It plays up to, not including, the end of a loop, but takes the last sample that the WAV
tells for that end: in Godot 3 a loop is one sample short, until a game sets ``loop_end += 1``.

Resources: an ``AudioStreamSynchronized`` a variation with layers, an ``AudioStreamRandomizer`` a
stinger with several takes, an ``AudioStreamInteractive`` a theme, which fades between its states at
once, since a WAV in Godot knows no tempo. They need Godot 4.3;
Godot 3 refuses each with a line in its log, and goes on.

What it can't carry: 24 bits (Godot keeps 16), tempo, meter, hits and the exit in front of a tail;
``game.json`` tells them.

Source: Godot Engine, class reference of 4.3 and ``.import`` files as the editor writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from musicgen_daw.export.files import ExportFile
from musicgen_daw.export.game.folder import copies, sound_paths, sounds
from musicgen_daw.export.game.manifest import encode, packaged
from musicgen_daw.export.game.music import GameMusic, Segment, Theme, require
from musicgen_daw.export.game.segments import game_music
from musicgen_daw.session import Session

__all__ = ["files"]

_MAX_CLIPS = 63  # what Godot's own resources can hold
_MAX_STREAMS = 32
_MAX_RANDOM = 64

_FORWARD = 2
_DISABLED = 1
_UNCOMPRESSED = 0

_IMMEDIATE = 0
_SAME_POSITION, _START = 0, 1
_CROSSFADE = 3
_FADE_S = 1.0
_ANY_CLIP = -1


def files(session: Session) -> list[ExportFile]:
    """Return the folder ``godot/NAME``, which goes into a project as it is.

    Raises:
        ExportError: for a loop outside its file, or sound that is not WAV in mono or stereo.
    """
    music = game_music(session)
    require(music, "Godot", (".wav",), max_channels=2)
    folder = f"godot/{music.name}"
    paths = sound_paths(music)
    written = copies(music, folder)
    for segment, _, layer in sounds(music):
        written.append(ExportFile(f"{folder}/{paths[layer]}.import", _import(segment)))
    for name, text in _resources(music):
        written.append(ExportFile(f"{folder}/{name}.tres", text.encode("ascii")))
    written.append(ExportFile(f"{folder}/game.json", encode(music, paths.__getitem__)))
    written.append(ExportFile(f"{folder}/game.schema.json", packaged("game.schema.json")))
    return written


def _import(segment: Segment) -> bytes:
    """Return the import settings of a sound; the editor adds the rest when it imports."""
    loop = segment.loop_samples
    settings = {
        "force/8_bit": "false",
        "force/mono": "false",
        "force/max_rate": "false",
        "force/max_rate_hz": "44100",
        "edit/trim": "false",
        "edit/normalize": "false",
        "edit/loop": "false",  # Godot 3: the loop is in the WAV
        "edit/loop_mode": str(_FORWARD if loop else _DISABLED),
        "edit/loop_begin": str(loop.start_samples if loop else 0),
        "edit/loop_end": str(loop.end_samples if loop else -1),
        "compress/mode": str(_UNCOMPRESSED),
    }
    lines = ["[remap]", "", 'importer="wav"', "", "[deps]", "", "", "[params]", ""]
    lines += [f"{key}={value}" for key, value in settings.items()]
    return ("\n".join(lines) + "\n").encode("ascii")


def _resources(music: GameMusic) -> Iterator[tuple[str, str]]:
    """Yield each resource as its name and its text."""
    paths = sound_paths(music)
    streams: dict[str, str] = {}  # of each segment: what a theme plays
    for segment in music.segments:
        streams[segment.name] = paths[segment.chosen.mix]
        if segment.kind == "stinger":
            mixes = [paths[variation.mix] for variation in segment.variations]
            if 1 < len(mixes) <= _MAX_RANDOM:
                yield segment.name, _randomizer(mixes)
            continue
        for variation in segment.variations:
            if 1 < len(variation.layers) <= _MAX_STREAMS:
                yield variation.name, _synchronized([paths[layer] for layer in variation.layers])
                if variation is segment.chosen:
                    streams[segment.name] = f"{variation.name}.tres"
    for theme in music.themes:
        if len(theme.states) <= _MAX_CLIPS:
            yield theme.name, _interactive(theme, [streams[state.name] for state in theme.states])


def _synchronized(paths: Sequence[str]) -> str:
    """Return a stream that plays all layers together, each with a volume of its own."""
    lines = [f"stream_count = {len(paths)}"]
    for index in range(len(paths)):
        lines += [f"stream_{index}/stream = {_stream(index)}", f"stream_{index}/volume = 0.0"]
    return _resource("AudioStreamSynchronized", paths, lines)


def _randomizer(paths: Sequence[str]) -> str:
    """Return a stream that plays one of several takes, never one twice in a row."""
    lines = ["playback_mode = 0", "random_pitch = 1.0", f"streams_count = {len(paths)}"]
    for index in range(len(paths)):
        lines += [f"stream_{index}/stream = {_stream(index)}", f"stream_{index}/weight = 1.0"]
    return _resource("AudioStreamRandomizer", paths, lines)


def _interactive(theme: Theme, paths: Sequence[str]) -> str:
    """Return a stream that goes from any state to any other in a crossfade."""
    lines = [f"clip_count = {len(paths)}"]
    for index, state in enumerate(theme.states):
        lines += [
            f'clip_{index}/name = &"{state.name}"',
            f"clip_{index}/stream = {_stream(index)}",
            f"clip_{index}/auto_advance = 0",
        ]
    transition = {
        "fade_beats": _FADE_S,  # seconds, where the stream knows no tempo
        "fade_mode": _CROSSFADE,
        "from_time": _IMMEDIATE,
        "to_time": _SAME_POSITION if theme.in_step else _START,
    }
    told = ",\n".join(f'"{key}": {value}' for key, value in transition.items())
    lines += ["_transitions = {", f"Vector2i({_ANY_CLIP}, {_ANY_CLIP}): {{", told, "}", "}"]
    return _resource("AudioStreamInteractive", paths, lines)


def _resource(kind: str, paths: Sequence[str], lines: Sequence[str]) -> str:
    """Return a resource; the paths of its streams count from its own folder."""
    head = f'[gd_resource type="{kind}" load_steps={len(paths) + 1} format=3]'
    external = [
        f'[ext_resource type="AudioStream" path="{path}" id="{index}"]'
        for index, path in enumerate(paths, start=1)
    ]
    return "\n".join([head, "", *external, "", "[resource]", *lines]) + "\n"


def _stream(index: int) -> str:
    return f'ExtResource("{index + 1}")'
