"""File names that are safe on Windows, macOS and Linux, whatever a cue is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["MAX_NAME_BYTES", "distinct_names", "safe_name", "stem_path"]

MAX_NAME_BYTES = 80
"""The longest safe name in bytes of UTF-8: cue, take and stem together stay below 255."""

_FORBIDDEN = frozenset('<>:"/\\|?*')
# What neither shows nor sorts: control and format characters, surrogates, private and unassigned.
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn")
# The names of devices on Windows, also in front of a dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)


@lru_cache(maxsize=1024)  # a session has the same stems in every cue
def safe_name(text: str, max_bytes: int = MAX_NAME_BYTES) -> str:
    """Return ``text`` as one component of a path: never empty, hidden, reserved or too long.

    White space becomes ``_``, as does each character that some system forbids.
    """
    if text.isascii():  # nearly all texts, and a session has many
        kept = text.translate(_SAFE_ASCII)
    else:
        characters = unicodedata.normalize("NFC", text)
        kept = unicodedata.normalize("NFC", "".join(map(_safe_character, characters)))
    name = _trimmed(re.sub("_+", "_", kept), max_bytes)
    if _DEVICES.fullmatch(name):
        name = _trimmed(f"x_{name}", max_bytes)
    return name or "untitled"


def distinct_names(texts: Iterable[str], max_bytes: int = MAX_NAME_BYTES) -> list[str]:
    """Return safe names in the order of ``texts``, no two of which any file system takes for one.

    The second twin becomes ``name_2``; a name never depends on a later one.
    """
    names: list[str] = []
    taken: set[str] = set()
    next_numbers: dict[str, int] = {}  # of each name that has twins: the numbers below are taken
    for text in texts:
        first = name = safe_name(text, max_bytes)
        first_folded = folded = _folded(first)
        number = next_numbers.get(first_folded, 2)
        while folded in taken:
            ending = f"_{number}"
            name = safe_name(first, max_bytes - len(ending)) + ending
            folded = _folded(name)
            number += 1
        next_numbers[first_folded] = number
        taken.add(folded)
        names.append(name)
    return names


def stem_path(cue_name: str, stem_name: str, take: int, suffix: str = ".wav") -> str:
    """Return a stem's path in the output folder; ``cue_name`` and ``stem_name`` are safe already.

    The first take has no number, and a file keeps its name when other takes come or go: a DAW's
    session that uses it must find it again.
    """
    take_part = f"_t{take}" if take > 1 else ""
    return f"stems/{cue_name}/{cue_name}{take_part}_{stem_name}{suffix}"


def _safe_character(character: str) -> str:
    if character.isspace() or character in _FORBIDDEN:
        return "_"
    return "" if unicodedata.category(character) in _INVISIBLE_CATEGORIES else character


_SAFE_ASCII = {code: _safe_character(chr(code)) for code in range(128)}


def _trimmed(name: str, max_bytes: int) -> str:
    """Cut to length between characters, then take off what may not stand at either end."""
    name = name.lstrip("._-~ ")
    name = name.encode("utf-8")[:max_bytes].decode("utf-8", "ignore")
    return name.rstrip("._ ")


def _folded(name: str) -> str:
    """Return what the least exact file system compares: no case, no accent composition."""
    if name.isascii():  # nearly all names, and a session has many
        return name.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", name).upper())
    return unicodedata.normalize("NFKC", folded.casefold())
