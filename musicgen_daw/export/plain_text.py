"""Words of users and generators, made fit for metadata of every kind."""

from __future__ import annotations

import unicodedata

__all__ = ["ascii_line", "one_line"]

# Marks that reorder the text around them: in a file's metadata they only serve to deceive.
_BIDI_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control characters, halves of surrogate pairs, code points that no XML may hold.
_DROPPED_CATEGORIES = ("Cc", "Cs", "Cn")


def one_line(text: str) -> str:
    """Return ``text`` as one line without control characters; white space becomes single spaces."""
    if text.isascii() and text.isprintable():  # nearly all texts, and a table has many
        return " ".join(text.split())
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or _is_printable(character)
    )
    return " ".join("".join(kept).split())


def ascii_line(text: str, max_length: int) -> str:
    """Return ``text`` as at most ``max_length`` ASCII characters: "é" becomes "e", "漢" "?"."""
    decomposed = unicodedata.normalize("NFKD", one_line(text))
    base = "".join(character for character in decomposed if not unicodedata.combining(character))
    return base.encode("ascii", "replace").decode("ascii")[:max_length].rstrip()


def _is_printable(character: str) -> bool:
    return (
        unicodedata.category(character) not in _DROPPED_CATEGORIES and character not in _BIDI_MARKS
    )
