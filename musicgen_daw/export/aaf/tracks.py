"""Which channel of which stem lies where: an AAF's tracks and the names of their files."""

from __future__ import annotations

from dataclasses import dataclass

from musicgen_daw.export.arrangement import LaidClip, lanes
from musicgen_daw.export.names import distinct_names
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.stems import channel_names
from musicgen_daw.session import Session

__all__ = ["MEDIA", "MonoClip", "MonoTrack", "mono_tracks"]

MEDIA = "media"
"""The folder beside the AAF in which its files are."""

_MAX_NAME_BYTES = 160
"""Room for the name of a cue, of a stem, and of a side."""


@dataclass(frozen=True, slots=True)
class MonoClip:
    """One channel of a stem in its place; ``path`` counts from the folder of the AAF."""

    laid: LaidClip
    channel: int
    channel_name: str
    path: str

    @property
    def title(self) -> str:
        """What people read on the clip."""
        return f"{one_line(self.laid.cue.name)} - {one_line(self.channel_name)}"


@dataclass(frozen=True, slots=True)
class MonoTrack:
    """Clips one after another. ``pan`` is 0 for left and 1 for right, ``None`` for neither."""

    name: str
    pan: int | None
    clips: tuple[MonoClip, ...]


def mono_tracks(session: Session) -> list[MonoTrack]:
    """Return a track for each channel of each lane, without the mixes of what is there."""
    audible = (
        (name, [clip for clip in lane if not clip.is_reference]) for name, lane in lanes(session)
    )
    found = [
        (name, channel, lane)
        for name, lane in audible
        for channel in range(lane[0].stem.channels if lane else 0)
    ]
    titles = [
        f"{clip.cue.name}_{_name_of(clip, channel)}" for _, channel, lane in found for clip in lane
    ]
    leaves = iter(distinct_names(titles, _MAX_NAME_BYTES))
    return [
        MonoTrack(
            channel_names(one_line(name), lane[0].stem.channels)[channel],
            channel if lane[0].stem.channels == 2 else None,
            tuple(
                MonoClip(clip, channel, _name_of(clip, channel), f"{MEDIA}/{next(leaves)}.wav")
                for clip in lane
            ),
        )
        for name, channel, lane in found
    ]


def _name_of(clip: LaidClip, channel: int) -> str:
    return channel_names(clip.stem.name, clip.stem.channels)[channel]
