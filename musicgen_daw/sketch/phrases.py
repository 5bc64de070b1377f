"""A text → its phrases: the longest that the lexicon knows, and which of them are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from musicgen_daw.sketch.lexicon import FILLERS, LEXICON
from musicgen_daw.sketch.sense import Sense

__all__ = ["NEGATION", "phrases_of"]

_LONGEST_PHRASE = max(phrase.count(" ") + 1 for phrase in LEXICON)
_NEGATIONS = ("no", "not", "without", "minus", "avoid", "avoiding", "never", "excluding", "exclude",
              "except", "don't", "non", "zero", "lacking", "nothing", "skip", "omit",
              "everything but", "all but", "anything but", "hold the", "leave out")  # fmt: skip
NEGATION = re.compile(rf"\b(?:{'|'.join(_NEGATIONS)})\s+$", re.IGNORECASE)
"""The end of a text that refuses what follows it."""

_JOINTS = re.compile(r"[-/+_]")
_LINKS = ("or", "and", "nor", "any", "too", "a", "the", "very", "use", "overly", "so", "of", "&")
_TOKEN = re.compile(r"[^\W_][\w'&+#♯♭/-]*|[,.;:!?()\[\]\n]")


def phrases_of(text: str, *, negated: bool) -> Iterator[tuple[str, Sense | None, bool]]:
    """Yield every phrase with its sense (``None``: unknown) and whether it is negated."""
    words = [token.lower() for token in _TOKEN.findall(text)]
    place, refused = 0, False
    while place < len(words):
        word = words[place]
        if not word[0].isalnum():
            refused, place = False, place + 1
            continue
        for count in range(min(_LONGEST_PHRASE, len(words) - place), 0, -1):
            phrase = " ".join(words[place : place + count])
            if phrase in LEXICON:
                yield phrase, LEXICON[phrase], negated or refused
                place += count
                # "no drums or bass" refuses both; "no drums piano" only the drums.
                refused = (
                    refused and place < len(words) and words[place] in ("or", "and", "nor", "&")
                )
                break
        else:
            if (parts := _parts(word)) is not None:
                words[place : place + 1] = parts
                continue
            if word in _NEGATIONS:
                refused = True
            elif " ".join(words[place : place + 2]) in _NEGATIONS:
                refused, place = True, place + 1
            elif word not in _LINKS and word not in FILLERS:
                yield word, None, refused
                refused = False
            place += 1


def _parts(word: str) -> list[str] | None:
    """Return what an unknown word that is joined from others means: ``chip-tune``, ``no_drums``."""
    parts = [part for part in _JOINTS.split(word) if part]
    if len(parts) < 2:
        return None
    joined = "".join(parts)
    return [joined] if joined in LEXICON else parts
