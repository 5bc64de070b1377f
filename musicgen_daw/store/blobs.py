"""Audio under the hash of its own bytes: float32 WAV, written once, never changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from musicgen_daw.audio import Audio
from musicgen_daw.audio.computing import computing
from musicgen_daw.errors import AudioError, StoreError
from musicgen_daw.store.atomic import write_whole

__all__ = ["Blob", "BlobFolder"]


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
        from musicgen_daw.audio.codecs import encode_float_wav  # slow to load; a plan needs none

        with computing:
            content = encode_float_wav(audio)
            digest = hashlib.sha256(content).hexdigest()
        blob = Blob(
            sha256=digest,
            size_bytes=len(content),
            channels=audio.channels,
            length_samples=audio.length_samples,
            sample_rate=audio.sample_rate,
        )
        if self.fault_of(blob) is not None:
            write_whole(self.path_of(blob), content, scratch=self._scratch)
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
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return "is missing"
        return None if digest == blob.sha256 else "is damaged: its content has another hash"

    def load(self, blob: Blob) -> Audio:
        """Read a sound back, exactly as it was added.

        Raises:
            StoreError: where the content is not what was stored.
        """
        from musicgen_daw.audio.codecs import decode  # slow to load; a plan needs none

        content = self.path_of(blob).read_bytes()
        if hashlib.sha256(content).hexdigest() != blob.sha256:
            raise StoreError("is damaged: its content has another hash", path=self.path_of(blob))
        try:
            return decode(content)
        except AudioError as error:
            raise StoreError(f"is no stored sound: {error}", path=self.path_of(blob)) from error
