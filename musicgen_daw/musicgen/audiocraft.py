"""The layout of audiocraft: other names, fused projections, and a shape told by the weights.

    state_dict.bin               {"best_state": …, "xp.cfg": YAML, …}: the decoder
    compression_state_dict.bin   the same for the codec

Query, key and value are one matrix there, and there is no configuration but the training run's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from musicgen_daw.errors import BackendError
from musicgen_daw.musicgen.config import (
    ENCODEC_32KHZ,
    HEAD_WIDTH,
    T5_BASE,
    MelodyShape,
    ModelConfig,
)
from musicgen_daw.musicgen.files import AUDIOCRAFT
from musicgen_daw.musicgen.layout import DECODER
from musicgen_daw.musicgen.tensor_files import load_pickle, tensors_of

__all__ = ["load"]

LANGUAGE_MODEL, CODEC = AUDIOCRAFT

_MOST_BYTES = 32 * 1024**3
"""Twice the largest published file."""

_DESCRIPTION = "condition_provider.conditioners.description.output_proj."
_MELODY = "condition_provider.conditioners.self_wav.output_proj."
_STEREO_CODEBOOKS = 8

_NAMES = (
    (r"emb\.(\d+)\.weight", DECODER + r"embed_tokens.\1.weight"),
    (r"linears\.(\d+)\.weight", r"decoder.lm_heads.\1.weight"),
    (r"out_norm\.(weight|bias)", DECODER + r"layer_norm.\1"),
    (re.escape(_DESCRIPTION) + r"(weight|bias)", r"enc_to_dec_proj.\1"),
    (re.escape(_MELODY) + r"(weight|bias)", r"audio_enc_to_dec_proj.\1"),
    *(
        (rf"transformer\.layers\.(\d+)\.{old}\.(weight|bias)", rf"{DECODER}layers.\1.{new}.\2")
        for old, new in (
            ("self_attn.out_proj", "self_attn.out_proj"),
            ("cross_attention.out_proj", "encoder_attn.out_proj"),
            ("norm1", "self_attn_layer_norm"),
            ("norm_cross", "encoder_attn_layer_norm"),
            ("norm2", "final_layer_norm"),
            ("linear1", "fc1"),
            ("linear2", "fc2"),
        )
    ),
)
"""What the decoder's weights are called here, and in the transformers layout."""

_FUSED = re.compile(r"transformer\.layers\.(\d+)\.(self_attn|cross_attention)\.in_proj_weight")
_FUSED_NAMES = {"self_attn": "self_attn", "cross_attention": "encoder_attn"}

_NOT_OURS = re.compile(r"condition_provider\.conditioners\.self_wav\.(?!output_proj)")
"""The melody model's own chroma filters and stem separation."""

_CODEC_NAMES = (
    (r"(encoder|decoder)\.model\.(\d+)\.lstm\.(\w+)", r"\1.layers.\2.lstm.\3"),
    (
        r"(encoder|decoder)\.model\.((?:\d+\.block\.|\d+\.)*\d+)\.conv(?:tr)?\.conv(?:tr)?\.(\w+)",
        r"\1.layers.\2.conv.\3",
    ),
    (r"quantizer\.vq\.layers\.(\d+)\._codebook\.(\w+)", r"quantizer.layers.\1.codebook.\2"),
)


class _Renamed(Mapping[str, Tensor]):
    """Tensors under other names, as float32; all are of one file."""

    def __init__(self, tensors: Mapping[str, Tensor], path: Path) -> None:
        self._tensors = tensors
        self._path = path

    def __getitem__(self, name: str) -> Tensor:
        tensor = self._tensors[name]
        return tensor.float() if tensor.is_floating_point() else tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._tensors[name].shape)

    def path(self, _name: str) -> Path:
        return self._path


def load(
    folder: Path, text_config: Mapping[str, Any]
) -> tuple[ModelConfig, _Renamed, Mapping[str, Tensor]]:
    """Return the model's shape, its decoder and its codec, under transformers' names.

    Raises:
        BackendError: where a file is missing, damaged or of another model.
    """
    decoder = _Renamed(_decoder_names(*_best_state(folder / LANGUAGE_MODEL)), folder)
    codec_path = folder / CODEC
    codec, description = _package(codec_path)
    codec_state = _Renamed(_codec_names(codec, codec_path), codec_path)
    config = _config(decoder, text_config, _codec_config(codec_state, description))
    return config, decoder, codec_state


