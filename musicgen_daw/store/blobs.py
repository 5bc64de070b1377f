"""Audio under the hash of its own bytes: float32 WAV, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from musicgen_daw.audio import Audio, tape
from musicgen_daw.audio.computing import computing
from musicgen_daw.errors import AudioError, StoreError
from musicgen_daw.store.atomic import make_folder, write_whole

__all__ = ["Blob", "BlobFolder"]

_MOST_IN_MEMORY_BYTES = 64 * 2**20
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Blob:
    """One stored sound: the sha256 hex digest and the size of its file, and its shape."""

    sha256: str
    size_bytes: int
    channels: int
    length_samples: int
    sample_rate: int


class BlobFolder:
    """A folder of blobs, ``ab/abcd….wav``, written by way of ``scratch``.

    Methods raise ``OSError`` as the system tells it.
    """

    def __init__(self, root: Path, scratch: Path) -> None:
        self._root = root
        self._scratch = scratch

    def path_of(self, blob: Blob) -> Path:
        """Return where a blob lies."""
        return self._root / blob.sha256[:2] / f"{blob.sha256}.wav"

    def add(self, audio: Audio) -> Blob:
        """Store a sound and return its blob. A damaged file of the same hash is replaced."""
        from musicgen_daw.audio.codecs import write_float_wav  # slow to load; a plan needs none

        make_folder(self._scratch)
        # What it is called by is known when all of it is encoded.
        with SpooledTemporaryFile(_MOST_IN_MEMORY_BYTES, dir=str(self._scratch)) as encoded:
            with computing:
                write_float_wav(audio, cast(BinaryIO, encoded))
                size_bytes = encoded.seek(0, os.SEEK_END)
                digest = _digest_of(encoded)
            blob = Blob(
                sha256=digest,
                size_bytes=size_bytes,
                channels=audio.channels,
                length_samples=audio.length_samples,
                sample_rate=audio.sample_rate,
            )

            def copy(file: BinaryIO) -> None:
                encoded.seek(0)
                shutil.copyfileobj(encoded, file, _PIECE_BYTES)

            if self.fault_of(blob) is not None:
                write_whole(self.path_of(blob), copy, scratch=self._scratch)
        return blob

    def has(self, blob: Blob) -> bool:
        """Tell whether the file is there in its full size; its content is not read."""
        try:
            return self.path_of(blob).stat().st_size == blob.size_bytes
        except FileNotFoundError:
            return False

    def fault_of(self, blob: Blob) -> str | None:
        """Read the file and return what is wrong with it, or ``None``."""
        try:
            with self.path_of(blob).open("rb") as file:
                digest = _digest_of(file)
        except FileNotFoundError:
            return "is missing"
        return None if digest == blob.sha256 else "is damaged: its content has another hash"

    def load(self, blob: Blob) -> Audio:
        """Read a sound back, exactly as it was added.

        Raises:
            StoreError: where the content is not what was stored.
        """
        from musicgen_daw.audio.reading import describe, pieces_of  # a plan needs none

        path = self.path_of(blob)
        if (fault := self.fault_of(blob)) is not None:
            raise StoreError(fault, path=path)
        try:
            told = describe(path)
            samples = tape.recorded(pieces_of(path), told.channels, told.length_samples)
        except AudioError as error:
            raise StoreError(f"is no stored sound: {error}", path=path) from error
        return Audio(samples, told.sample_rate)


def _digest_of(file: IO[bytes]) -> str:
    """Return the sha256 hex digest of all that is in a file."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE_BYTES):
        digest.update(piece)
    return digest.hexdigest()
