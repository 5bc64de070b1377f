"""The output folder: disposable, held by one run, and never a place where a user's work is lost."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from musicgen_daw.errors import FolderBusy, OutputError
from musicgen_daw.store import ledger
from musicgen_daw.store.atomic import Content, make_folder, sweep, write_whole
from musicgen_daw.store.ledger import Ledger, OutputRecord

__all__ = ["OutputFolder", "OutputRecord"]

_OWN = ".musicgen-daw"
_LEDGER = "outputs.jsonl"
_SHEET = "sheet"
_NO_FACTS: Mapping[str, Any] = {}


class OutputFolder:
    """An output folder that this run holds until it is closed. Open it with ``open``.

    Paths in it are relative, with forward slashes. Files appear whole or not at all: they are
    written inside ``.musicgen-daw`` and renamed, so that a game engine that watches the folder
    sees finished files only.
    """

    def __init__(self, root: Path, lock: FileLock, records: Ledger) -> None:
        self.root = root
        self._lock = lock
        self._ledger = records

    @classmethod
    def open(cls, path: Path) -> Self:
        """Make and hold a folder, after trying that it can be written.

        Raises:
            FolderBusy: where another run holds it. A run that died holds nothing.
            OutputError: where it can't be written.
        """
        own = path / _OWN
        with _output_errors(path):
            make_folder(own)
            root = path.resolve(strict=True)
            if (path / _OWN).resolve() != root / _OWN:
                raise OutputError("leads out of the output folder: remove this link", path=own)
            lock = _held(own / "lock", path)
            try:
                sweep(own, untouched_since_s=math.inf)  # nobody else writes here now
                records = Ledger(own / _LEDGER)  # which writes a file: the trial before any work
            except BaseException:
                lock.release()
                raise
        return cls(root, lock, records)

    @staticmethod
    def records(path: Path) -> Mapping[str, OutputRecord]:
        """Return what a folder holds, by path, without holding or changing it.

        Raises:
            OutputError: where nothing was ever written by this program, or it can't be read.
        """
        try:
            return ledger.read(path / _OWN / _LEDGER)
        except OSError as error:
            raise OutputError(
                f"is no output folder of musicgen-daw: {error.strerror}", path=path
            ) from error

    @staticmethod
    def sheet_of(path: Path) -> Path:
        """Return the sheet that a folder was made from, as ``remember_sheet`` noted it.

        Raises:
            OutputError: where that isn't known.
        """
        try:
            sheet = (path / _OWN / _SHEET).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OutputError(
                "does not tell which sheet it was made from: render into it first", path=path
            ) from error
        return Path(os.path.normpath(path.resolve() / sheet))

    def remember_sheet(self, sheet: Path) -> None:
        """Note which sheet the folder is made from, relative to it, so that both can be moved."""
        try:
            noted = os.path.relpath(sheet.resolve(), self.root)
        except ValueError:  # on another drive
            noted = str(sheet.resolve())
        note = self.root / _OWN / _SHEET
        with _output_errors(note):
            write_whole(note, noted.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let other runs have the folder."""
        self._lock.release()

    def is_right(self, path: str, recipe: str) -> OutputRecord | None:
        """Return the record of a file that was made by this recipe and is still as it was made."""
        record = self._ledger.get(path)
        if record is None or record.recipe != recipe or not self._is_unchanged(path):
            return None
        return record

    def write(
        self, path: str, recipe: str, content: Content, facts: Mapping[str, Any] = _NO_FACTS
    ) -> OutputRecord:
        """Write a file, in place of whatever stands there, and record it durably.

        ``facts`` are JSON values. Recording a file after it is in place means that a run killed
        in between makes the file again, and nothing worse.

        Raises:
            OutputError: where the path leads out of the folder, or the file can't be written; the
                earlier file is intact.
        """
        target = self._target(path)
        with _output_errors(target):
            write_whole(target, content, scratch=self.root / _OWN)
            with target.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            record = OutputRecord(path, recipe, sha256, target.stat().st_size, dict(facts))
            self._ledger.add(record)
        return record

    def deliver(
        self, path: str, recipe: str, content: bytes, facts: Mapping[str, Any] = _NO_FACTS
    ) -> str:
        """Write a file that the user may work on, and return the path that it has now.

        A file that isn't as we wrote it is the user's and stays: the new one goes beside it, as
        ``chase (2).rpp``. Where it was made by this very recipe there is nothing new to hand over.

        Raises:
            OutputError: as ``write``.
        """
        for candidate in _beside(path):
            record, digest = self._ledger.get(candidate), self._digest(candidate)
            if digest is not None and record is not None and record.recipe == recipe:
                return candidate
            # The same bytes without a record: a run was killed before it could tell.
            is_same = digest == hashlib.sha256(content).hexdigest()
            if digest is None or is_same or self._is_unchanged(candidate):
                self.write(candidate, recipe, content, facts)
                return candidate
        raise AssertionError("there is always a free name")

    def prune(self, keep: Iterable[str]) -> list[str]:
        """Remove the files that we wrote, that are unchanged and not among ``keep``.

        Folders that this leaves empty go too. Returns the removed paths.

        Raises:
            OutputError: where a file can't be removed.
        """
        kept = set(keep)
        stale = [path for path in self._ledger.paths() if path not in kept]
        removed = []
        for path in stale:
            if self._is_unchanged(path):
                target = self._target(path)
                with _output_errors(target):
                    target.unlink()
                self._remove_empty_folders(target.parent)
                removed.append(path)
        with _output_errors(self.root):
            self._ledger.forget(stale)
        return removed

    # -- inside --------------------------------------------------------------------------------

    def _is_unchanged(self, path: str) -> bool:
        """Tell whether a file is there, is ours, and is as we wrote it."""
        record = self._ledger.get(path)
        return record is not None and self._digest(path) == record.sha256

    def _digest(self, path: str) -> str | None:
        """Return the sha256 of a file as it is now, ``None`` where there is none."""
        target = self._target(path)
        with _output_errors(target):
            try:
                with target.open("rb") as file:
                    return hashlib.file_digest(file, "sha256").hexdigest()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def _target(self, path: str) -> Path:
        """Return where a path of this folder lies.

        Raises:
            OutputError: where it leads out of the folder, through ``..`` or a link.
        """
        if not (self.root / _OWN).is_dir():
            raise OutputError("the output folder has vanished", path=self.root)
        parts = PurePosixPath(path).parts
        plain = bool(parts) and not any(
            part in ("/", "..", _OWN) or "\\" in part or "\0" in part for part in parts
        )
        target = self.root.joinpath(*parts) if plain else self.root
        with _output_errors(target):
            if not plain or not target.parent.resolve().is_relative_to(self.root):
                raise OutputError(f"the path {path!r} leads out of the folder", path=self.root)
        return target

    def _remove_empty_folders(self, folder: Path) -> None:
        with suppress(OSError):  # not empty
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent


def _held(lock_path: Path, folder: Path) -> FileLock:
    lock = FileLock(lock_path, blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise FolderBusy(
            "another run holds this folder: wait for it, or choose another folder", path=folder
        ) from None
    return lock


def _beside(path: str) -> Iterator[str]:
    """Yield ``chase.rpp``, ``chase (2).rpp``, ``chase (3).rpp`` and so on."""
    yield path
    name = PurePosixPath(path)
    for number in count(2):
        yield str(name.with_name(f"{name.stem} ({number}){name.suffix}"))


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"can't be written: {error.strerror or error}; check space and rights, "
            "or choose another folder with -o",
            path=error.filename or path,
        ) from error
