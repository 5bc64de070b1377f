"""A checkpoint on disk: both published layouts, checked before they are believed.

    transformers    config.json, tokenizer files, and the weights of all three parts in
                    model.safetensors, or shards of it with model.safetensors.index.json,
                    or the same as pytorch_model.bin
    audiocraft      state_dict.bin (decoder) and compression_state_dict.bin (codec), under names
                    of their own, without text encoder: that is in a T5 folder of its own

Nothing in a file is executed: pickles are read with ``weights_only``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from musicgen_daw.errors import BackendError
from musicgen_daw.musicgen import audiocraft, layout
from musicgen_daw.musicgen.config import ModelConfig, parse_config
from musicgen_daw.musicgen.tensor_files import TensorFiles, open_bin, open_safetensors

__all__ = ["Checkpoint", "fingerprint", "load"]

CONFIG = "config.json"
_MOST_CONFIG_BYTES = 4 * 1024**2
_SAFETENSORS = "model.safetensors"
_BIN = "pytorch_model.bin"
_SAMPLES = 256
_SAMPLE_BYTES = 4096


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
    if not folder.is_dir():
        raise BackendError("is no folder with a checkpoint", path=folder)
    if (folder / audiocraft.LANGUAGE_MODEL).exists() and not (folder / CONFIG).exists():
        return _load_audiocraft(folder, text_folder)
    return _load_transformers(folder)


def fingerprint(folder: Path) -> str:
    """Return 16 hex digits that tell one checkpoint from another, in an instant.

    They depend on the sizes of all files with weights, on many samples of their content, and on
    the whole of ``config.json``: two trainings differ in nearly every weight.

    Raises:
        BackendError: where there are no such files.
    """
    paths = sorted(
        path for path in folder.glob("*") if path.suffix in (".safetensors", ".bin", ".index")
    )
    if not paths:
        raise BackendError("has no file with weights (*.safetensors or *.bin)", path=folder)
    digest = hashlib.sha256()
    try:
        if (folder / CONFIG).exists():
            digest.update(_read_small(folder / CONFIG))
        for path in paths:
            digest.update(f"{path.name} {path.stat().st_size}\n".encode())
            for sample in _samples(path):
                digest.update(sample)
    except OSError as error:
        raise BackendError(f"can't be read: {error.strerror}", path=folder) from None
    return digest.hexdigest()[:16]


def _samples(path: Path) -> Iterator[bytes]:
    """Yield blocks that lie evenly over a file, its first and last among them."""
    last = max(0, path.stat().st_size - _SAMPLE_BYTES)
    places = sorted({last * index // (_SAMPLES - 1) for index in range(_SAMPLES)})
    with path.open("rb") as file:
        for place in places:
            file.seek(place)
            yield file.read(_SAMPLE_BYTES)


def _load_transformers(folder: Path) -> Checkpoint:
    config = parse_config(read_json(folder / CONFIG), folder / CONFIG)
    tensors = _open_tensors(folder, config)
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
        raise BackendError(
            "has no text encoder: name the folder of a T5-base (t5-base) as well", path=folder
        )
    text_config = read_json(text_folder / CONFIG)
    config, decoder, codec = audiocraft.load(folder, text_config)
    layout.check(decoder, config)
    return Checkpoint(config, decoder, _open_tensors(text_folder, config), codec, text_folder)


def _open_tensors(folder: Path, config: ModelConfig) -> TensorFiles:
    """Return the weights in a folder; safetensors come first where there are both."""
    for whole, opener in ((_SAFETENSORS, open_safetensors), (_BIN, open_bin)):
        index = folder / f"{whole}.index.json"
        if (folder / whole).exists():
            paths = [folder / whole]
        elif index.exists():
            paths = _shards(index)
        else:
            continue
        return TensorFiles([opener(path, layout.most_bytes(config)) for path in paths])
    raise BackendError(f"has neither {_SAFETENSORS} nor {_BIN}, whole or in shards", path=folder)


def _shards(index: Path) -> list[Path]:
    """Return the files that an index names: they lie beside it, and all of them are there."""
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise BackendError("has no table 'weight_map' of file names", path=index)
    paths = []
    for name in sorted(set(names.values())):
        if Path(name).name != name or name in ("", ".", ".."):
            raise BackendError(f"names {name!r}, which is not beside it", path=index)
        path = index.parent / name
        if not path.exists():
            raise BackendError(
                f"the shard is missing that {index.name} names: get the checkpoint again", path=path
            )
        paths.append(path)
    return paths


def read_json(path: Path) -> dict[str, Any]:
    """Return the table in a small JSON file.

    Raises:
        BackendError: where it is missing, too large, or no such table.
    """
    try:
        values = json.loads(_read_small(path))
    except OSError as error:
        raise BackendError(f"can't be read: {error.strerror}", path=path) from None
    except (ValueError, RecursionError) as error:
        raise BackendError(f"no JSON: {error}", path=path) from None
    if not isinstance(values, dict):
        raise BackendError("holds no table", path=path)
    return values


def _read_small(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_CONFIG_BYTES + 1)
    if len(content) > _MOST_CONFIG_BYTES:
        raise BackendError("is too large for a configuration", path=path)
    return content
