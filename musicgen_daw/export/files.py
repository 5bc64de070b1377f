"""What an exporter gives back: files for the output folder, told rather than written.

A hand-off that keeps copies of stems may be gigabytes long; only whoever writes it opens them.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Archive", "CopyOf", "ExportFile"]


@dataclass(frozen=True, slots=True)
class CopyOf:
    """The bytes of a file that is in the output folder: ``path`` has forward slashes."""

    path: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip of ``members``, each a name with forward slashes and its bytes, in this order."""

    members: tuple[tuple[str, bytes | CopyOf], ...]


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file to be written: ``path`` is relative to the output folder, with forward slashes.

    ``losses`` tell, a sentence each, what of this session the format doesn't hold.
    """

    path: str
    content: bytes | CopyOf | Archive
    losses: tuple[str, ...] = ()
