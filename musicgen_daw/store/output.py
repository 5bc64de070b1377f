"""The output folder: disposable, held by one run, and never a place where a user's work is lost."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Self

from filelock import FileLock, Timeout

from musicgen_daw.errors import FolderBusy, OutputError
from musicgen_daw.events import Observer, Warned, ignore
from musicgen_daw.store import ledger
from musicgen_daw.store.atomic import Content, make_folder, sweep, write_whole
from musicgen_daw.store.ledger import OWN_FOLDER, Ledger, OutputRecord
from musicgen_daw.store.output_files import (
    NO_FILE,
    OutputFiles,
    names_beside,
    output_errors,
    sha256_of,
)

__all__ = ["Delivered", "OutputFolder", "OutputRecord"]

_LEDGER = "outputs.jsonl"
_SHEET = "sheet"
_NO_FACTS: Mapping[str, Any] = {}
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Delivered:
    """The path that a file for the user has, and whether it was written just now."""

    path: str
    is_written: bool


class OutputFolder:
    """An output folder that this run holds until it is closed. Open it with ``open``.

    Paths in it are relative, with forward slashes. Files appear whole or not at all: they are
    written inside ``.musicgen-daw`` and renamed, so that a game engine that watches the folder
    sees finished files only. ``observer`` is warned of what had to be set aside.
    """

    def __init__(self, root: Path, lock: FileLock, records: Ledger, observer: Observer) -> None:
        self.root = root
        self._files = OutputFiles(root)
        self._lock = lock
        self._ledger = records
        self._observer = observer

    @classmethod
    def open(cls, path: Path, observer: Observer = ignore) -> Self:
        """Make and hold a folder, after trying that it can be written.

        Raises:
            FolderBusy: where another run holds it. A run that died holds nothing.
            OutputError: where it can't be written.
        """
        own = path / OWN_FOLDER
        with output_errors(path):
            make_folder(own)
            root = path.resolve(strict=True)
            if (path / OWN_FOLDER).resolve() != root / OWN_FOLDER:
                raise OutputError("leads out of the output folder: remove this link", path=own)
            lock = _held(own / "lock", path)
            try:
                sweep(own, untouched_since_s=math.inf)  # nobody else writes here now
                records = Ledger(own / _LEDGER)  # which writes a file: the trial before any work
            except BaseException:
                lock.release()
                raise
        return cls(root, lock, records, observer)

    @staticmethod
    def records(path: Path) -> Mapping[str, OutputRecord]:
        """Return what a folder holds, by path, without holding or changing it.

        Raises:
            OutputError: where nothing was ever written by this program, or it can't be read.
        """
        try:
            return ledger.read(path / OWN_FOLDER / _LEDGER)
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
            noted = os.fsdecode((path / OWN_FOLDER / _SHEET).read_bytes())
        except (OSError, UnicodeDecodeError):
            noted = ""
        if not noted or "\0" in noted:
            raise OutputError(
                "does not tell which sheet it was made from: render into it first", path=path
            )
        return Path(os.path.normpath(os.path.realpath(path) / Path(noted)))

    @staticmethod
    def note(path: Path, name: str) -> bytes | None:
        """Return what ``write_note`` kept in a folder, ``None`` where there is no such note.

        Raises:
            OutputError: where it can't be read.
        """
        kept = path / OWN_FOLDER / name
        try:
            return kept.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise OutputError(f"can't be read: {error.strerror}", path=kept) from error

    def write_note(self, name: str, content: bytes) -> None:
        """Keep something of this program's own in the folder, beside the ledger.

        Raises:
            OutputError: where it can't be written.
        """
        kept = self.root / OWN_FOLDER / name
        with output_errors(kept):
            write_whole(kept, content)

    def remember_sheet(self, sheet: Path) -> None:
        """Note which sheet the folder is made from, relative to it, so that both can be moved.

        Raises:
            OutputError: where it was made from another sheet, which is still there.
        """
        self._refuse_other_than(sheet)
        try:
            noted = os.path.relpath(sheet.resolve(), self.root)
        except ValueError:  # on another drive
            noted = str(sheet.resolve())
        note = self.root / OWN_FOLDER / _SHEET
        with output_errors(note):
            write_whole(note, os.fsencode(noted))

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

    def record(self, path: str) -> OutputRecord | None:
        """Return what was written to a path, whatever stands there now."""
        return self._ledger.get(path)

    def size_bytes(self, path: str) -> int | None:
        """Return the size of a file as it is now, ``None`` where there is none.

        Raises:
            OutputError: where the path leads out of the folder.
        """
        return self._files.size_bytes(path)

    def copy_to(self, path: str, file: IO[bytes]) -> None:
        """Write the bytes of a file of this folder to an open file, a piece at a time.

        Raises:
            OutputError: where there is no such file, or it isn't as it was written.
        """
        source, record = self._files.locate(path), self._ledger.get(path)
        try:
            opened = source.open("rb")
        except OSError as error:
            raise OutputError(f"can't be read: {error.strerror}", path=source) from error
        digest = hashlib.sha256()
        with opened:
            while piece := opened.read(_PIECE_BYTES):
                digest.update(piece)
                file.write(piece)
        if record is None or record.sha256 != digest.hexdigest():
            raise OutputError("isn't as it was written: render it again", path=source)

    def write(
        self, path: str, recipe: str, content: Content, facts: Mapping[str, Any] = _NO_FACTS
    ) -> OutputRecord:
        """Write a file and record it durably.

        What stands there is replaced if it is as we wrote it. Anything else may be somebody's
        work: it is set aside, as ``mix (set aside).wav``. ``facts`` are JSON values. Recording a
        file after it is in place means that a run killed in between makes the file again, and
        nothing worse.

        Raises:
            OutputError: where the path leads out of the folder, or the file can't be written; the
                earlier file is intact.
        """
        target = self._files.locate(path)
        sha256 = ""

        def make_room(fresh: Path) -> None:
            nonlocal sha256
            sha256 = sha256_of(fresh)
            # The same bytes without a record: a run was killed before it could tell.
            if self._files.digest(path) not in (None, sha256) and not self._is_unchanged(path):
                free = self._files.set_aside(path)
                self._observer(Warned(path, f"was not as it was written: it is now {free}"))

        with output_errors(target):
            write_whole(target, content, scratch=self.root / OWN_FOLDER, make_room=make_room)
            record = OutputRecord(path, recipe, sha256, target.stat().st_size, dict(facts))
            self._ledger.add(record)
        return record

    def deliver(
        self, path: str, recipe: str, content: Content, facts: Mapping[str, Any] = _NO_FACTS
    ) -> Delivered:
        """Write a file that the user may work on, and return the path that it has now.

        A file that isn't as we wrote it is the user's and stays: the new one goes beside it, as
        ``chase (2).rpp``. Where it was made by this very recipe there is nothing new to hand over,
        and nothing is written.

        Raises:
            OutputError: as ``write``.
        """
        for candidate in names_beside(path):
            record, digest = self._ledger.get(candidate), self._files.digest(candidate)
            is_file = digest not in (None, NO_FILE)
            if is_file and record is not None and record.recipe == recipe:
                return Delivered(candidate, is_written=False)
            if digest is None or self._is_unchanged(candidate) or self._is_same(digest, content):
                self.write(candidate, recipe, content, facts)
                return Delivered(candidate, is_written=True)
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
                self._files.remove(path)
                removed.append(path)
        with output_errors(self.root):
            self._ledger.forget(stale)
        return removed

    def has_files_in(self, path: str) -> bool:
        """Tell whether files that we wrote are, changed or not, in a folder of this one."""
        inside = (name for name in self._ledger.paths() if name.startswith(f"{path}/"))
        return any(self._files.has_file(name) for name in inside)

    # -- inside --------------------------------------------------------------------------------

    def _refuse_other_than(self, sheet: Path) -> None:
        try:
            earlier = self.sheet_of(self.root)
        except OutputError:
            return
        with suppress(OSError):  # the earlier sheet may be gone
            if not earlier.samefile(sheet):
                raise OutputError(
                    f"was made from {earlier}: choose another folder with -o, or remove this one "
                    "first, if it is to be for another sheet",
                    path=self.root,
                )

    def _is_unchanged(self, path: str) -> bool:
        """Tell whether a file is there, is ours, and is as we wrote it."""
        record = self._ledger.get(path)
        return record is not None and self._files.digest(path) == record.sha256

    def _is_same(self, digest: str, content: Content) -> bool:
        """Tell whether a file without a record is the one that is to be written.

        It is where a run was killed before it could tell.
        """
        if isinstance(content, bytes):
            return digest == hashlib.sha256(content).hexdigest()
        with output_errors(self.root), TemporaryFile(dir=self.root / OWN_FOLDER) as trial:
            content(trial)
            trial.seek(0)
            return digest == hashlib.file_digest(trial, "sha256").hexdigest()


def _held(lock_path: Path, folder: Path) -> FileLock:
    lock = FileLock(lock_path, blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise FolderBusy(
            "another run holds this folder: wait for it, or choose another folder", path=folder
        ) from None
    return lock
