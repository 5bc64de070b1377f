"""The names and shapes of the decoder's weights, as the transformers layout has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from torch import Tensor

from musicgen_daw.errors import BackendError
from musicgen_daw.musicgen.config import ModelConfig

__all__ = ["DECODER", "ShapedTensors", "check", "most_bytes"]

DECODER = "decoder.model.decoder."
"""What the names of the transformer's own weights begin with."""

_OTHER_PARTS = ("text_encoder.", "audio_encoder.")
_COMPUTED = f"{DECODER}embed_positions.weights"
"""Older files store the table of positions; it is computed."""

_OTHER_PARTS_BYTES = 2 * 1024**3
"""More than a T5-base with its codec takes in float32."""


class ShapedTensors(Protocol):
    """Tensors whose shapes are known before they are read."""

    def __iter__(self) -> Iterator[str]: ...

    def __contains__(self, name: object) -> bool: ...

    def __getitem__(self, name: str) -> Tensor: ...

    def shape(self, name: str, /) -> tuple[int, ...]:
        """Return the shape of a tensor."""

    def path(self, name: str, /) -> Path:
        """Return the file that a tensor is in."""


def shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight that the decoder needs, by name."""
    width = config.width
    norm = {"weight": (width,), "bias": (width,)}
    found: dict[str, tuple[int, ...]] = {}
    for k in range(config.codebooks):
        found[f"{DECODER}embed_tokens.{k}.weight"] = (config.codebook_size + 1, width)
        found[f"decoder.lm_heads.{k}.weight"] = (config.codebook_size, width)
    for layer in range(config.layers):
        for name, shape in _layer_shapes(config).items():
            found[f"{DECODER}layers.{layer}.{name}"] = shape
    found |= {f"{DECODER}layer_norm.{part}": shape for part, shape in norm.items()}
    if config.text_width != width or config.melody is not None:
        found |= {"enc_to_dec_proj.weight": (width, config.text_width)}
        found |= {"enc_to_dec_proj.bias": (width,)}
    if config.melody is not None:
        found |= {"audio_enc_to_dec_proj.weight": (width, config.melody.bins)}
        found |= {"audio_enc_to_dec_proj.bias": (width,)}
    return found


def _layer_shapes(config: ModelConfig) -> Mapping[str, tuple[int, ...]]:
    width = config.width
    attentions = ["self_attn"] if config.melody is not None else ["self_attn", "encoder_attn"]
    found: dict[str, tuple[int, ...]] = {}
    for attention in attentions:
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            found[f"{attention}.{part}.weight"] = (width, width)
    for norm in [f"{attention}_layer_norm" for attention in attentions] + ["final_layer_norm"]:
        found[f"{norm}.weight"] = found[f"{norm}.bias"] = (width,)
    found["fc1.weight"] = (config.ffn_width, width)
    found["fc2.weight"] = (width, config.ffn_width)
    return found


def most_bytes(config: ModelConfig) -> int:
    """Return more than a file of this model can rightly have: all in float32, and some room."""
    numbers = 0
    for shape in shapes(config).values():
        count = 1
        for size in shape:
            count *= size
        numbers += count
    return 4 * numbers + _OTHER_PARTS_BYTES


def check(tensors: ShapedTensors, config: ModelConfig) -> None:
    """See that the decoder's weights are all there, in shape, and no others.

    Raises:
        BackendError: for the first one that is not; the message names it.
    """
    expected = shapes(config)
    for name, shape in expected.items():
        if name not in tensors:
            raise BackendError(
                f"the checkpoint lacks {name}: is it whole, and does its configuration belong "
                "to it?"
            )
        if tensors.shape(name) != shape:
            raise BackendError(
                f"{name} has the shape {tensors.shape(name)}, where the configuration tells of "
                f"{shape}: the files are of different models",
                path=tensors.path(name),
            )
    for name in tensors:
        if name not in expected and not name.startswith(_OTHER_PARTS) and name != _COMPUTED:
            raise BackendError(
                f"{name} is a weight that no known MusicGen has", path=tensors.path(name)
            )
