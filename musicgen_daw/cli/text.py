"""Tables and texts for a terminal; what comes from outside can't steer it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import click

__all__ = ["escaped", "print_json", "print_table", "printable", "printable_lines", "usd"]

WIDEST_CELL = 60

_ODD_CENTS_BELOW_USD = Decimal("0.1")
"""Below this, cents alone would be too coarse: a short clip costs less than one."""

_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that move a cursor, turn the writing direction or break a line."""


def printable(text: str) -> str:
    """Return ``text`` without the characters that could steer a terminal (ANSI, bidi marks)."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in _STEERING else char
        for char in text
    )


def printable_lines(text: str) -> str:
    """Return a text of several lines, each of them printable."""
    return "\n".join(map(printable, text.split("\n")))


def escaped(toml: str) -> str:
    """Return TOML with the characters that could steer a terminal as escapes: it reads the same."""
    return "".join(
        f"\\U{ord(char):08X}" if char != "\n" and unicodedata.category(char) in _STEERING else char
        for char in toml
    )


def usd(amount: Decimal) -> str:
    """Return an amount of US dollars in digits: whole cents, small ones to a hundredth of one."""
    if abs(amount) >= _ODD_CENTS_BELOW_USD:
        return f"{amount:.2f}"
    whole, _, cents = f"{amount:.4f}".partition(".")
    return f"{whole}.{cents[:2]}{cents[2:].rstrip('0')}"


def print_json(value: Any) -> None:
    """Print a value as one JSON document on stdout; non-finite numbers are refused.

    Amounts of money become numbers.
    """
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=_number))


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON holds")


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    widest_cell: int | None = WIDEST_CELL,
) -> None:
    """Print rows under headings, columns aligned; numbers stand to the right.

    Cells of more than ``widest_cell`` characters end in "…"; ``None`` leaves them whole.
    """
    cells = [
        [_shortened(printable("" if cell is None else str(cell)), widest_cell) for cell in row]
        for row in rows
    ]
    widths = [
        max([len(heading), *(len(row[column]) for row in cells)])
        for column, heading in enumerate(headings)
    ]
    numeric = [
        bool(cells) and all(_is_number(row[column]) for row in cells)
        for column in range(len(headings))
    ]
    for line in ([str(heading) for heading in headings], *cells):
        parts = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        click.echo("  ".join(parts).rstrip())


def _shortened(text: str, widest: int | None) -> str:
    return text if widest is None or len(text) <= widest else f"{text[: widest - 1]}…"


def _is_number(text: str) -> bool:
    return not text or text.replace(".", "", 1).replace("-", "", 1).isdigit()
