"""A checkpoint's weights: both published layouts, checked before they are believed.

    transformers    config.json, tokenizer files, and the weights of all three parts in
                    model.safetensors, or shards of it with model.safetensors.index.json,
                    or the same as pytorch_model.bin
    audiocraft      state_dict.bin (decoder) and compression_state_dict.bin (codec), under names
                    of their own, without text encoder: that is in a T5 folder of its own

Nothing in a file is executed: pickles are read with ``weights_only``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from musicgen_daw.errors import BackendError
from musicgen_daw.musicgen import audiocraft, layout
from musicgen_daw.musicgen.config import ModelConfig, parse_config
from musicgen_daw.musicgen.files import CONFIG, CheckpointFiles, find, read_json
from musicgen_daw.musicgen.tensor_files import TensorFiles, open_bin, open_safetensors

__all__ = ["Checkpoint", "load"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model that can be built: its shape and the weights of its parts.

    ``decoder`` has the names of the transformers layout. ``text`` and ``codec`` have those of
    transformers' ``T5EncoderModel`` and ``EncodecModel``. ``tokenizer`` is the folder of the
    tokenizer's files. Tensors are read when they are asked for.
    """

    config: ModelConfig
    decoder: Mapping[str, Tensor]
    text: Mapping[str, Tensor]
    codec: Mapping[str, Tensor]
    tokenizer: Path


def load(folder: Path, text_folder: Path | None = None) -> Checkpoint:
    """Open the checkpoint in a folder; ``text_folder`` is a T5's, for a layout without one.

    Raises:
        BackendError: for a file that is missing, damaged, cut off, too large or of another model.
    """
    files = find(folder)
    if files.layout == "audiocraft":
        return _load_audiocraft(folder, text_folder)
    config = parse_config(read_json(folder / CONFIG), folder / CONFIG)
    tensors = _open(files, config)
    layout.check(tensors, config)
    return Checkpoint(
        config=config,
        decoder=tensors,
        text=tensors.under("text_encoder."),
        codec=tensors.under("audio_encoder."),
        tokenizer=folder,
    )


def _load_audiocraft(folder: Path, text_folder: Path | None) -> Checkpoint:
    if text_folder is None:
        raise BackendError("has no text encoder: name the folder of a T5-base as well", path=folder)
    text_files = find(text_folder)
    config, decoder, codec = audiocraft.load(folder, read_json(text_folder / CONFIG))
    layout.check(decoder, config)
    return Checkpoint(config, decoder, _open(text_files, config), codec, text_folder)


def _open(files: CheckpointFiles, config: ModelConfig) -> TensorFiles:
    opener = open_safetensors if files.layout == "safetensors" else open_bin
    return TensorFiles([opener(path, layout.most_bytes(config)) for path in files.weights])
