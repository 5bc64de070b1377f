"""XML from strangers: no document type, no entities of its own, bounded size and depth.

Elements are those of ``xml.etree``, namespaces and all (``{namespace}tag``), and know the line on
which they begin (``place``). Without a document type no entity can be declared, so nothing grows
while it is read and nothing is fetched.

Source: Extensible Markup Language 1.0 (W3C), section 2.8.
"""

from __future__ import annotations

from itertools import islice
from typing import NoReturn
from xml.etree.ElementTree import Element as TreeElement
from xml.etree.ElementTree import TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

from musicgen_daw.errors import CueSheetError

__all__ = ["MAX_BYTES", "TreeElement", "parse", "place"]

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 200
MAX_NODES = 2_000_000
"""Elements and attributes together."""
MAX_TAG_BYTES = 2**20
"""Of a single tag with its attributes, or a comment: the parser holds one whole."""

_FED_BYTES = 2**16


class _Element(TreeElement):
    """An element that knows its line."""

    line: int = 0


def place(element: TreeElement) -> str:
    """Say where the tag of an element that was read here begins, as messages tell it."""
    return f"line {element.line}" if isinstance(element, _Element) else ""


def parse(content: bytes) -> TreeElement:
    """Read a document and return its root.

    Raises:
        CueSheetError: with the line, for what is no well-formed XML, has a document type, or is
            larger or deeper than any session.
    """
    if len(content) > MAX_BYTES:
        raise CueSheetError(f"{len(content)} bytes of XML are too many (at most {MAX_BYTES})")
    return _Reading(content).root()


class _Reading:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.depth = 0
        self.nodes = 0
        self.parser = ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.builder = TreeBuilder(_Element)
        self.parser.CharacterDataHandler = self.builder.data

    def root(self) -> TreeElement:
        try:
            for start in range(0, len(self.content), _FED_BYTES):
                self.parser.Parse(self.content[start : start + _FED_BYTES], False)
                if start + _FED_BYTES - self.parser.CurrentByteIndex > MAX_TAG_BYTES:
                    self.refuse("a single tag or comment is longer than a megabyte")
            self.parser.Parse(b"", True)
        except ExpatError as error:
            reason = str(error).partition(":")[0]
            raise CueSheetError(
                f"no well-formed XML ({reason}): export the file again",
                place=f"line {error.lineno}",
            ) from None
        except (LookupError, ValueError) as error:  # of a charset that the file says it has
            raise CueSheetError(f"the XML can't be decoded: {error}", place="line 1") from None
        return self.builder.close()

    def start(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        self.nodes += 1 + len(attributes) // 2
        if self.depth > MAX_DEPTH:
            self.refuse(f"elements lie more than {MAX_DEPTH} deep in each other")
        if self.nodes > MAX_NODES:
            self.refuse(f"more than {MAX_NODES} elements and attributes are too many")
        names = map(_universal, islice(attributes, 0, None, 2))
        pairs = zip(names, islice(attributes, 1, None, 2), strict=True)
        element = self.builder.start(_universal(name), dict(pairs))
        if isinstance(element, _Element):
            element.line = self.parser.CurrentLineNumber

    def end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(_universal(name))

    def refuse_doctype(self, *_declared: object) -> None:
        self.refuse("XML with a document type (<!DOCTYPE …>) is not read: take that line out")

    def refuse(self, reason: str) -> NoReturn:
        raise CueSheetError(reason, place=f"line {self.parser.CurrentLineNumber}")


def _universal(name: str) -> str:
    """Return a name as ``xml.etree`` writes it: ``{namespace}local``."""
    return f"{{{name}" if "}" in name else name
