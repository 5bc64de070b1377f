"""Keys and values of all cues in one block, which never moves while cues come and go.

A cue has a row for each of its two branches. In eight bits a key or value has one scale for its
head width: twice as many cues fit, and each step takes longer, as they are widened to be used.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from musicgen_daw.musicgen.config import ModelConfig

__all__ = ["StaticCache"]

_LEAST_SCALE = 1e-6


@dataclass(frozen=True, slots=True)
class _Store:
    """Rows of one kind for all layers, ``(layers, rows, heads, positions, head width)``.

    ``scales`` has a last dimension of 1, and is ``None`` where values are kept as they are.
    """

    values: Tensor
    scales: Tensor | None

    def put(self, layer: int, rows: Tensor, positions: Tensor, new: Tensor) -> None:
        """Write what is at one position in each row: ``new`` is ``(rows, heads, head width)``."""
        if self.scales is not None:
            new, self.scales[layer][rows, :, positions] = _in_eight_bits(new)
        self.values[layer][rows, :, positions] = new

    def put_all(self, layer: int, rows: Tensor, new: Tensor) -> None:
        """Write the first positions of rows: ``new`` is ``(rows, heads, count, head width)``."""
        count = new.shape[2]
        if self.scales is not None:
            new, self.scales[layer][rows, :, :count] = _in_eight_bits(new)
        self.values[layer][rows, :, :count] = new

    def get(self, layer: int, length: int) -> Tensor:
        """Return the first positions of all rows."""
        values = self.values[layer][:, :, :length]
        if self.scales is None:
            return values
        scales = self.scales[layer][:, :, :length]
        return values.to(scales.dtype) * scales


class StaticCache:
    """The keys and values of so many rows."""

    def __init__(
        self,
        config: ModelConfig,
        rows: int,
        positions: int,
        dtype: torch.dtype,
        device: torch.device,
        *,
        in_eight_bits: bool,
    ) -> None:
        self.positions = positions
        shape = (config.layers, rows, config.heads, positions)

        def store() -> _Store:
            kept = torch.int8 if in_eight_bits else dtype
            values = torch.zeros((*shape, config.head_width), dtype=kept, device=device)
            scales = torch.zeros((*shape, 1), dtype=dtype, device=device)
            return _Store(values, scales if in_eight_bits else None)

        self.keys, self.values = store(), store()

    @staticmethod
    def position_bytes(config: ModelConfig, dtype: torch.dtype, *, in_eight_bits: bool) -> int:
        """Return how much memory one position of one row fills."""
        wide: int = dtype.itemsize
        head_bytes = config.head_width + wide if in_eight_bits else config.head_width * wide
        return 2 * config.layers * config.heads * head_bytes


def _in_eight_bits(new: Tensor) -> tuple[Tensor, Tensor]:
    """Return whole numbers of eight bits, and what each row of them is to be multiplied by."""
    scales = (new.abs().amax(-1, keepdim=True) / 127).clamp_min(_LEAST_SCALE)
    return (new.float() / scales.float()).round().clamp(-127, 127).to(torch.int8), scales
