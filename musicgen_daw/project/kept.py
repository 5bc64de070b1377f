"""What a sound file brings along beside its sound, and what of it the new file can hold."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from musicgen_daw.audio.reading import SoundFile
from musicgen_daw.export.carried_tags import write_places, write_tags
from musicgen_daw.export.found_places import (
    PLACE_CHUNKS,
    places_in_chunks,
    places_of_tags,
    without_places,
)
from musicgen_daw.export.found_tags import TAGGED_FORMATS, FoundTags, find_tags
from musicgen_daw.export.places import Places, past_in_words
from musicgen_daw.export.wav import cue, info, smpl
from musicgen_daw.export.wav.carried import Change, carried, past_the_end
from musicgen_daw.export.wav.info import Info
from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk

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


_KINDS = {"flac": "comments", "ogg": "comments"}
"""What tells places alike, so that it goes along as it is; other formats are kinds of their own."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The chunks of a WAV file, the tags of other formats, and of any file title, artist and such.

    The latter are ``texts``; ``tags`` is ``None`` where a file has only them. ``places`` are the
    markers and the loop, whatever told them.
    """

    container: str
    chunks: tuple[Chunk, ...]
    texts: Mapping[str, str]
    tags: FoundTags | None = None
    places: Places = field(default_factory=Places)

    def texts_in(self, file_format: str) -> Mapping[str, str]:
        """Return the texts that an encoder is to write; all tags together are added afterwards."""
        return {} if self._are_carried(file_format) else self.texts

    def add_to(self, file: BinaryIO, file_format: str, change: Change) -> tuple[str, ...]:
        """Add the tags to a whole file, and places as its format tells them; tell what is lost.

        Returns warnings.
        """
        translated = self._are_translated(file_format)
        tags = self.tags
        if tags is not None and translated:
            tags = without_places(tags)
        lost: tuple[str, ...] = ()
        if tags is not None and self._are_carried(file_format):
            lost = write_tags(file, file_format, tags, change)
        elif tags is not None:
            lost = tags.beside_texts()
        elif file_format != "wav":
            lost = tuple(_names(chunk for chunk in self.chunks if _kind(chunk) not in PLACE_CHUNKS))
        past: tuple[str, ...] = ()
        if translated:
            past, unheld = self._add_places(file, file_format, change)
            lost += unheld
        elif self.chunks:
            past = past_in_words(*past_the_end(self.chunks, change))
        instead = ": use --format wav" if self.container == "wav" else ""
        return (
            *((f"its {', '.join(lost)} can't be kept in {file_format}{instead}",) if lost else ()),
            *(f"{each}: left out" for each in past),
        )

    def _add_places(
        self, file: BinaryIO, file_format: str, change: Change
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Add markers and the loop, and return those past the end, and what can't be told."""
        loops = () if self.places.loop is not None else tuple(self._strange_loops())
        if file_format not in (*TAGGED_FORMATS, "wav"):
            return (), (*self.places.names(), *loops)
        placed = self.places.moved(change)
        past = self.places.lost_in(placed)
        if file_format == "wav" or placed == Places():
            return past, loops
        return past, (*write_places(file, file_format, placed, change), *loops)

    def _strange_loops(self) -> Iterator[str]:
        """Yield what loops are called that are none for ever onward, which all formats have."""
        if any(chunk.id == b"smpl" for chunk in self.chunks):
            yield _NAMES[b"smpl"]

    def _are_carried(self, file_format: str) -> bool:
        return self.tags is not None and file_format in TAGGED_FORMATS

    def _are_translated(self, file_format: str) -> bool:
        """Tell whether places are told in another way in the new file."""
        if self.tags is not None and self.tags.cue_sheet is not None and file_format == "ogg":
            return True
        kind = _KINDS.get(self.container, self.container)
        return kind != _KINDS.get(file_format, file_format)

    def chunks_after(self, change: Change) -> tuple[Chunk, ...]:
        """Return the chunks of a WAV file made from this one; texts of others become an INFO."""
        if self.chunks:
            return carried(self.chunks, change)
        named = {name: self.texts.get(name, "") for name in ("title", "artist", "comment")}
        told = Info(**named, copyright=self.texts.get("copyright", ""))
        placed = self.places.moved(change)
        loop = placed.loop
        return (
            *((info.encode(told),) if any(named.values()) or told.copyright else ()),
            *cue.encode(placed.markers, change.length_samples),
            *(
                (smpl.encode(loop, change.length_samples, change.sample_rate),)
                if loop is not None
                else ()
            ),
        )


def _names(chunks: Iterable[Chunk]) -> Iterator[str]:
    """Yield what chunks are called, each once; what tells of the samples is not told."""
    for kind in dict.fromkeys(map(_kind, chunks)):
        if kind not in _UNTOLD:
            yield _NAMES.get(kind) or f"{kind.decode('ascii', 'replace').strip()!r} chunk"


def _kind(chunk: Chunk) -> bytes:
    return chunk.body[:4] if chunk.id == b"LIST" else chunk.id


def keep(path: Path, told: SoundFile) -> Kept:
    """Read what a file brings along; its samples are not read."""
    if told.container in TAGGED_FORMATS:
        found = find_tags(path, told.container)
        if found == FoundTags():
            return Kept(told.container, (), told.tags)
        places = places_of_tags(found, told.sample_rate, told.length_samples)
        return Kept(told.container, (), told.tags, found, places)
    if told.container != "wav":
        return Kept(told.container, (), told.tags)
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        # A mapped file is sliced like bytes, of which only the slices are read.
        try:
            parsed = riff.parse(content)
        except ValueError:  # big-endian, or other kin of RIFF that libsndfile reads as WAV
            return Kept("wav", (), told.tags)
        chunks = tuple(
            Chunk(chunk.id, chunk.body(content)) for chunk in parsed.chunks if chunk.id != b"data"
        )
    return Kept("wav", chunks, told.tags, places=places_in_chunks(chunks))
