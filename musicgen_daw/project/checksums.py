"""The checksums of a checkpoint's weights: read whole once, and known until a file changes.

What tells checkpoints apart in a clip's key looks at samples of the files, so that it is instant;
whether every byte is as it was published only a look at all of them can tell.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from musicgen_daw.errors import BackendError, VerificationFailed
from musicgen_daw.musicgen.files import CheckpointFiles
from musicgen_daw.store import atomic

__all__ = ["Checksums", "FileChecksum"]

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileChecksum:
    """One file's sha256, and the one that the hub promised, where it came from there."""

    path: Path
    sha256: str
    promised: str | None

    @property
    def is_right(self) -> bool:
        """Whether nothing speaks against the file."""
        return self.promised is None or self.promised == self.sha256


class Checksums:
    """The checksums known to this user, in a folder that may vanish at any time."""

    def __init__(self, folder: Path | None = None) -> None:
        cache = platformdirs.user_cache_path("musicgen-daw", appauthor=False)
        self._folder = folder or cache / "checksums"

    def known(self, files: CheckpointFiles) -> str | None:
        """Return the checksum of a checkpoint if all its files were read as they are now."""
        found = [self._look_up(path) for path in files.weights]
        return _of_all(files, [one for one in found if one]) if all(found) else None

    def read(self, files: CheckpointFiles) -> tuple[str, tuple[FileChecksum, ...]]:
        """Return the checksum of a checkpoint and those of its files; all of them are read anew.

        Raises:
            BackendError: where a file can't be read.
            VerificationFailed: where one is not what the hub promised.
        """
        found = tuple(self._read(path) for path in files.weights)
        for one in found:
            if not one.is_right:
                raise VerificationFailed(
                    f"has the sha256 {one.sha256}, where the hub promised {one.promised}: "
                    f"remove it, and get the checkpoint again",
                    path=one.path,
                )
        return _of_all(files, [one.sha256 for one in found]), found

    def _read(self, path: Path) -> FileChecksum:
        try:
            before = _state(path)
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            is_still = _state(path) == before
        except OSError as error:
            raise BackendError(f"can't be read: {error.strerror}", path=path) from None
        if is_still:
            note = json.dumps({**before, "sha256": sha256}).encode()
            with suppress(OSError):  # it is read again the next time
                atomic.write_whole(self._note(path), note)
        return FileChecksum(path, sha256, _promised(path))

    def _look_up(self, path: Path) -> str | None:
        try:
            note = json.loads(self._note(path).read_bytes()[:10_000])
            if not isinstance(note, dict):
                return None
            sha256 = note.pop("sha256", None)
            is_known = note == _state(path) and _SHA256.fullmatch(str(sha256)) is not None
        except (OSError, ValueError, RecursionError):
            return None
        return str(sha256) if is_known else None

    def _note(self, path: Path) -> Path:
        name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / f"{name}.json"


def _state(path: Path) -> dict[str, object]:
    """Return what changes when a file does."""
    told = path.stat()
    return {"size": told.st_size, "mtime_ns": told.st_mtime_ns}


def _promised(path: Path) -> str | None:
    """Return the sha256 by which the hub's tools name what they download."""
    name = path.resolve().name
    return name if path.is_symlink() and _SHA256.fullmatch(name) else None


def _of_all(files: CheckpointFiles, checksums: list[str]) -> str:
    """Return a checkpoint's checksum: its file's, or one over those of all its files."""
    if len(checksums) == 1:
        return checksums[0]
    return hashlib.sha256("\n".join(_lines(files, checksums)).encode()).hexdigest()


def _lines(files: CheckpointFiles, checksums: list[str]) -> Iterator[str]:
    for path, checksum in zip(files.weights, checksums, strict=True):
        yield f"{checksum}  {path.name}"
