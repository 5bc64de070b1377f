"""Threads that work through phases together, and matrices laid out for them.

A matrix lies in tiles of four outputs, a vector of inputs of each in turn, so that a thread reads
from front to back. Weights that 16 bits hold without loss are held in 16, as MusicGen's makers
store them; what is computed with them is the same to the bit.
"""

from __future__ import annotations

import ctypes
import os
import weakref
from ctypes import c_int32, c_void_p
from typing import Any, Self

import torch
from torch import Tensor

from musicgen_daw.musicgen.config import Precision
from musicgen_daw.musicgen.native import build

__all__ = ["CMatrix", "Matrix", "Team", "fits"]

_TILE, _LANES, _WHOLE_LANES = 4, 8, 32
_KINDS = {torch.float32: 0, torch.float16: 1, torch.bfloat16: 2, torch.int8: 3}


class CMatrix(ctypes.Structure):
    """``Matrix`` of step.c."""

    _fields_ = (
        ("weights", c_void_p),
        ("scales", c_void_p),
        ("kind", c_int32),
        ("outs", c_int32),
        ("ins", c_int32),
        ("unused", c_int32),
    )


class Team:
    """Some threads, this one among them; they sleep while there is nothing to do."""

    def __init__(self, library: ctypes.CDLL, threads: int) -> None:
        library.team_new.restype = c_void_p
        self._library = library
        self._team = c_void_p(library.team_new(c_int32(threads)))
        if not self._team:
            raise MemoryError("no memory for a team of threads")
        weakref.finalize(self, _end, library, self._team, os.getpid())

    @classmethod
    def of_this_machine(cls) -> Self | None:
        """Return a team of as many threads as torch uses; ``None`` without native code."""
        library = build.library()
        return None if library is None else cls(library, torch.get_num_threads())

    def multiply(self, matrix: CMatrix, x: Tensor, result: Tensor) -> None:
        """Put ``(rows, ins)`` times a matrix into ``(rows, outs)``."""
        steps, rounded = x.new_empty(len(x)), x.new_empty(x.shape, dtype=torch.int8)
        self._library.team_multiply(
            self._team,
            ctypes.byref(matrix),
            c_void_p(x.data_ptr()),
            c_void_p(result.data_ptr()),
            c_int32(len(x)),
            c_void_p(steps.data_ptr()),
            c_void_p(rounded.data_ptr()),
        )

    def step(
        self,
        model: ctypes.Structure,
        rows: ctypes.Array[Any],
        texts: int,
        x: Tensor,
        floats: Tensor,
        whole: Tensor,
        logits: Tensor,
    ) -> None:
        """Bring ``x`` through a model; the first ``texts`` of the rows have one."""
        tensors = (c_void_p(tensor.data_ptr()) for tensor in (x, floats, whole, logits))
        sizes = c_int32(len(rows)), c_int32(texts)
        if self._library.team_step(self._team, ctypes.byref(model), rows, *sizes, *tensors):
            raise MemoryError("no memory for a step's list of work")


def _end(library: ctypes.CDLL, team: c_void_p, owner: int) -> None:
    """End a team, in the process whose threads they are: a fork has none of them."""
    if os.getpid() == owner:
        library.team_free.restype = None
        library.team_free(team)


class Matrix:
    """The product with a matrix, ``(rows, ins)`` to ``(rows, outs)``, by a team."""

    def __init__(self, team: Team, weight: Tensor, precision: Precision) -> None:
        held, self._scales = _held(weight, precision)
        outs, ins = held.shape
        lanes = _WHOLE_LANES if held.dtype == torch.int8 else _LANES
        blocks = held.view(outs // _TILE, _TILE, ins // lanes, lanes)
        self._weights = blocks.transpose(1, 2).contiguous()
        self._team = team
        scales = None if self._scales is None else self._scales.data_ptr()
        self.c = CMatrix(self._weights.data_ptr(), scales, _KINDS[held.dtype], outs, ins)

    @property
    def bytes(self) -> int:
        """How much memory it fills, all of which is read at each step."""
        scales = 0 if self._scales is None else self._scales.nbytes
        return int(self._weights.nbytes + scales)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the product; a row's is the same in any company."""
        x = x.contiguous()
        result = x.new_empty(len(x), self.c.outs)
        self._team.multiply(self.c, x, result)
        return result


def fits(outs: int, ins: int) -> bool:
    """Tell whether a matrix divides into tiles."""
    return outs % _TILE == 0 and ins % _WHOLE_LANES == 0


def _held(weight: Tensor, precision: Precision) -> tuple[Tensor, Tensor | None]:
    """Return a matrix as it is held, and the scale of each output where that is whole numbers."""
    if precision == "bf16":
        return weight.bfloat16(), None
    if precision == "int8":
        scales = weight.abs().amax(1).clamp_min(1e-8) / 127
        return (weight / scales[:, None]).round().to(torch.int8), scales
    for kind in (torch.float16, torch.bfloat16):
        half = weight.to(kind)
        if torch.equal(half.float(), weight):
            return half, None
    return weight, None
