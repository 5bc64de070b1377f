"""CSV that spreadsheets open without running anything in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from musicgen_daw.export.plain_text import one_line

__all__ = ["csv_text", "safe_cell"]

# With the full-width forms, which East Asian spreadsheets take for the same.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def safe_cell(text: str) -> str:
    """Return one line that is no formula: a leading ``= + - @`` gets an apostrophe before it.

    Numbers stay, and tabs and line ends are white space by then.
    """
    line = one_line(text)
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
