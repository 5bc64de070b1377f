"""The decoder's weights as a device holds them: plain matrices, those that go together in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from musicgen_daw.musicgen.config import ModelConfig
from musicgen_daw.musicgen.layers import Norm, Projection
from musicgen_daw.musicgen.layout import DECODER

__all__ = ["CrossWeights", "DecoderWeights", "LayerWeights"]


@dataclass(frozen=True, slots=True)
class CrossWeights:
    """A layer's attention to the text; ``keys_values`` are both, one above the other."""

    norm: Norm
    query: Tensor
    keys_values: Tensor
    out: Tensor


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One layer."""

    norm: Norm
    query_key_value: Tensor
    out: Tensor
    cross: CrossWeights | None
    wide_norm: Norm
    widen: Tensor
    narrow: Tensor

    def each_for_itself(self, x: Tensor) -> Tensor:
        """Add what every row makes of itself."""
        wide = functional.gelu(functional.linear(self.wide_norm(x), self.widen))
        return x + functional.linear(wide, self.narrow)


@dataclass(frozen=True, slots=True)
class DecoderWeights:
    """All of it. ``embeddings`` has the tables of all codebooks below each other."""

    layers: tuple[LayerWeights, ...]
    norm: Norm
    embeddings: Tensor
    heads: Tensor
    text_in: Projection
    melody_in: Projection

    @classmethod
    def of(
        cls,
        weights: Mapping[str, Tensor],
        config: ModelConfig,
        dtype: torch.dtype,
        device: torch.device,
    ) -> Self:
        """Return a checkpoint's weights on a device, each read once."""

        def moved(*names: str) -> Tensor:
            parts = [weights[f"{name}.weight"].to(device, dtype) for name in names]
            return parts[0] if len(parts) == 1 else torch.cat(parts)

        def norm(name: str) -> Norm:
            both = (weights[f"{name}.{part}"].to(device, dtype) for part in ("weight", "bias"))
            return Norm(*both)

        def projection(name: str) -> Projection:
            found = Projection.of(weights, name)
            if found.weight is None or found.bias is None:
                return found
            return Projection(found.weight.to(device, dtype), found.bias.to(device, dtype))

        codebooks = range(config.codebooks)
        return cls(
            layers=tuple(
                _layer(f"{DECODER}layers.{index}.", moved, norm, has_cross=config.melody is None)
                for index in range(config.layers)
            ),
            norm=norm(f"{DECODER}layer_norm"),
            embeddings=moved(*(f"{DECODER}embed_tokens.{k}" for k in codebooks)),
            heads=moved(*(f"decoder.lm_heads.{k}" for k in codebooks)),
            text_in=projection("enc_to_dec_proj"),
            melody_in=projection("audio_enc_to_dec_proj"),
        )


def _layer(
    name: str,
    moved: Callable[..., Tensor],
    norm: Callable[[str], Norm],
    *,
    has_cross: bool,
) -> LayerWeights:
    cross = None
    if has_cross:
        cross = CrossWeights(
            norm=norm(f"{name}encoder_attn_layer_norm"),
            query=moved(f"{name}encoder_attn.q_proj"),
            keys_values=moved(f"{name}encoder_attn.k_proj", f"{name}encoder_attn.v_proj"),
            out=moved(f"{name}encoder_attn.out_proj"),
        )
    return LayerWeights(
        norm=norm(f"{name}self_attn_layer_norm"),
        query_key_value=moved(*(f"{name}self_attn.{part}_proj" for part in "qkv")),
        out=moved(f"{name}self_attn.out_proj"),
        cross=cross,
        wide_norm=norm(f"{name}final_layer_norm"),
        widen=moved(f"{name}fc1"),
        narrow=moved(f"{name}fc2"),
    )
