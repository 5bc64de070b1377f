"""What a provider sent instead of a clip, kept as it came, for a person to look at."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from musicgen_daw.errors import StoreError
from musicgen_daw.store.atomic import write_whole

__all__ = ["EvidenceFolder"]

_LARGEST_BYTES = 16 * 2**20
_KEY = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[0-9a-f]{64}-[0-9a-f]{16}\.body")


class EvidenceFolder:
    """The folder ``evidence`` of a store, made when something is kept.

    Files are written by way of ``incoming`` beside it, which is swept of what killed writers left.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._scratch = root.parent / "incoming"

    def keep(self, key: str, content: bytes, at_most_bytes: int = _LARGEST_BYTES) -> str:
        """Keep the beginning of a body for the clip of a key and return its name.

        It is durable when this returns. The same content again is the same file.

        Raises:
            StoreError: where it can't be written.
            ValueError: for a key that is none.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key of a clip")
        kept = content[:at_most_bytes]
        name = f"{key}-{hashlib.sha256(kept).hexdigest()[:16]}.body"
        path = self._root / name
        try:
            write_whole(path, kept, scratch=self._scratch)
        except OSError as error:
            raise StoreError(
                f"can't be written: {error.strerror or error}; check space and rights, "
                "or choose another store with --store",
                path=path,
            ) from error
        return name

    def path_of(self, name: str) -> Path:
        """Return where a body of a name lies.

        Raises:
            ValueError: for a name that ``keep`` did not give.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} names no evidence")
        return self._root / name
