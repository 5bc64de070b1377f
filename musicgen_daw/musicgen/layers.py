"""One layer of the decoder, and how it is made from a checkpoint's weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.musicgen.config import ModelConfig, Precision
from musicgen_daw.musicgen.linear import Linear, pack

__all__ = [
    "CrossAttention",
    "Layer",
    "Norm",
    "Projection",
    "layer_of",
    "norm_of",
    "positions_table",
]


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer norm over the width."""

    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise each row."""
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias)


@dataclass(frozen=True, slots=True)
class CrossAttention:
    """A layer's attention to the text; ``keys`` and ``values`` are used once a cue."""

    norm: Norm
    query: Linear
    keys: Tensor
    values: Tensor
    out: Linear


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: attention to the past, attention to the text, then each place for itself."""

    norm: Norm
    query_key_value: Linear
    out: Linear
    cross: CrossAttention | None
    wide_norm: Norm
    widen: Linear
    narrow: Linear


def layer_of(
    weights: Mapping[str, Tensor], name: str, precision: Precision, config: ModelConfig
) -> Layer:
    """Return the layer whose weights' names begin with ``name``, its matrices packed."""

    def packed(part: str) -> Linear:
        return pack(weights[f"{name}{part}.weight"], precision)

    fused = torch.cat([weights[f"{name}self_attn.{part}_proj.weight"] for part in "qkv"])
    cross = None
    if config.melody is None:
        cross = CrossAttention(
            norm=norm_of(weights, f"{name}encoder_attn_layer_norm"),
            query=packed("encoder_attn.q_proj"),
            keys=weights[f"{name}encoder_attn.k_proj.weight"],
            values=weights[f"{name}encoder_attn.v_proj.weight"],
            out=packed("encoder_attn.out_proj"),
        )
    return Layer(
        norm=norm_of(weights, f"{name}self_attn_layer_norm"),
        query_key_value=pack(fused, precision),
        out=packed("self_attn.out_proj"),
        cross=cross,
        wide_norm=norm_of(weights, f"{name}final_layer_norm"),
        widen=packed("fc1"),
        narrow=packed("fc2"),
    )


def norm_of(weights: Mapping[str, Tensor], name: str) -> Norm:
    """Return the norm of a name."""
    return Norm(weights[f"{name}.weight"], weights[f"{name}.bias"])


@dataclass(frozen=True, slots=True)
class Projection:
    """From the states of another model to the decoder's width; the identity where they agree."""

    weight: Tensor | None
    bias: Tensor | None

    @classmethod
    def of(cls, weights: Mapping[str, Tensor], name: str) -> Self:
        """Return the projection of a name; the identity where the checkpoint has none."""
        if f"{name}.weight" not in weights:
            return cls(None, None)
        return cls(weights[f"{name}.weight"], weights[f"{name}.bias"])

    def __call__(self, x: Tensor) -> Tensor:
        """Project each row."""
        return x if self.weight is None else functional.linear(x, self.weight, self.bias)


def positions_table(count: int, width: int) -> Tensor:
    """Return the sinusoids that are added to the embeddings: cosines, then sines."""
    half = width // 2
    rates = torch.exp(torch.arange(half).float() * -(math.log(10_000) / (half - 1)))
    angles = torch.arange(count).float()[:, None] * rates[None]
    return torch.cat([angles.cos(), angles.sin()], dim=1)
