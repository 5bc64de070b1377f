"""A few places for all processes of a machine: files that one of them locks at a time.

    next.lock       held by the one process that is next to get a place
    0.lock 1.lock … held by those who have one

A place is as free as its file is unlocked, so the operating system frees those of a process that
dies. Only who is next looks for a place, so that nobody who comes later overtakes.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from musicgen_daw.errors import StoreError
from musicgen_daw.store.atomic import make_folder

__all__ = ["Slots"]

_LOOK_S = 0.1
"""How often a thread that waits for others of its process asks whether it still should."""
_POLL_S = (0.002, 0.02)
"""How long to wait for another process before looking again."""


class Slots:
    """``at_once`` places under a folder, which is made here.

    Processes may have different counts: each uses the places up to its own. Threads of this
    process wait for each other without looking at files.

    Raises:
        StoreError: where the files can't be made or locked (all methods).
    """

    def __init__(
        self,
        folder: Path,
        at_once: int,
        *,
        sleep: Callable[[float], None],
        dice: random.Random,
    ) -> None:
        self._folder = folder
        self._sleep = sleep
        self._dice = dice
        with self._store_errors():
            make_folder(folder)
        # Acquired and released by whichever thread; one object is never held by two.
        self._next = FileLock(folder / "next.lock", thread_local=False)
        self._free = [
            FileLock(folder / f"{number}.lock", thread_local=False) for number in range(at_once)
        ]
        self._changed = threading.Condition()
        self._is_looking = False

    @contextmanager
    def slot(self, given_up: Callable[[], bool]) -> Iterator[None]:
        """Wait for a place and hold it as long as the context lasts.

        Raises:
            CancelledError: where ``given_up`` tells, while waiting, that nobody wants it any more.
        """
        with self._store_errors():
            lock = self._take(given_up)
        try:
            yield
        finally:
            with self._store_errors(), self._changed:
                lock.release()
                self._free.append(lock)
                self._changed.notify()

    def _take(self, given_up: Callable[[], bool]) -> FileLock:
        """Look for a place when no other thread of this process does."""
        with self._changed:
            while self._is_looking or not self._free:
                _go_on(given_up)
                self._changed.wait(_LOOK_S)
            self._is_looking = True
        try:
            self._first_of([self._next], given_up)
            try:
                lock = self._first_of(self._free, given_up)
            finally:
                self._next.release()
            return lock
        finally:
            with self._changed:
                self._is_looking = False
                self._changed.notify()

    def _first_of(self, locks: list[FileLock], given_up: Callable[[], bool]) -> FileLock:
        """Wait until one of some locks is free and hold it; it leaves the list of free ones."""
        while True:
            _go_on(given_up)
            for lock in list(locks):
                try:
                    lock.acquire(blocking=False)
                except Timeout:
                    continue
                with self._changed:
                    if lock in self._free:
                        self._free.remove(lock)
                return lock
            self._sleep(self._dice.uniform(*_POLL_S))

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"calls can't be counted: {error.strerror or error}; check space and rights, "
                "or choose another store with --store",
                path=self._folder,
            ) from error


def _go_on(given_up: Callable[[], bool]) -> None:
    if given_up():
        raise CancelledError
