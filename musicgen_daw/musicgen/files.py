"""Where a checkpoint's files are, and which checkpoint it is; nothing heavy is loaded for that."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from musicgen_daw.errors import BackendError
from musicgen_daw.home import in_home

__all__ = [
    "AUDIOCRAFT",
    "CONFIG",
    "CheckpointFiles",
    "find",
    "fingerprint",
    "follows_melody",
    "hub_cache",
    "locate",
    "read_json",
]

CONFIG = "config.json"
AUDIOCRAFT = ("state_dict.bin", "compression_state_dict.bin")
_MOST_CONFIG_BYTES = 4 * 1024**2
_MELODY_WEIGHTS = b"conditioners.self_wav."
_SAMPLES = 256
_SAMPLE_BYTES = 4096
_HUB_ID = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")


@dataclass(frozen=True, slots=True)
class CheckpointFiles:
    """The files with the weights of a checkpoint, and how they are laid out."""

    folder: Path
    layout: Literal["safetensors", "bin", "audiocraft"]
    weights: tuple[Path, ...]


def locate(name: str, environment: Mapping[str, str]) -> Path:
    """Return the folder of a checkpoint that is named by its path, or by its id on the hub.

    An id is looked up among what was downloaded earlier, where the hub's own tools keep it.

    Raises:
        BackendError: where neither is on this machine. Nothing is downloaded.
    """
    folder = in_home(name)
    if folder.is_dir():
        return folder
    if not _HUB_ID.fullmatch(name):
        raise BackendError("is no folder with a checkpoint", path=name)
    cached = hub_cache(environment) / f"models--{name.replace('/', '--')}"
    try:
        commit = (cached / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise BackendError(
            "is neither a folder nor among the models that were downloaded: "
            f"'musicgen-daw models pull {name}' gets it",
            path=name,
        ) from None
    snapshot = cached / "snapshots" / commit
    if Path(commit).name != commit or not snapshot.is_dir():
        raise BackendError("was downloaded in part only: download it again", path=name)
    return snapshot


def hub_cache(environment: Mapping[str, str]) -> Path:
    """Return where the hub's own tools keep what they download."""
    if cache := environment.get("HF_HUB_CACHE"):
        return in_home(cache)
    if home := environment.get("HF_HOME"):
        return in_home(home) / "hub"
    if cache := environment.get("XDG_CACHE_HOME"):
        return in_home(cache) / "huggingface" / "hub"
    return Path.home() / ".cache" / "huggingface" / "hub"


def find(folder: Path) -> CheckpointFiles:
    """Return the files of a checkpoint; safetensors come first where there are several forms.

    Raises:
        BackendError: where there is none, or a part of it is missing.
    """
    if not folder.is_dir():
        raise BackendError("is no folder with a checkpoint", path=folder)
    names: tuple[tuple[Literal["safetensors", "bin"], str], ...] = (
        ("safetensors", "model.safetensors"),
        ("bin", "pytorch_model.bin"),
    )
    for layout, whole in names:
        index = folder / f"{whole}.index.json"
        if (folder / whole).exists():
            return CheckpointFiles(folder, layout, (folder / whole,))
        if index.exists():
            return CheckpointFiles(folder, layout, tuple(_shards(index)))
    if (folder / AUDIOCRAFT[0]).exists():
        return CheckpointFiles(folder, "audiocraft", tuple(folder / name for name in AUDIOCRAFT))
    raise BackendError(
        f"has none of {names[0][1]}, {names[1][1]} and {AUDIOCRAFT[0]}, whole or in shards",
        path=folder,
    )


def _shards(index: Path) -> Iterator[Path]:
    """Yield the files that an index names: they lie beside it, and all of them are there."""
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise BackendError("has no table 'weight_map' of file names", path=index)
    for name in sorted(set(names.values())):
        if Path(name).name != name or name in ("", ".", ".."):
            raise BackendError(f"names {name!r}, which is not beside it", path=index)
        path = index.parent / name
        if not path.exists():
            raise BackendError(
                f"the shard is missing that {index.name} names: get the checkpoint again", path=path
            )
        yield path


def follows_melody(files: CheckpointFiles) -> bool:
    """Tell whether it is a melody model, from its configuration or the names of its weights.

    Raises:
        BackendError: where that can't be read.
    """
    if files.layout != "audiocraft":
        return read_json(files.folder / CONFIG).get("model_type") == "musicgen_melody"
    try:
        with zipfile.ZipFile(files.weights[0]) as archive:
            names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            # The table of names is searched as text: it is not executed, and its size is bounded.
            return any(
                _MELODY_WEIGHTS in archive.open(name).read(_MOST_CONFIG_BYTES) for name in names
            )
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return False  # what is wrong with it is told when it is loaded


def fingerprint(files: CheckpointFiles) -> str:
    """Return 16 hex digits that tell one checkpoint from another, in an instant.

    They depend on the sizes of all files with weights, on many samples of their content, and on
    the whole of ``config.json``: two trainings differ in nearly every weight.

    Raises:
        BackendError: where a file can't be read.
    """
    digest = hashlib.sha256()
    try:
        if (files.folder / CONFIG).exists():
            digest.update(_read_small(files.folder / CONFIG))
        for path in files.weights:
            digest.update(f"{path.name} {path.stat().st_size}\n".encode())
            for sample in _samples(path):
                digest.update(sample)
    except OSError as error:
        raise BackendError(f"can't be read: {error.strerror}", path=files.folder) from None
    return digest.hexdigest()[:16]


def _samples(path: Path) -> Iterator[bytes]:
    """Yield blocks that lie evenly over a file, its first and last among them."""
    last = max(0, path.stat().st_size - _SAMPLE_BYTES)
    places = sorted({last * index // (_SAMPLES - 1) for index in range(_SAMPLES)})
    with path.open("rb") as file:
        for place in places:
            file.seek(place)
            yield file.read(_SAMPLE_BYTES)


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
