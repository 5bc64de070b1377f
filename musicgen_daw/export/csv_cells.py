"""CSV that spreadsheets open without running anything in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from musicgen_daw.export.plain_text import one_line

__all__ = ["csv_text", "guarded", "safe_cell"]

# With the full-width forms, which East Asian spreadsheets take for the same.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def safe_cell(text: str) -> str:
    """Return one line that is no formula; tabs and line ends are white space by then."""
    return guarded(one_line(text))


def guarded(line: str) -> str:
    """Return a line with an apostrophe before a leading ``= + - @``; numbers stay."""
    if line.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(line):
        return f"'{line}"
    return line


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Return a table as CSV (RFC 4180, but with plain line feeds), or parted by something else."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
