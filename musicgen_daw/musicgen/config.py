"""What a checkpoint says of its own shape, from either of the two published layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from musicgen_daw.errors import BackendError

__all__ = [
    "CARD_PRECISIONS",
    "CONFIG_KINDS",
    "DEVICES",
    "ENCODEC_32KHZ",
    "HEAD_WIDTH",
    "PRECISIONS",
    "T5_BASE",
    "MelodyShape",
    "ModelConfig",
    "Precision",
    "parse_config",
]

Precision = Literal["fp32", "bf16", "int8", "kv8"]
"""How the decoder's matrices are held: exactly, or smaller and faster.

``kv8`` is bf16 with keys and values in eight bits, so that twice as many cues fit.
"""

PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16", "int8")
"""Those of the processor."""

CARD_PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16", "kv8")
"""Those of all other devices."""


DEVICES = ("auto", "cpu", "cuda", "cuda:N", "mps")
"""What it may run on, by torch's names: ``auto`` is the fastest that is there."""

CONFIG_KINDS = ("musicgen", "musicgen_melody")
"""What a configuration of ours calls itself."""

HEAD_WIDTH = 64
"""The width of an attention head in every published size."""

ENCODEC_32KHZ: Mapping[str, Any] = MappingProxyType(
    {
        "model_type": "encodec",
        "audio_channels": 1,
        "chunk_length_s": None,
        "codebook_dim": 128,
        "codebook_size": 2048,
        "compress": 2,
        "dilation_growth_rate": 2,
        "hidden_size": 128,
        "kernel_size": 7,
        "last_kernel_size": 7,
        "norm_type": "weight_norm",
        "normalize": False,
        "num_filters": 64,
        "num_lstm_layers": 2,
        "num_residual_layers": 1,
        "overlap": None,
        "pad_mode": "reflect",
        "residual_kernel_size": 3,
        "sampling_rate": 32_000,
        "target_bandwidths": [2.2],
        "trim_right_ratio": 1.0,
        "upsampling_ratios": [8, 5, 4, 4],
        "use_causal_conv": False,
        "use_conv_shortcut": False,
    }
)
"""The codec of all published checkpoints, for the layout whose files don't describe it."""

T5_BASE: Mapping[str, Any] = MappingProxyType(
    {
        "model_type": "t5",
        "d_ff": 3072,
        "d_kv": 64,
        "d_model": 768,
        "feed_forward_proj": "relu",
        "layer_norm_epsilon": 1e-6,
        "num_heads": 12,
        "num_layers": 12,
        "relative_attention_max_distance": 128,
        "relative_attention_num_buckets": 32,
        "vocab_size": 32_128,
    }
)
"""The text encoder of all published checkpoints, likewise."""


@dataclass(frozen=True, slots=True)
class MelodyShape:
    """What a melody model expects before the text: so many frames of so many pitch classes."""

    bins: int = 12
    frames: int = 235


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The shape of a model. ``channels`` are those of the sound: 2 for stereo.

    ``text`` and ``codec`` are the settings of transformers' T5 and EnCodec. A model with a
    ``melody`` has no cross-attention: melody and text stand before the music as a prefix.
    """

    layers: int
    width: int
    heads: int
    ffn_width: int
    codebooks: int = 4
    channels: int = 1
    codebook_size: int = 2048
    melody: MelodyShape | None = None
    text: Mapping[str, Any] = field(default_factory=lambda: T5_BASE)
    codec: Mapping[str, Any] = field(default_factory=lambda: ENCODEC_32KHZ)

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise BackendError(f"a width of {self.width} does not divide into {self.heads} heads")
        if self.width % 2:
            raise BackendError(f"a width of {self.width} is odd")
        if self.channels not in (1, 2) or self.codebooks % self.channels:
            raise BackendError(f"{self.codebooks} codebooks don't make {self.channels} channels")

    @property
    def head_width(self) -> int:
        """The width of one attention head."""
        return self.width // self.heads

    @property
    def pad(self) -> int:
        """The token that stands where a codebook has none: before its first and after its last."""
        return self.codebook_size

    @property
    def text_width(self) -> int:
        """The width of the text encoder's states."""
        return int(self.text["d_model"])

    @property
    def sample_rate(self) -> int:
        """The sample rate of the sound."""
        return int(self.codec["sampling_rate"])

    @property
    def frame_samples(self) -> int:
        """How many samples one frame of codes becomes."""
        samples = 1
        for ratio in self.codec["upsampling_ratios"]:
            samples *= int(ratio)
        return samples


def parse_config(values: Mapping[str, Any], path: object) -> ModelConfig:
    """Return the shape that a ``config.json`` of the transformers layout tells.

    A value that the file leaves out is the one of the published small model: transformers leaves
    out what is its own default.

    Raises:
        BackendError: for another kind of model, or one that this engine would play wrongly.
    """
    kind = values.get("model_type")
    if kind not in CONFIG_KINDS:
        raise _wrong(path, f"model_type is {kind!r}, not 'musicgen' or 'musicgen_melody'")
    decoder = _table(values, "decoder", path)
    for key, expected in (("activation_function", "gelu"), ("scale_embedding", False)):
        if decoder.get(key, expected) != expected:
            raise _wrong(path, f"decoder.{key} is {decoder[key]!r}; only {expected!r} is known")
    text = _table(values, "text_encoder", path)
    codec = _table(values, "audio_encoder", path)
    if text.get("model_type") != "t5" or codec.get("model_type") != "encodec":
        raise _wrong(path, "the text encoder must be a T5, the audio encoder an EnCodec")
    return ModelConfig(
        layers=_whole(decoder, "num_hidden_layers", 24, 512, path),
        width=_whole(decoder, "hidden_size", 1024, 65_536, path),
        heads=_whole(decoder, "num_attention_heads", 16, 1024, path),
        ffn_width=_whole(decoder, "ffn_dim", 4096, 262_144, path),
        codebooks=_whole(decoder, "num_codebooks", 4, 64, path),
        channels=_whole(decoder, "audio_channels", 1, 2, path),
        codebook_size=_whole(decoder, "vocab_size", 2048, 65_536, path),
        melody=_melody(values, path) if kind == "musicgen_melody" else None,
        text=_part(text, T5_BASE, ("d_model",), path),
        codec=_part(codec, ENCODEC_32KHZ, ("sampling_rate", "upsampling_ratios"), path),
    )


def _melody(values: Mapping[str, Any], path: object) -> MelodyShape:
    return MelodyShape(
        bins=_whole(values, "num_chroma", 12, 1024, path),
        frames=_whole(values, "chroma_length", 235, 8192, path),
    )


def _table(values: Mapping[str, Any], key: str, path: object) -> Mapping[str, Any]:
    table = values.get(key)
    if not isinstance(table, dict):
        raise _wrong(path, f"has no table {key!r}")
    return table


def _part(
    values: Mapping[str, Any], known: Mapping[str, Any], needed: Sequence[str], path: object
) -> dict[str, Any]:
    """Return the settings that shape a part of the model, and nothing else that a file says.

    What it leaves out are the defaults of transformers, which builds the part.
    """
    for key in needed:
        if key not in values:
            raise _wrong(path, f"the {values['model_type']} part does not tell its {key}")
    return {key: value for key, value in values.items() if key in known}


def _whole(values: Mapping[str, Any], key: str, default: int, most: int, path: object) -> int:
    value = values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise _wrong(path, f"{key} is {value!r}, not a whole number from 1 to {most}")
    return value


def _wrong(path: object, reason: str) -> BackendError:
    return BackendError(f"{reason}: is this a MusicGen checkpoint?", path=path)
