"""Frozen values as JSON and back again, exactly: fractions are text such as ``"11/2"``.

What has its default is left out. Nothing is made that the types of the fields don't name, so a
file that was tampered with gives an error, or another value of the same kind.
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["from_plain", "to_plain"]

# Few digits and no exponent: 1e999999999 is a fraction, too, one that fills the memory.
_FRACTION = re.compile(r"-?[0-9]{1,100}(/[0-9]{1,100})?")


def to_plain(value: Any) -> Any:
    """Return a dataclass, and whatever is in it, as JSON values; functions are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_plain(held)
            for field in dataclasses.fields(value)
            if field.init
            and not callable(held := getattr(value, field.name))
            and not _is_default(field, held)
        }
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple):
        return [to_plain(held) for held in _said(value)]
    if isinstance(value, Mapping):
        return {name: to_plain(held) for name, held in value.items()}
    return value


def from_plain(kind: Any, plain: Any) -> Any:
    """Return the value of a type that ``to_plain`` gave these JSON values for.

    Raises:
        ValueError: for values that are none of that type, or that the type itself refuses.
    """
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, plain)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional(arguments, plain)
    if origin is Literal and plain in arguments:
        return plain
    if origin is tuple and isinstance(plain, list):
        return _tuple(arguments, plain)
    if hasattr(kind, "_fields") and isinstance(plain, list):
        return _named_tuple(kind, plain)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(plain, dict):
        return {str(name): from_plain(arguments[1], held) for name, held in plain.items()}
    if kind is Fraction and isinstance(plain, str) and _FRACTION.fullmatch(plain):
        return _fraction(plain)
    if kind is float and type(plain) in (int, float) and abs(plain) < math.inf:
        return float(plain)
    if kind in (int, str, bool) and type(plain) is kind:
        return plain
    raise ValueError(f"{str(plain)[:40]!r} is not what belongs there")


def _is_default(field: dataclasses.Field[Any], held: Any) -> bool:
    if field.default_factory is not dataclasses.MISSING:
        return bool(held == field.default_factory())
    return field.default is not dataclasses.MISSING and bool(held == field.default)


def _dataclass(kind: Any, plain: Any) -> Any:
    hints = _hints(kind)
    if not isinstance(plain, dict) or not plain.keys() <= hints.keys():
        raise ValueError(f"is no {kind.__name__}")
    try:
        return kind(**{name: from_plain(hints[name], held) for name, held in plain.items()})
    except (TypeError, ArithmeticError) as error:  # a field is missing, or beyond all bounds
        raise ValueError(f"is no whole {kind.__name__}") from error


@lru_cache
def _hints(kind: Any) -> dict[str, Any]:
    """Return the types of the fields that are written."""
    hints = get_type_hints(kind)
    return {
        field.name: hints[field.name]
        for field in dataclasses.fields(kind)
        if field.init and get_origin(hints[field.name]) is not _CALLABLE
    }


_CALLABLE = get_origin(Callable[[], None])


def _optional(arguments: tuple[Any, ...], plain: Any) -> Any:
    if plain is None and type(None) in arguments:
        return None
    (kind,) = (argument for argument in arguments if argument is not type(None))
    return from_plain(kind, plain)


def _tuple(arguments: tuple[Any, ...], plain: list[Any]) -> tuple[Any, ...]:
    if arguments[1:] == (...,):
        return tuple(from_plain(arguments[0], held) for held in plain)
    if len(plain) != len(arguments):
        raise ValueError(f"{len(plain)} values stand where {len(arguments)} belong")
    return tuple(map(from_plain, arguments, plain))


def _said(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a tuple; a named one without what has its default at its end."""
    defaults = getattr(value, "_field_defaults", {})
    fields = getattr(value, "_fields", ())
    while fields and fields[-1] in defaults and value[-1] == defaults[fields[-1]]:
        value, fields = value[:-1], fields[:-1]
    return value


def _named_tuple(kind: Any, plain: list[Any]) -> Any:
    hints = get_type_hints(kind)
    if not len(hints) - len(kind._field_defaults) <= len(plain) <= len(hints):
        raise ValueError(f"{len(plain)} values stand where a {kind.__name__} belongs")
    return kind(*map(from_plain, hints.values(), plain))


def _fraction(text: str) -> Fraction:
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError(f"{text} is no number") from None
