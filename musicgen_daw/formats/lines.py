"""The lines of a text with their numbers, whatever ends them, one at a time.

``str.splitlines`` also splits at form feeds and other characters that no editor counts, and a
list of all lines can be many times larger than the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from musicgen_daw.errors import CueSheetError

__all__ = ["numbered"]

_LINE = re.compile(r"([^\r\n]*)(?:\r\n?|\n|\Z)")


def numbered(text: str, max_lines: int) -> Iterator[tuple[int, str]]:
    """Yield each line that holds anything, stripped, with its number from 1 on.

    Raises:
        CueSheetError: at the line that is one too many.
    """
    for number, found in enumerate(_LINE.finditer(text), 1):
        if number > max_lines + 1:  # the last match is the empty rest behind the last line end
            raise CueSheetError(f"more than {max_lines} lines are too many", place=f"line {number}")
        if line := found[1].strip(" \t"):
            yield number, line
