"""The "cue " chunk and its "adtl" list: markers and regions inside a file, with their names.

Source: Microsoft/IBM, Multimedia Programming Interface and Data Specifications 1.0.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from musicgen_daw.export.plain_text import one_line
from musicgen_daw.formats.riff import Chunk, list_chunk
from musicgen_daw.formats.wav_markers import CUE_POINT

__all__ = ["Marker", "encode"]


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """A named place in a file, in samples from its start; with a length it is a region."""

    at_samples: int
    name: str
    length_samples: int = 0
    note: str = ""


def encode(markers: Sequence[Marker], length_samples: int) -> tuple[Chunk, ...]:
    """Return the "cue " chunk and the list of labels (UTF-8), or nothing where there is no marker.

    Raises:
        ValueError: for a marker outside the file, which game engines refuse to import.
    """
    for marker in markers:
        end_samples = marker.at_samples + marker.length_samples
        if not 0 <= marker.at_samples < length_samples or end_samples > length_samples:
            raise ValueError(
                f"marker {marker.name!r} at sample {marker.at_samples} lies outside the file"
                f" of {length_samples} samples"
            )
    if not markers:
        return ()
    numbered = list(enumerate(sorted(markers), start=1))
    points = b"".join(_point(number, marker) for number, marker in numbered)
    labels = [
        chunk
        for number, marker in numbered
        for chunk in (_label(number, marker), *_note(number, marker), *_region(number, marker))
    ]
    return Chunk(b"cue ", struct.pack("<I", len(numbered)) + points), list_chunk(b"adtl", labels)


def _point(number: int, marker: Marker) -> bytes:
    return CUE_POINT.pack(number, marker.at_samples, b"data", 0, 0, marker.at_samples)


def _label(number: int, marker: Marker) -> Chunk:
    return Chunk(b"labl", struct.pack("<I", number) + _zero_ended(marker.name))


def _note(number: int, marker: Marker) -> tuple[Chunk, ...]:
    if not marker.note:
        return ()
    return (Chunk(b"note", struct.pack("<I", number) + _zero_ended(marker.note)),)


def _region(number: int, marker: Marker) -> tuple[Chunk, ...]:
    if not marker.length_samples:
        return ()
    # Country, language, dialect and code page stay 0: the name is in the label.
    return (
        Chunk(b"ltxt", struct.pack("<II4s4H", number, marker.length_samples, b"rgn ", 0, 0, 0, 0)),
    )


def _zero_ended(text: str) -> bytes:
    return one_line(text).encode("utf-8") + b"\0"
