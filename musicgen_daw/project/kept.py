"""What a sound file brings along beside its sound, and what of it the new file can hold.

What understands tags is loaded for files that may have some: a WAV file has chunks.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from musicgen_daw.audio.reading import SoundFile
from musicgen_daw.export.wav import info
from musicgen_daw.export.wav.carried import Change, carried
from musicgen_daw.export.wav.info import Info
from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk

if TYPE_CHECKING:
    from musicgen_daw.export.found_tags import FoundTags

__all__ = ["Kept", "keep"]

_NAMES = {
    b"bext": "bext",
    b"iXML": "iXML",
    b"cue ": "cue points",
    b"smpl": "loop points",
    b"acid": "acid loop",
    b"adtl": "marker names",
    b"axml": "ADM",
    b"_PMX": "XMP",
    b"inst": "instrument",
    b"id3 ": "ID3",
}
_UNTOLD = (
    *(b"fmt ", b"fact", b"ds64", b"PEAK", b"levl", b"C2PA"),
    *(b"INFO", b"JUNK", b"junk", b"PAD ", b"FLLR"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The chunks of a WAV file, the tags of other formats, and of any file title, artist and such.

    The latter are ``texts``; ``tags`` is ``None`` where a file has only them.
    """

    chunks: tuple[Chunk, ...]
    texts: Mapping[str, str]
    tags: FoundTags | None = None

    def texts_in(self, file_format: str) -> Mapping[str, str]:
        """Return the texts that an encoder is to write; all tags together are added afterwards."""
        return {} if self._are_carried(file_format) else self.texts

    def add_to(self, file: BinaryIO, file_format: str, change: Change) -> tuple[str, ...]:
        """Add the tags to a whole file of the same kind of formats; tell what is lost.

        Returns warnings.
        """
        lost: tuple[str, ...] = ()
        instead = ""
        if self.tags is not None and self._are_carried(file_format):
            from musicgen_daw.export.carried_tags import write_tags

            lost = write_tags(file, file_format, self.tags, change)
        elif self.tags is not None:
            lost = self.tags.beside_texts()
        elif file_format != "wav":
            lost, instead = tuple(_names(self.chunks)), ": use --format wav"
        return (f"its {', '.join(lost)} can't be kept in {file_format}{instead}",) if lost else ()

    def _are_carried(self, file_format: str) -> bool:
        if self.tags is None:
            return False
        from musicgen_daw.export.found_tags import TAGGED_FORMATS

        return file_format in TAGGED_FORMATS

    def chunks_after(self, change: Change) -> tuple[Chunk, ...]:
        """Return the chunks of a WAV file made from this one; tags of others become an INFO."""
        if self.chunks or not self.texts:
            return carried(self.chunks, change)
        named = {name: self.texts.get(name, "") for name in ("title", "artist", "comment")}
        return (info.encode(Info(**named, copyright=self.texts.get("copyright", ""))),)


def _names(chunks: Iterable[Chunk]) -> Iterator[str]:
    """Yield what chunks are called, each once; what tells of the samples is not told."""
    kinds = [chunk.body[:4] if chunk.id == b"LIST" else chunk.id for chunk in chunks]
    for kind in dict.fromkeys(kinds):
        if kind not in _UNTOLD:
            yield _NAMES.get(kind) or f"{kind.decode('ascii', 'replace').strip()!r} chunk"


def keep(path: Path, told: SoundFile) -> Kept:
    """Read what a file brings along; its samples are not read."""
    if told.container != "wav":
        return Kept((), told.tags, _found_tags(path, told.container))
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        # A mapped file is sliced like bytes, of which only the slices are read.
        try:
            parsed = riff.parse(content)
        except ValueError:  # big-endian, or other kin of RIFF that libsndfile reads as WAV
            return Kept((), told.tags)
        chunks = tuple(
            Chunk(chunk.id, chunk.body(content)) for chunk in parsed.chunks if chunk.id != b"data"
        )
    return Kept(chunks, told.tags)


def _found_tags(path: Path, container: str) -> FoundTags | None:
    from musicgen_daw.export.found_tags import TAGGED_FORMATS, FoundTags, find_tags

    found = find_tags(path, container) if container in TAGGED_FORMATS else FoundTags()
    return None if found == FoundTags() else found
