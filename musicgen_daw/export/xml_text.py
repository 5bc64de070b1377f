"""XML documents as text, the same bytes for the same tree.

The standard library's own writer is made for name spaces and any order of texts and elements, and
is many times slower; a session has some ten thousand elements.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

__all__ = ["document"]

_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_IN_TEXTS = str.maketrans(_SIGNS)
# A reader makes blanks of the white space in an attribute, unless it is told by number.
_IN_ATTRIBUTES = str.maketrans(
    {**_SIGNS, '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}
)
_SPECIAL = re.compile(r'[&<>"\r\n\t]')


def document(root: Element) -> bytes:
    """Return a document with its declaration in UTF-8, each element on a line of its own.

    An element holds a text or other elements, not both; names are without name spaces.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    _write(root, "", lines)
    return "\n".join([*lines, ""]).encode()


def _write(element: Element, indentation: str, lines: list[str]) -> None:
    told = "".join([f' {name}="{_attribute(text)}"' for name, text in element.items()])
    begun = f"{indentation}<{element.tag}{told}"
    if len(element):
        lines.append(f"{begun}>")
        for inner in element:
            _write(inner, indentation + "  ", lines)
        lines.append(f"{indentation}</{element.tag}>")
    elif element.text:
        lines.append(f"{begun}>{element.text.translate(_IN_TEXTS)}</{element.tag}>")
    else:
        lines.append(f"{begun} />")


def _attribute(text: str) -> str:
    return text.translate(_IN_ATTRIBUTES) if _SPECIAL.search(text) else text
