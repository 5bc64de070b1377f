"""A step of all cues by torch alone, where there is no native one: the same thing, to be read."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.musicgen.config import ModelConfig
from musicgen_daw.musicgen.layers import Layer, Stack
from musicgen_daw.musicgen.rows import Rows, TextMemory

__all__ = ["PlainStep", "look_at_text"]


class PlainStep:
    """The layers of a decoder, one after the other."""

    def __init__(self, config: ModelConfig, stack: Stack) -> None:
        self._config, self._stack = config, stack

    def __call__(self, rows: Rows, x: Tensor) -> Tensor:
        """Bring the rows of all cues through the layers, ``(rows, width)``.

        Returns ``(rows, outs)``. The new keys and values are in the cues' memory afterwards.
        """
        for index, layer in enumerate(self._stack.layers):
            x = x + layer.out(self._look_back(rows, index, layer.query_key_value(layer.norm(x))))
            x = look_at_text(self._config, rows.texts, index, layer, x)
            x = x + layer.narrow(functional.gelu(layer.widen(layer.wide_norm(x))))
        return self._stack.logits(self._stack.norm(x))

    def _look_back(self, rows: Rows, index: int, qkv: Tensor) -> Tensor:
        """Attend from each cue's newest place to itself and all before it."""
        heads, head_width = self._config.heads, self._config.head_width
        query, key, value = qkv.view(-1, 3, heads, head_width).unbind(1)
        seen = torch.empty_like(query)
        for slot, place in zip(rows.slots, rows.places, strict=True):
            now, end = slot.position, slot.position + 1
            keys, values = slot.keys[index], slot.values[index]
            keys[:, :, now] = key[place]
            values[:, :, now] = value[place]
            seen[place] = _attend(query[place], keys[:, :, :end], values[:, :, :end])
        return seen.view(-1, self._config.width)


def look_at_text(
    config: ModelConfig,
    texts: Sequence[TextMemory],
    index: int,
    layer: Layer,
    x: Tensor,
    count: int = 1,
) -> Tensor:
    """Add what the first rows of ``x`` see in their texts, ``count`` rows in each."""
    cross = layer.cross
    if cross is None or not texts:
        return x
    first = x[: len(texts) * count]
    query = cross.query(cross.norm(first)).view(-1, count, config.heads, config.head_width)
    seen = torch.empty_like(query)
    for row, text in enumerate(texts):
        seen[row] = _attend_all(query[row], text.keys[index], text.values[index])
    first = first + cross.out(seen.view(-1, config.width))
    return first if len(first) == len(x) else torch.cat([first, x[len(first) :]])


def _attend(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attend from one place of each branch: ``(branches, heads, head width)`` in and out."""
    return functional.scaled_dot_product_attention(query.unsqueeze(2), keys, values).squeeze(2)


def _attend_all(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attend to all of a text, ``(places, heads, head width)`` in and out."""
    seen = functional.scaled_dot_product_attention(
        query.transpose(0, 1)[None], keys[None], values[None]
    )
    return seen[0].transpose(0, 1)
