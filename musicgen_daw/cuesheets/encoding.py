"""From bytes to text, for programs that never say which encoding they write."""

from __future__ import annotations

import codecs

from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import SheetWarning

__all__ = ["decode", "decoded"]

ENCODINGS = ("ascii", "utf-8", "cp932", "cp1252")
"""Tried in this order: each refuses most texts of those after it."""

MAX_BYTES = 16 * 2**20
"""Of a text without sound or plug-ins in it."""

_GUESSES = ("cp932", "cp1252", "latin-1")

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes, charset: str | None = None) -> tuple[str, str]:
    """Return the text and the name of its encoding: ``charset``, or the first that fits.

    Raises:
        CueSheetError: when ``charset`` is unknown or does not fit.
    """
    for candidate in (charset,) if charset else _candidates(content):
        try:
            return content.decode(candidate), candidate
        except LookupError:
            raise CueSheetError(f"unknown charset {candidate!r}: try utf-8 or cp1252") from None
        except UnicodeError as error:
            if charset:
                where = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
                reason = f"the text is not {charset}{where}: say another charset"
                raise CueSheetError(reason) from None
    return content.decode("latin-1"), "latin-1"


def decoded(
    content: bytes,
    charset: str | None,
    warnings: list[SheetWarning],
    *,
    max_bytes: int = MAX_BYTES,
) -> str:
    """Return the text of a whole file, and warn where its encoding had to be guessed.

    Raises:
        CueSheetError: when ``charset`` is unknown or does not fit, or the file is too large.
    """
    if len(content) > max_bytes:
        raise CueSheetError(f"{len(content)} bytes are too many for a cue sheet")
    text, encoding = decode(content, charset)
    if charset is None and encoding in _GUESSES:
        warnings.append(
            SheetWarning("", f"read as {encoding}; if that is wrong, say the --charset")
        )
    return text.removeprefix("\ufeff")


def _candidates(content: bytes) -> tuple[str, ...]:
    marked = tuple(name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark))
    return (*marked, *_unmarked_utf_16(content[:8]), *ENCODINGS)


def _unmarked_utf_16(head: bytes) -> tuple[str, ...]:
    """Return UTF-16 without a byte order mark, where every other byte is a NUL."""
    even, odd = head[::2], head[1::2]
    if len(head) == 8 and all(even) and not any(odd):
        return ("utf-16-le",)
    return ("utf-16-be",) if len(head) == 8 and all(odd) and not any(even) else ()