def _best_state(path: Path) -> tuple[dict[str, Tensor], Path]:
    return _package(path)[0], path


def _package(path: Path) -> tuple[dict[str, Tensor], str]:
    """Return the weights of a package and the text that describes the run it comes from."""
    content = load_pickle(path, _MOST_BYTES)
    if not isinstance(content, dict):
        raise BackendError("holds no table", path=path)
    if "pretrained" in content:
        raise BackendError(
            f"only names another model, {content['pretrained']!r}: put that model's own "
            f"{path.name} here",
            path=path,
        )
    if "best_state" not in content:
        raise BackendError("has no 'best_state': is it an exported model?", path=path)
    return tensors_of(content["best_state"], path), str(content.get("xp.cfg", ""))


def _decoder_names(tensors: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if fused := _FUSED.fullmatch(name):
            if tensor.shape[0] % 3:
                raise BackendError(f"{name} is not query, key and value", path=path)
            layer, attention = fused[1], _FUSED_NAMES[fused[2]]
            for part, third in zip("qkv", tensor.chunk(3), strict=True):
                renamed[f"{DECODER}layers.{layer}.{attention}.{part}_proj.weight"] = third
        elif not _NOT_OURS.match(name):
            renamed[_rename(name, _NAMES, path)] = tensor
    return renamed


def _codec_names(tensors: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    return {_rename(name, _CODEC_NAMES, path): tensor for name, tensor in tensors.items()}


def _rename(name: str, names: tuple[tuple[str, str], ...], path: Path) -> str:
    for pattern, new in names:
        if match := re.fullmatch(pattern, name):
            return match.expand(new)
    raise BackendError(f"{name} is a weight that no known MusicGen has", path=path)


def _config(
    decoder: _Renamed, text_config: Mapping[str, Any], codec: Mapping[str, Any]
) -> ModelConfig:
    """Tell the shape of a model from its weights."""

    def count(pattern: str) -> int:
        return len({match[1] for name in decoder if (match := re.search(pattern, name))})

    def size(name: str) -> tuple[int, ...]:
        if name not in decoder:
            raise BackendError(f"lacks {name}", path=decoder.path(name))
        return decoder.shape(name)

    tokens, width = size(f"{DECODER}embed_tokens.0.weight")
    ffn_width, _ = size(f"{DECODER}layers.0.fc1.weight")
    codebooks = count(r"embed_tokens\.(\d+)\.")
    has_melody = "audio_enc_to_dec_proj.weight" in decoder
    return ModelConfig(
        layers=count(r"layers\.(\d+)\."),
        width=width,
        heads=max(1, width // HEAD_WIDTH),
        ffn_width=ffn_width,
        codebooks=codebooks,
        channels=2 if codebooks == _STEREO_CODEBOOKS else 1,
        codebook_size=tokens - 1,
        melody=MelodyShape(bins=size("audio_enc_to_dec_proj.weight")[1]) if has_melody else None,
        text={key: value for key, value in text_config.items() if key in T5_BASE},
        codec=codec,
    )


def _codec_config(codec: _Renamed, description: str) -> dict[str, Any]:
    """Tell the codec's settings from its weights, and the rest as in all published ones."""
    found = dict(ENCODEC_32KHZ)

    def shape(name: str) -> tuple[int, ...]:
        if name not in codec:
            raise BackendError(f"lacks {name}", path=codec.path(name))
        return codec.shape(name)

    found["codebook_size"], found["codebook_dim"] = shape("quantizer.layers.0.codebook.embed")
    found["num_filters"] = shape("encoder.layers.0.conv.weight_v")[0]
    found["hidden_size"] = shape("decoder.layers.0.conv.weight_v")[1]
    # At the edges the two libraries pad differently; what the model was trained with is told.
    if padding := re.search(r"^\s*pad_mode:\s*(\w+)", description, re.MULTILINE):
        found["pad_mode"] = padding[1]
    return found
