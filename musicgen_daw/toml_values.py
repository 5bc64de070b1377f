"""Values out of TOML: each is what it must be, or refused with a reason that follows its key."""

from __future__ import annotations

__all__ = ["as_number", "as_switch", "as_text", "as_whole", "kind_of"]

LARGEST_NUMBER = 2**53
"""Beyond it a TOML integer is no exact float, and may be none at all."""

LARGEST_WHOLE = 2**63
"""Beyond it lies nothing that is counted, not even a seed."""


def as_text(value: object) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise TypeError(f"must be text in quotes, not {kind_of(value)}")
    return value


def as_number(value: object) -> float:
    """Read a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"must be a number, not {kind_of(value)}")
    if abs(value) > LARGEST_NUMBER:
        raise ValueError("is far too large")
    return float(value)


def as_whole(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"must be a whole number, not {kind_of(value)}")
    if abs(value) > LARGEST_WHOLE:
        raise ValueError("is far too large")
    return value


def as_switch(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise TypeError(f"must be true or false, not {kind_of(value)}")
    return value


def kind_of(value: object) -> str:
    """Return what a value is, in words."""
    for kinds, words in _KINDS:
        if isinstance(value, kinds):
            shown = str(value).lower() if isinstance(value, bool) else repr(value)
            return f"{words} ({shown})" if isinstance(value, bool | int | float | str) else words
    return "a date or time"


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a switch"),
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
)
