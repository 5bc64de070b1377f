"""What a sound file brings along beside its sound, and what of it the new file can hold."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from musicgen_daw.audio.reading import SoundFile
from musicgen_daw.export.wav import info
from musicgen_daw.export.wav.carried import Change, carried
from musicgen_daw.export.wav.info import Info
from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk

__all__ = ["Kept", "keep"]

_WORTH_A_WARNING = {
    b"bext": "bext",
    b"iXML": "iXML",
    b"cue ": "cue points",
    b"smpl": "loop points",
    b"acid": "acid loop",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """The chunks of a WAV file, and the tags of any file: title, artist and such."""

    chunks: tuple[Chunk, ...]
    tags: Mapping[str, str]

    def chunks_after(self, change: Change) -> tuple[Chunk, ...]:
        """Return the chunks of a WAV file made from this one; tags of others become an INFO."""
        if self.chunks or not self.tags:
            return carried(self.chunks, change)
        named = {name: self.tags.get(name, "") for name in ("title", "artist", "comment")}
        return (info.encode(Info(**named, copyright=self.tags.get("copyright", ""))),)

    def lost_in(self, file_format: str) -> tuple[str, ...]:
        """Return what a file of another format can't hold, as warnings."""
        present = {chunk.id for chunk in self.chunks}
        names = [name for chunk_id, name in _WORTH_A_WARNING.items() if chunk_id in present]
        if file_format == "wav" or not names:
            return ()
        return (f"its {', '.join(names)} can't be kept in {file_format}: use --format wav",)


def keep(path: Path, told: SoundFile) -> Kept:
    """Read what a file brings along; its samples are not read."""
    if told.container != "wav":
        return Kept((), told.tags)
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        # A mapped file is sliced like bytes, of which only the slices are read.
        try:
            found = riff.parse(content)
        except ValueError:  # big-endian, or other kin of RIFF that libsndfile reads as WAV
            return Kept((), told.tags)
        chunks = tuple(
            Chunk(chunk.id, chunk.body(content)) for chunk in found.chunks if chunk.id != b"data"
        )
    return Kept(chunks, told.tags)
