"""The bricks of a set: elements with a ``Value``, and parameters that automation can point to."""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from xml.etree.ElementTree import Element, SubElement

from musicgen_daw.export.plain_text import one_line
from musicgen_daw.formats.decimals import decimal

__all__ = ["Pointees", "child", "empty", "text_of", "values"]

_DECIMALS = 15

Value = str | bool | int | Fraction


def text_of(value: Value) -> str:
    """Return a value as Live writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return one_line(value) if isinstance(value, str) else decimal(Fraction(value), _DECIMALS)


def values(parent: Element, **told: Value) -> None:
    """Add an element with a ``Value`` for each, in this order."""
    for tag, value in told.items():
        SubElement(parent, tag, Value=text_of(value))


def child(parent: Element, tag: str, **told: Value) -> Element:
    """Add an element that holds others, and return it."""
    element = SubElement(parent, tag)
    values(element, **told)
    return element


def empty(parent: Element, *tags: str) -> None:
    """Add elements that hold nothing."""
    for tag in tags:
        SubElement(parent, tag)


class Pointees:
    """Gives out ids that no two parameters share, and adds what they belong to."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def next_id(self) -> int:
        """Return an id that nothing has yet."""
        return next(self._numbers)

    def target(self, parent: Element, tag: str) -> int:
        """Add what automation or a modulation can point to, and return its id."""
        number = self.next_id()
        values(SubElement(parent, tag, Id=str(number)), LockEnvelope=0)
        return number

    def switch(self, parent: Element, tag: str, is_on: bool) -> None:
        """Add a parameter that is on or off."""
        switch = child(parent, tag, LomId=0, Manual=is_on)
        self.target(switch, "AutomationTarget")
        child(switch, "MidiCCOnOffThresholds", Min=64, Max=127)

    def choice(self, parent: Element, tag: str, chosen: int) -> int:
        """Add a parameter that is one of several, and return the id of its target."""
        choice = child(parent, tag, LomId=0, Manual=chosen)
        return self.target(choice, "AutomationTarget")

    def amount(self, parent: Element, tag: str, value: Fraction | int, low: str, high: str) -> int:
        """Add a parameter with a range, and return the id of its target."""
        amount = child(parent, tag, LomId=0, Manual=value)
        child(amount, "MidiControllerRange", Min=low, Max=high)
        number = self.target(amount, "AutomationTarget")
        self.target(amount, "ModulationTarget")
        return number
