"""Prompt templates: ``tense strings, {prompt}, {bpm} bpm, {key}``.

A field stands in braces; a brace of its own is doubled, ``{{``. What is filled in is text and is
never read as a template again. A clause (what stands between the template's commas) is dropped
when one of its fields has no value: without a key, ``strings, in {key}`` is ``strings``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from musicgen_daw.errors import did_you_mean

__all__ = ["PROMPT_FIELDS", "Template"]

PROMPT_FIELDS = ("prompt", "bpm", "key", "meter", "name", "style", "seconds", "intensity")
"""What a template may ask for. ``prompt`` is the cue's own text."""

_PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|,|[^{},]+")


class _Piece(NamedTuple):
    """A piece of a clause: a field, or plain text."""

    text: str
    is_field: bool


_Clause = tuple[_Piece, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A template, read: clauses with fields, and the plain text between them as it is."""

    clauses: tuple[_Clause | str, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read a template.

        Raises:
            ValueError: for an unknown field or a brace without its partner.
        """
        clauses: list[list[_Piece]] = [[]]
        for piece in _PIECE.findall(text):
            if piece == ",":
                clauses.append([])
            else:
                clauses[-1].append(_read_piece(piece, text))
        return cls(tuple(_with_plain_text(clauses)))

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the template asks for."""
        with_fields = (clause for clause in self.clauses if not isinstance(clause, str))
        return frozenset(piece.text for clause in with_fields for piece in clause if piece.is_field)

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with values filled in; a missing or empty one drops its clause."""
        clauses = (
            clause if isinstance(clause, str) else _filled(clause, values)
            for clause in self.clauses
        )
        return ", ".join(clause for clause in clauses if clause)


def _with_plain_text(clauses: Iterable[list[_Piece]]) -> Iterator[_Clause | str]:
    """Yield the clauses; a row of those without fields becomes one text, made only once."""
    for has_fields, row in groupby(clauses, lambda clause: any(p.is_field for p in clause)):
        if has_fields:
            yield from map(tuple, row)
        else:
            texts = ("".join(piece.text for piece in clause).strip() for clause in row)
            yield ", ".join(text for text in texts if text)


def _filled(clause: _Clause, values: Mapping[str, str]) -> str:
    words = []
    for piece in clause:
        value = values.get(piece.text, "").strip() if piece.is_field else piece.text
        if not value:
            return ""
        words.append(value)
    return "".join(words).strip()


def _read_piece(piece: str, template: str) -> _Piece:
    if piece in ("{{", "}}"):
        return _Piece(piece[0], False)
    if piece in ("{", "}"):
        raise ValueError(f"a single {piece!r} in {template!r}: double it to mean the character")
    if not piece.startswith("{"):
        return _Piece(piece, False)
    name = piece[1:-1]
    if name not in PROMPT_FIELDS:
        known = ", ".join(f"{{{known}}}" for known in PROMPT_FIELDS)
        nearest = did_you_mean(name, PROMPT_FIELDS) or f": use one of {known}"
        raise ValueError(f"unknown field {{{name}}} in {template!r}{nearest}")
    return _Piece(name, True)
