"""The layers of the decoder, and how they are made from a checkpoint's weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.musicgen.config import ModelConfig, Precision
from musicgen_daw.musicgen.layout import DECODER
from musicgen_daw.musicgen.linear import Linear, pack
from musicgen_daw.musicgen.native.team import Team

__all__ = [
    "CrossAttention",
    "Layer",
    "Norm",
    "Projection",
    "Stack",
    "positions_table",
    "stack_of",
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


@dataclass(frozen=True, slots=True)
class Stack:
    """All layers, and what makes logits of their result, of all codebooks in a row."""

    layers: Sequence[Layer]
    norm: Norm
    logits: Linear


def stack_of(
    weights: Mapping[str, Tensor], precision: Precision, config: ModelConfig, team: Team | None
) -> Stack:
    """Return the layers of a decoder, their matrices packed: for a team, or for torch."""
    heads = [weights[f"decoder.lm_heads.{k}.weight"] for k in range(config.codebooks)]
    return Stack(
        layers=[
            _layer_of(weights, f"{DECODER}layers.{index}.", precision, config, team)
            for index in range(config.layers)
        ],
        norm=_norm_of(weights, f"{DECODER}layer_norm"),
        logits=pack(torch.cat(heads), precision, team),
    )


def _layer_of(
    weights: Mapping[str, Tensor],
    name: str,
    precision: Precision,
    config: ModelConfig,
    team: Team | None,
) -> Layer:
    """Return the layer whose weights' names begin with ``name``."""

    def packed(part: str) -> Linear:
        return pack(weights[f"{name}{part}.weight"], precision, team)

    fused = torch.cat([weights[f"{name}self_attn.{part}_proj.weight"] for part in "qkv"])
    cross = None
    if config.melody is None:
        cross = CrossAttention(
            norm=_norm_of(weights, f"{name}encoder_attn_layer_norm"),
            query=packed("encoder_attn.q_proj"),
            keys=weights[f"{name}encoder_attn.k_proj.weight"],
            values=weights[f"{name}encoder_attn.v_proj.weight"],
            out=packed("encoder_attn.out_proj"),
        )
    return Layer(
        norm=_norm_of(weights, f"{name}self_attn_layer_norm"),
        query_key_value=pack(fused, precision, team),
        out=packed("self_attn.out_proj"),
        cross=cross,
        wide_norm=_norm_of(weights, f"{name}final_layer_norm"),
        widen=packed("fc1"),
        narrow=packed("fc2"),
    )


def _norm_of(weights: Mapping[str, Tensor], name: str) -> Norm:
    """Return the norm of a name, in memory that begins where a vector may."""
    return Norm(weights[f"{name}.weight"].clone(), weights[f"{name}.bias"].clone())


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
