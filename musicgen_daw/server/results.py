"""The clips that were made, as files that callers can fetch for a while."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from musicgen_daw.store import atomic

__all__ = ["Results"]

_GRACE_S = 300.0
"""A file outlives its time by as much, so that nobody's download is cut."""


class Results:
    """The files of completed calls, each kept for ``kept_s`` after it was made."""

    def __init__(self, folder: Path, kept_s: float, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._kept_s = kept_s
        self._clock = clock

    def keep(self, call_id: str, content: bytes) -> None:
        """Write a clip, whole and durable.

        Raises:
            OSError: as the system tells it.
        """
        path = self.path_of(call_id)
        atomic.write_whole(path, content)
        made_s = self._clock()
        os.utime(path, (made_s, made_s))  # by the clock that decides when its time is over

    def path_of(self, call_id: str) -> Path:
        """Return where the clip of a call is, if there is one. The id must be one of ours."""
        return self._folder / f"{call_id}.wav"

    def is_kept(self, finished_s: float | None) -> bool:
        """Tell whether a clip that was made then can still be fetched."""
        return finished_s is not None and self._clock() < finished_s + self._kept_s

    def remove(self, call_id: str) -> None:
        """Remove a clip that nobody will fetch."""
        with suppress(OSError):
            self.path_of(call_id).unlink()

    def sweep(self) -> None:
        """Remove the clips whose time is over, and what killed writers left."""
        before_s = self._clock() - self._kept_s - _GRACE_S
        with suppress(OSError):  # what can't be removed now is tried again later
            atomic.sweep(self._folder, untouched_since_s=before_s)
            for path in self._folder.glob("*.wav"):
                if path.stat().st_mtime < before_s:
                    path.unlink()
