r"""The objects of a Wwise project that a game's music becomes.

A path has a type before each name below the work unit: ``\Interactive Music Hierarchy\Default Work
Unit\<Virtual Folder>Film\<Music Segment>Chase``. Names are identifiers, so no path can be broken.

Source: Audiokinetic, Wwise Help, "Importing Media Files from Tab Delimited Text Files".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from musicgen_daw.export.game.music import GameMusic, Layer, Segment, Variation

__all__ = ["SOUND_ROOTS", "WwiseObject", "wwise_objects"]

SOUND_ROOTS = MappingProxyType({"2024.1": "Actor-Mixer Hierarchy", "2025.1": "Containers"})
"""The root of sounds by the first version of Wwise that a kit is for (2024.1 and all before)."""

_MUSIC_ROOT = "Interactive Music Hierarchy"
_WORK_UNIT = "Default Work Unit"


@dataclass(frozen=True, slots=True)
class WwiseObject:
    """An object with its place: ``steps`` are (type, name) from the work unit down.

    ``layer`` is its sound, ``None`` for what only holds others. ``event`` is the name of the event
    that plays it, if one is to. ``segment`` and ``variation`` tell what of the music it is.
    """

    root: str
    steps: tuple[tuple[str, str], ...]
    layer: Layer | None = None
    event: str = ""
    segment: Segment | None = None
    variation: Variation | None = None

    @property
    def type(self) -> str:
        """The type of the object, as the table calls it."""
        return self.steps[-1][0]

    @property
    def typed_path(self) -> str:
        """The path with types, for objects that are to be made."""
        names = (f"<{kind}>{name}" for kind, name in self.steps)
        return "\\".join(("", self.root, _WORK_UNIT, *names))

    @property
    def path(self) -> str:
        """The path without types, for objects that are there."""
        return "\\".join(("", self.root, _WORK_UNIT, *(name for _, name in self.steps)))

    def child(self, kind: str, name: str) -> tuple[tuple[str, str], ...]:
        """Return the steps to an object inside this one."""
        return (*self.steps, (kind, name))


def wwise_objects(music: GameMusic, sound_root: str) -> list[WwiseObject]:
    """Return all objects, each after the one that holds it."""
    return [*_all_music(music), *_all_sounds(music, sound_root)]


def _all_music(music: GameMusic) -> Iterator[WwiseObject]:
    folder = WwiseObject(_MUSIC_ROOT, (("Virtual Folder", music.name),))
    segments = [segment for segment in music.segments if segment.kind != "stinger"]
    if segments:
        yield folder
    stated = {state.name for theme in music.themes for state in theme.states}
    for theme in music.themes:
        steps = folder.child("Music Switch Container", theme.name)
        holder = WwiseObject(_MUSIC_ROOT, steps, event=f"Play_{theme.name}")
        yield holder
        for state in theme.states:
            yield from _music(state, holder)
    for segment in segments:
        if segment.name not in stated:
            yield from _music(segment, folder)


def _music(segment: Segment, holder: WwiseObject) -> Iterator[WwiseObject]:
    event = f"Play_{segment.name}"
    if segment.kind == "loop" or len(segment.variations) > 1:
        # A segment that an event plays is over at its end; a playlist can go round.
        steps = holder.child("Music Playlist Container", segment.name)
        holder = WwiseObject(_MUSIC_ROOT, steps, event=event, segment=segment)
        yield holder
        event = ""
    for variation in segment.variations:
        steps = holder.child("Music Segment", variation.name)
        one = WwiseObject(_MUSIC_ROOT, steps, event=event, segment=segment, variation=variation)
        yield one
        for layer in variation.parts:
            steps = one.child("Music Track", layer.name)
            yield WwiseObject(_MUSIC_ROOT, steps, layer, segment=segment, variation=variation)


def _all_sounds(music: GameMusic, root: str) -> Iterator[WwiseObject]:
    folder = WwiseObject(root, (("Virtual Folder", music.name),))
    stingers = [segment for segment in music.segments if segment.kind == "stinger"]
    if stingers:
        yield folder
    for segment in stingers:
        event = f"Play_{segment.name}"
        holder = folder
        if len(segment.variations) > 1:
            steps = folder.child("Random Container", segment.name)
            holder = WwiseObject(root, steps, event=event, segment=segment)
            yield holder
            event = ""
        for variation in segment.variations:
            steps = holder.child("Sound SFX", variation.name)
            yield WwiseObject(root, steps, variation.mix, event, segment, variation)
