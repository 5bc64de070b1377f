"""What an exporter gives back: files for the output folder, told rather than written.

A hand-off that keeps copies of stems may be gigabytes long; only whoever writes it opens them.
"""

from __future__ import annotations

from dataclasses import dataclass

from musicgen_daw.formats.riff import Chunk

__all__ = ["Archive", "Content", "CopyOf", "ExportFile", "MonoOf"]


@dataclass(frozen=True, slots=True)
class CopyOf:
    """The bytes of a file that is in the output folder: ``path`` has forward slashes."""

    path: str


@dataclass(frozen=True, slots=True)
class MonoOf:
    """One channel, counted from 0, of a sound file that is in the output folder.

    It becomes a WAV of 24 bits with ``chunks`` around its samples.
    """

    path: str
    channel: int
    sample_rate: int
    length_samples: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip of ``members``, each a name with forward slashes and its bytes, in this order."""

    members: tuple[tuple[str, bytes | CopyOf], ...]


Content = bytes | CopyOf | MonoOf | Archive
"""What a file of a hand-off holds."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file to be written: ``path`` is relative to the output folder, with forward slashes.

    ``losses`` tell, a sentence each, what of this session the format doesn't hold.
    """

    path: str
    content: Content
    losses: tuple[str, ...] = ()
