"""What cross-attention looks at: the texts of all rows in one block, each padded behind a mask."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.musicgen.accelerated.weights import LayerWeights
from musicgen_daw.musicgen.config import ModelConfig

__all__ = ["TextBlock"]

_TOKENS_STEP = 32


class TextBlock:
    """Keys and values of the texts of so many rows, ``(layers, rows, heads, tokens, head width)``.

    A row without text has one token whose values are zero.
    """

    def __init__(
        self, config: ModelConfig, rows: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self._heads, self._head_width = config.heads, config.head_width
        layers = 0 if config.melody is not None else config.layers
        shape = (layers, rows, config.heads, _TOKENS_STEP, config.head_width)
        self._keys = torch.zeros(shape, dtype=dtype, device=device)
        self._values = torch.zeros_like(self._keys)
        self._is_there = torch.zeros((rows, _TOKENS_STEP), dtype=torch.bool, device=device)
        self._is_there[:, 0] = True

    def put(
        self, rows: Tensor, states: Sequence[Tensor | None], layers: Sequence[LayerWeights]
    ) -> bool:
        """Compute what every layer will see of the texts of rows, ``(tokens, width)`` each.

        Returns whether the block had to grow, and so lies in another place now.
        """
        longest = max((len(text) for text in states if text is not None), default=0)
        has_grown = bool(longest > self._is_there.shape[1])
        if has_grown:
            self._grow(-(-longest // _TOKENS_STEP) * _TOKENS_STEP)
        for row, text in zip(rows.tolist(), states, strict=True):
            count = 1 if text is None else len(text)
            self._is_there[row] = torch.arange(self._is_there.shape[1]).to(rows.device) < count
            self._values[:, row] = 0
            if text is None:
                continue
            for index, layer in enumerate(layers):
                if layer.cross is not None:
                    both = functional.linear(text, layer.cross.keys_values)
                    both = both.view(count, 2, self._heads, self._head_width).permute(1, 2, 0, 3)
                    self._keys[index, row, :, :count] = both[0]
                    self._values[index, row, :, :count] = both[1]
        return has_grown

    def of(self, layer: int, rows: Tensor | slice) -> tuple[Tensor, Tensor, Tensor]:
        """Return keys, values and the mask of rows; of a slice of them nothing is copied."""
        is_there = self._is_there[rows][:, None, None]
        return self._keys[layer][rows], self._values[layer][rows], is_there

    def _grow(self, tokens: int) -> None:
        more = tokens - self._is_there.shape[1]
        self._keys = functional.pad(self._keys, (0, 0, 0, more))
        self._values = functional.pad(self._values, (0, 0, 0, more))
        self._is_there = functional.pad(self._is_there, (0, more))
