"""REAPER's nested text: lines of words in blocks, as in ``.rpp`` projects.

    <REAPER_PROJECT 0.1 "7.09/linux-x86_64" 1700000000
      TEMPO 120 4 4
      MARKER 1 2.5 "1M1 Chase" 0
      <TRACK {GUID}
        NAME Strings
      >
    >

A word with blanks in it stands between two of the same quote: ``"``, else ``'``, else a backtick;
there are no escapes. What a line means is its reader's business: notes, MIDI and base64 are lines
of a block like any other.

Source: ``projectcontext.cpp`` of Cockos' WDL, which REAPER writes its projects with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats.decimals import decimal
from musicgen_daw.formats.lines import numbered

__all__ = ["Block", "Fault", "Line", "Project", "block", "dump", "line", "number", "parse", "raw"]

MAX_LINES = 1_000_000
MAX_DEPTH = 100

_WORD = re.compile(r"\"([^\"]*)\"?|'([^']*)'?|`([^`]*)`?|([^ \t]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NEEDS_QUOTES = re.compile(r"^$|^[\"'`#;<>|]|\s")
_DECIMALS = 14


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``number`` is where it stands in a file that was read, from 1 on."""

    text: str
    number: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """The line's words without their quotes."""
        return tuple(found[found.lastindex or 0] for found in _WORD.finditer(self.text))

    @property
    def kind(self) -> str:
        """The first word, which says what the line is."""
        return self.text.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Block:
    """A line that opens a block, and what stands in it."""

    head: Line
    entries: tuple[Line | Block, ...] = ()

    @property
    def kind(self) -> str:
        """The first word of its opening line."""
        return self.head.kind

    def lines(self, kind: str) -> Iterator[Line]:
        """Yield the lines of a kind that stand directly in the block."""
        for entry in self.entries:
            if isinstance(entry, Line) and entry.kind == kind:
                yield entry

    def blocks(self, kind: str) -> Iterator[Block]:
        """Yield the blocks of a kind that stand directly in the block."""
        for entry in self.entries:
            if isinstance(entry, Block) and entry.kind == kind:
                yield entry


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be and was read around; ``number`` is its line."""

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class Project:
    """The outermost block of a file, and what is wrong with the file."""

    root: Block
    faults: tuple[Fault, ...] = ()


# -- reading -----------------------------------------------------------------------------------


def parse(text: str) -> Project:
    """Read a file; blocks that nothing closes end with the file.

    Raises:
        CueSheetError: with the line, when there is no block, or absurdly much or deep content.
    """
    heads: list[Line] = []
    entries: list[list[Line | Block]] = []
    faults = []
    for at_line, content in numbered(text, MAX_LINES):
        at = Line(content, at_line)
        if at.text.startswith("<"):
            if len(heads) == MAX_DEPTH:
                reason = f"blocks lie more than {MAX_DEPTH} deep in each other"
                raise CueSheetError(reason, place=f"line {at.number}")
            heads.append(Line(at.text[1:], at.number))
            entries.append([])
        elif not heads:
            raise CueSheetError(
                "not a REAPER project: it does not begin with a block <…", place=f"line {at.number}"
            )
        elif at.text != ">":
            entries[-1].append(at)
        elif len(heads) > 1:
            closed = Block(heads.pop(), tuple(entries.pop()))
            entries[-1].append(closed)
        else:
            break
    else:
        if not heads:
            raise CueSheetError("not a REAPER project: the file is empty", place="line 1")
        faults.append(Fault(heads[-1].number, "nothing closes this block: the file is cut short"))
    while len(heads) > 1:
        closed = Block(heads.pop(), tuple(entries.pop()))
        entries[-1].append(closed)
    return Project(Block(heads[0], tuple(entries[0])), tuple(faults))


# -- writing -----------------------------------------------------------------------------------


def line(*words: str | int | Fraction) -> Line:
    """Return a line of words, quoted where they need it."""
    return Line(" ".join(map(_written, words)))


def raw(text: str) -> Line:
    """Return a line that is no list of words, such as base64 or a note's ``|text``."""
    return Line(_CONTROL.sub(" ", text))


def block(*words: str | int | Fraction, entries: Iterable[Line | Block] = ()) -> Block:
    """Return a block: the words of its first line, and what is in it."""
    return Block(line(*words), tuple(entries))


def dump(root: Block) -> str:
    """Return the text of a file whose outermost block is ``root``, two blanks a level."""
    written: list[str] = []
    _dump(root, "", written)
    return "\n".join([*written, ""])


def _dump(outer: Block, indent: str, written: list[str]) -> None:
    written.append(f"{indent}<{outer.head.text}")
    inside = f"{indent}  "
    for entry in outer.entries:
        if isinstance(entry, Line):
            written.append(inside + entry.text)
        else:
            _dump(entry, inside, written)
    written.append(f"{indent}>")


def number(value: Fraction | int) -> str:
    """Return a number in decimals, rounded to 14 places as REAPER writes positions."""
    return str(value) if isinstance(value, int) else decimal(value, _DECIMALS)


def _written(word: str | int | Fraction) -> str:
    return _quoted(word) if isinstance(word, str) else number(word)


def _quoted(word: str) -> str:
    """Return a word as it stands in a line.

    A line holds no control characters (each becomes a blank), and a word with all three quotes in
    it loses its backticks to single quotes, as REAPER has it.
    """
    if word.isalnum():  # nearly all words, and a session has many
        return word
    word = _CONTROL.sub(" ", word)
    if not _NEEDS_QUOTES.search(word):
        return word
    for quote in "\"'`":
        if quote not in word:
            return f"{quote}{word}{quote}"
    return f"`{word.replace('`', chr(39))}`"
