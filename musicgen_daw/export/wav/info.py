"""The "INFO" list: title, maker, comment and copyright, as file browsers show them.

Source: Microsoft/IBM, Multimedia Programming Interface and Data Specifications 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass

from musicgen_daw.export.plain_text import one_line
from musicgen_daw.formats.riff import Chunk, list_chunk

__all__ = ["Info", "encode"]


@dataclass(frozen=True, slots=True)
class Info:
    """What an INFO list tells; empty fields are left out."""

    title: str = ""
    artist: str = ""
    software: str = ""
    comment: str = ""
    copyright: str = ""


def encode(info: Info) -> Chunk:
    """Return the list, its texts in UTF-8 and ended by a zero."""
    texts = {
        b"INAM": info.title,
        b"IART": info.artist,
        b"ICMT": info.comment,
        b"ICOP": info.copyright,
        b"ISFT": info.software,
    }
    return list_chunk(
        b"INFO",
        [
            Chunk(chunk_id, one_line(text).encode("utf-8") + b"\0")
            for chunk_id, text in texts.items()
            if one_line(text)
        ],
    )
