"""A step of all cues by a team: the structures that step.c reads, filled from torch's tensors."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import c_int32, c_int64, c_void_p

import torch
from torch import Tensor

from musicgen_daw.musicgen.config import HEAD_WIDTH, ModelConfig
from musicgen_daw.musicgen.layers import Layer, Norm, Stack
from musicgen_daw.musicgen.linear import Linear
from musicgen_daw.musicgen.native.team import CMatrix, Matrix, Team, fits
from musicgen_daw.musicgen.rows import Rows, Slot

__all__ = ["NativeStep", "is_possible"]


class _CNorm(ctypes.Structure):
    _fields_ = (("weight", c_void_p), ("bias", c_void_p))


class _CLayer(ctypes.Structure):
    _fields_ = (
        *((name, _CNorm) for name in ("norm", "text_norm", "wide_norm")),
        *((name, CMatrix) for name in ("query_key_value", "out", "text_query", "text_out")),
        *((name, CMatrix) for name in ("widen", "narrow")),
    )


class _CModel(ctypes.Structure):
    _fields_ = (
        ("layer", ctypes.POINTER(_CLayer)),
        ("norm", _CNorm),
        ("logits", CMatrix),
        *((name, c_int32) for name in ("layers", "width", "heads", "wide", "halves")),
    )


class _CRow(ctypes.Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("keys", "values")),
        *((name, c_int64) for name in ("layer_stride", "head_stride", "position")),
        *((name, c_void_p) for name in ("text_keys", "text_values")),
        ("tokens", c_int64),
    )


def is_possible(config: ModelConfig) -> bool:
    """Tell whether a model has the shape that step.c knows: all published ones do."""
    outs = config.codebooks * config.codebook_size
    width, wide = config.width, config.ffn_width
    return config.head_width == HEAD_WIDTH and all(
        fits(*shape) for shape in ((outs, width), (width, width), (wide, width), (width, wide))
    )


class NativeStep:
    """The layers of a decoder, as a team goes through them. ``memory_type`` is float32 or float16,
    of the keys and values of cues.
    """

    def __init__(
        self, team: Team, config: ModelConfig, stack: Stack, memory_type: torch.dtype
    ) -> None:
        self._team, self._stack = team, stack  # whose tensors the structures point to
        self._layers = (_CLayer * config.layers)(*map(_layer, stack.layers))
        self._model = _CModel(
            layer=self._layers,
            norm=_norm(stack.norm),
            logits=_matrix(stack.logits),
            layers=config.layers,
            width=config.width,
            heads=config.heads,
            wide=config.ffn_width,
            halves=memory_type == torch.float16,
        )
        self._floats = 5 * config.width + config.ffn_width + 1
        self._whole = max(config.width, config.ffn_width)
        self._outs = config.codebooks * config.codebook_size

    def __call__(self, rows: Rows, x: Tensor) -> Tensor:
        """Bring the rows of all cues through the layers, ``(rows, width)``, which are used up.

        Returns ``(rows, outs)``. The new keys and values are in the cues' memory afterwards.
        """
        logits = x.new_empty(len(x), self._outs)
        floats = x.new_empty(len(x), self._floats)
        whole = x.new_empty(len(x), self._whole, dtype=torch.int8)
        branches = (_CRow * len(x))(*_rows(rows, len(x)))
        self._team.step(self._model, branches, len(rows.texts), x, floats, whole, logits)
        return logits


def _rows(rows: Rows, count: int) -> Sequence[_CRow]:
    """Return where each row's memory is.

    Raises:
        IndexError: where that of a cue is full.
    """
    found = [_CRow() for _ in range(count)]
    for slot, place in zip(rows.slots, rows.places, strict=True):
        for branch, row in enumerate(range(*place.indices(count))):
            found[row] = _row(slot, branch)
    return found


def _row(slot: Slot, branch: int) -> _CRow:
    keys, values, text = slot.keys, slot.values, slot.texts[branch]
    if slot.position >= keys.shape[3]:
        raise IndexError(f"a cue's memory ends at place {keys.shape[3]}")
    layer_stride, branch_stride, head_stride, _, _ = (
        stride * keys.element_size() for stride in keys.stride()
    )
    row = _CRow(
        keys=keys.data_ptr() + branch * branch_stride,
        values=values.data_ptr() + branch * branch_stride,
        layer_stride=layer_stride,
        head_stride=head_stride,
        position=slot.position,
    )
    if text is not None:
        row.text_keys, row.text_values = text.keys.data_ptr(), text.values.data_ptr()
        row.tokens = text.keys.shape[2]
    return row


def _layer(layer: Layer) -> _CLayer:
    made = _CLayer(
        norm=_norm(layer.norm),
        wide_norm=_norm(layer.wide_norm),
        query_key_value=_matrix(layer.query_key_value),
        out=_matrix(layer.out),
        widen=_matrix(layer.widen),
        narrow=_matrix(layer.narrow),
    )
    if layer.cross is not None:
        made.text_norm = _norm(layer.cross.norm)
        made.text_query = _matrix(layer.cross.query)
        made.text_out = _matrix(layer.cross.out)
    return made


def _norm(norm: Norm) -> _CNorm:
    return _CNorm(norm.weight.data_ptr(), norm.bias.data_ptr())


def _matrix(matrix: Linear) -> CMatrix:
    if not isinstance(matrix, Matrix):
        raise TypeError("a native step takes matrices that were laid out for it")
    return matrix.c
