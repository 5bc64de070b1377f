"""What was written into an output folder: one JSON line a file, appended durably.

A plain file rather than a database, because output folders often lie on network drives, where
the locks of a database can't be trusted. A later line about a path replaces an earlier one. A
line that says nothing usable, torn by a killed writer or edited by hand, is passed over.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from musicgen_daw.store.atomic import write_whole

__all__ = ["OWN_FOLDER", "Ledger", "OutputRecord", "is_plain", "read"]

OWN_FOLDER = ".musicgen-daw"
"""What an output folder keeps about itself; no other file goes there."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME_BYTES = 255
_LONGEST_PATH_BYTES = 1024


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """A file that was written: ``path`` is relative to the folder, with forward slashes.

    ``recipe`` stands for everything that went into the file. ``facts`` are JSON values that the
    writer knew about it, such as measured levels.
    """

    path: str
    recipe: str
    sha256: str
    size_bytes: int
    facts: Mapping[str, Any] = field(default_factory=dict)


class Ledger:
    """The records of one folder, for the one process that may write there.

    Methods raise ``OSError`` as the system tells it. Threads may share a ledger.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        entries = _entries(path) if path.exists() else {}
        self._records = {name: entry.record for name, entry in entries.items()}
        # Written anew, so that lines that were torn or replaced don't pile up over the runs.
        write_whole(path, b"".join(_BREAK + entry.line for entry in entries.values()))

    def get(self, path: str) -> OutputRecord | None:
        """Return the record of a file."""
        return self._records.get(path)

    def paths(self) -> list[str]:
        """Return all recorded paths, in order."""
        return sorted(self._records)

    def add(self, record: OutputRecord) -> None:
        """Record a file that is in place."""
        with self._lock:
            self._append(asdict(record))
            self._records[record.path] = record

    def forget(self, paths: Iterable[str]) -> None:
        """Remove records."""
        with self._lock:
            for path in paths:
                self._append({"path": path, "forgotten": True})
                self._records.pop(path, None)

    def _append(self, values: Mapping[str, Any]) -> None:
        with self._path.open("ab") as file:
            file.write(_line(values))
            file.flush()
            os.fsync(file.fileno())


def read(path: Path) -> dict[str, OutputRecord]:
    """Return the records of a ledger by path; lines that say nothing usable are passed over.

    Raises:
        OSError: as the system tells it.
    """
    return {name: entry.record for name, entry in _entries(path).items()}


def is_plain(path: str) -> bool:
    """Tell whether a path is relative, stays in its folder, and can be a path anywhere."""
    parts = PurePosixPath(path).parts
    try:
        sizes = [len(part.encode("utf-8", "surrogateescape")) for part in parts]
    except UnicodeEncodeError:
        return False
    if not parts or max(sizes) > _LONGEST_NAME_BYTES or sum(sizes) > _LONGEST_PATH_BYTES:
        return False
    return path == "/".join(parts) and not any(
        part in ("/", "..", OWN_FOLDER) or "\\" in part or "\0" in part for part in parts
    )


# -- lines -------------------------------------------------------------------------------------

# A line begins with its break, so that a torn line ends before it.
_BREAK = b"\n"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A record, and its line as it stands in the file."""

    record: OutputRecord
    line: bytes


def _entries(path: Path) -> dict[str, _Entry]:
    entries: dict[str, _Entry] = {}
    for line in path.read_bytes().splitlines():
        try:
            values = json.loads(line)
            if "forgotten" in values:
                entries.pop(values["path"], None)
            else:
                record = OutputRecord(**values)
                if _is_sound(record):
                    entries[record.path] = _Entry(record, line)
        except (TypeError, ValueError, KeyError, RecursionError):
            continue
    return entries


def _is_sound(record: OutputRecord) -> bool:
    """Tell whether a record has the types that it should have; its facts are its writer's."""
    return (
        isinstance(record.path, str)
        and is_plain(record.path)
        and isinstance(record.recipe, str)
        and isinstance(record.sha256, str)
        and _SHA256.fullmatch(record.sha256) is not None
        and isinstance(record.size_bytes, int)
        and isinstance(record.facts, dict)
    )


def _line(values: Mapping[str, Any]) -> bytes:
    return _BREAK + json.dumps(values, ensure_ascii=True, separators=(",", ":")).encode("ascii")
