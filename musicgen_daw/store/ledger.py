"""What was written into an output folder: one JSON line a file, appended durably.

A plain file rather than a database, because output folders often lie on network drives, where
the locks of a database can't be trusted. A later line about a path replaces an earlier one.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from musicgen_daw.store.atomic import write_whole

__all__ = ["Ledger", "OutputRecord", "read"]


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
        self._records = read(path) if path.exists() else {}
        # Written anew, so that lines that were torn or replaced don't pile up over the runs.
        write_whole(path, b"".join(_line(asdict(record)) for record in self._records.values()))

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
    """Return the records of a ledger by path; lines that a killed writer tore are passed over.

    Raises:
        OSError: as the system tells it.
    """
    records: dict[str, OutputRecord] = {}
    for line in path.read_bytes().splitlines():
        try:
            values = json.loads(line)
            if "forgotten" in values:
                records.pop(values["path"], None)
            else:
                records[values["path"]] = OutputRecord(**values)
        except (TypeError, ValueError, KeyError):
            continue
    return records


def _line(values: Mapping[str, Any]) -> bytes:
    """Return one line. It begins with a line break, so that a torn line ends before it."""
    return b"\n" + json.dumps(values, ensure_ascii=True, separators=(",", ":")).encode("ascii")
