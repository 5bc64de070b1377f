"""Which runs live: each that sends something holds a file as long as it does.

    runs/guard.lock             held for a moment by whoever looks at the others or changes them
    runs/0123456789abcdef.lock  held by the run of that id

The operating system frees the file of a run that dies. The next run removes it.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from musicgen_daw.errors import StoreError
from musicgen_daw.store.atomic import make_folder

__all__ = ["Runs"]

_ID = re.compile(r"[0-9a-f]{16}")
_PATIENCE_S = 30.0
"""How long to wait for the guard, which nobody holds for more than a moment."""
_POLL_S = 0.002


class Runs:
    """The runs that use a store, and this one among them. All threads may share it.

    Nothing is made in ``folder`` before this run is to be known to others.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: str | None = None
        self._held: FileLock | None = None
        self._lock = threading.Lock()

    def own(self) -> str:
        """Return the id of this run, which others see live from now on until it is closed.

        Raises:
            StoreError: where the files can't be made or locked.
        """
        with self._lock:
            if self._own is None:
                self._own = self._begin()
            return self._own

    def is_another(self, run: str | None) -> bool:
        """Tell whether an id is that of another run that lives.

        One of which that can't be told, such as in a folder that can't be written, counts as one.
        """
        if run is None or run == self._own or not _ID.fullmatch(run):
            return False
        path = self._path_of(run)
        try:
            # The guard keeps two that look at once from taking each other for the run.
            if not path.exists():
                return False
            with self._guard():
                return path.exists() and not _was_free(path)
        except OSError:
            return True

    def close(self) -> None:
        """End this run, if it ever was known to others."""
        with self._lock:
            held, self._held, self._own = self._held, None, None
            if held is None:
                return
            try:
                with suppress(OSError), self._guard():
                    held.release()
                    Path(held.lock_file).unlink(missing_ok=True)
            finally:
                held.release()  # else the next run removes the file

    def _begin(self) -> str:
        run = secrets.token_hex(8)
        held = FileLock(self._path_of(run), blocking=False, thread_local=False)
        try:
            make_folder(self._folder)
            with self._guard():
                self._sweep()
                held.acquire()
        except OSError as error:
            raise StoreError(
                f"a run can't be noted: {error.strerror or error}; check space and rights, "
                "or choose another store with --store",
                path=self._folder,
            ) from error
        self._held = held
        return run

    def _sweep(self) -> None:
        """Remove the files of runs that have died."""
        for path in self._folder.glob("*.lock"):
            if _ID.fullmatch(path.stem):
                with suppress(OSError):
                    if _was_free(path):
                        path.unlink()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        path = self._folder / "guard.lock"
        lock = FileLock(path, timeout=_PATIENCE_S, poll_interval=_POLL_S, thread_local=False)
        with lock:
            yield

    def _path_of(self, run: str) -> Path:
        return self._folder / f"{run}.lock"


def _was_free(path: Path) -> bool:
    lock = FileLock(path, blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return False
    lock.release()
    return True
