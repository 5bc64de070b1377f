"""Matrices packed for this machine.

At each step every matrix of the model is read once and used for a few rows only, so what counts is
how fast it can be read. Where there is a team of threads for it, see ``native.team``; by torch:

    fp32   exact: packed once in oneDNN's own layout, which gives a row the same result in any
           company; torch's plain product does not, and reads at half the speed
    bf16   half as many bytes, on processors that compute in it; not exact
    int8   a quarter, one scale a row; the input is quantised as it comes; not exact
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.errors import BackendError
from musicgen_daw.musicgen.config import Precision
from musicgen_daw.musicgen.native.team import Matrix, Team

__all__ = ["Linear", "pack"]

Linear = Callable[[Tensor], Tensor]
"""A product of rows with a matrix, ``(rows, in)`` to ``(rows, out)``, in float32 outside."""

_TYPICAL_ROWS = 8
"""What oneDNN lays a matrix out for; other numbers of rows are as right."""


def pack(weight: Tensor, precision: Precision, team: Team | None = None) -> Linear:
    """Return the product with a matrix ``(out, in)``, by a team if there is one.

    The matrix itself is not needed any more afterwards.

    Raises:
        BackendError: where this machine can't compute in that precision.
    """
    if team is not None:
        return Matrix(team, weight, precision)
    return _PACKERS[precision](weight.contiguous())


def _exact(weight: Tensor) -> Linear:
    if not torch.backends.mkldnn.is_available():
        return lambda x: functional.linear(x, weight)
    return _by_onednn(weight)


def _bf16(weight: Tensor) -> Linear:
    if not torch.backends.mkldnn.is_available() or not _has_bf16():
        raise BackendError(
            "this processor does not compute in bf16: choose fp32, which is exact, or int8"
        )
    product = _by_onednn(weight.bfloat16())
    return lambda x: product(x.bfloat16()).float()


def _has_bf16() -> bool:
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _by_onednn(weight: Tensor) -> Linear:
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, _TYPICAL_ROWS)
    product = torch.ops.mkldnn._linear_pointwise
    return lambda x: product(x, packed, None, "none", [], "")


def _int8(weight: Tensor) -> Linear:
    scales = weight.abs().amax(1).clamp_min(1e-8) / 127
    zeros = torch.zeros(len(weight), dtype=torch.long)
    with warnings.catch_warnings():
        # torch announces that another package will have this one day; it is here in all versions.
        warnings.simplefilter("ignore")
        quantised = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
        packed = torch.ops.quantized.linear_prepack(quantised, None)
    product = torch.ops.quantized.linear_dynamic
    # Seven bits of the input: some processors add up pairs of products in sixteen.
    return lambda x: product(x, packed, True)


_PACKERS: dict[Precision, Callable[[Tensor], Linear]] = {
    "fp32": _exact,
    "bf16": _bf16,
    "int8": _int8,
}
