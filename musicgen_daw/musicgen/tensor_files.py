"""Files of named tensors, read tensor by tensor; nothing in them is executed."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import safetensors
import torch
from torch import Tensor

from musicgen_daw.errors import BackendError

__all__ = ["TensorFile", "TensorFiles", "load_pickle", "open_bin", "open_safetensors"]

_AGAIN = "get the checkpoint again"


class TensorFile(Protocol):
    """One file: the shapes by name are known, a tensor is read when it is asked for."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of each tensor."""

    def read(self, name: str) -> Tensor:
        """Return one tensor as it is stored."""


class TensorFiles(Mapping[str, Tensor]):
    """The tensors of several files as one table, each read as float32 when it is asked for.

    Raises:
        BackendError: where two files have a tensor of the same name.
    """

    def __init__(self, files: Sequence[TensorFile], prefix: str = "") -> None:
        self._files = files
        self._prefix = prefix
        self._homes: dict[str, TensorFile] = {}
        for file in files:
            for name in file.shapes:
                if name in self._homes:
                    raise BackendError(f"has {name!r}, as another file has", path=file.path)
                self._homes[name] = file

    def under(self, prefix: str) -> TensorFiles:
        """Return the tensors whose names begin with a prefix, without it."""
        return TensorFiles(self._files, self._prefix + prefix)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor without reading it."""
        return self._home(name).shapes[self._prefix + name]

    def path(self, name: str) -> Path:
        """Return the file that a tensor is in."""
        return self._home(name).path

    def __getitem__(self, name: str) -> Tensor:
        tensor = self._home(name).read(self._prefix + name)
        return tensor.float() if tensor.is_floating_point() else tensor

    def __iter__(self) -> Iterator[str]:
        start = len(self._prefix)
        return (name[start:] for name in self._homes if name.startswith(self._prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._prefix + name in self._homes

    def _home(self, name: str) -> TensorFile:
        home = self._homes.get(self._prefix + name)
        if home is None:
            raise KeyError(name)
        return home


class _Safetensors:
    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = safetensors.safe_open(path, framework="pt")
        except safetensors.SafetensorError as error:
            raise BackendError(f"damaged or cut off ({error}): {_AGAIN}", path=path) from None
        names: list[str] = list(self._file.keys())  # it is no dict
        self.shapes = {name: tuple(self._file.get_slice(name).get_shape()) for name in names}

    def read(self, name: str) -> Tensor:
        tensor: Tensor = self._file.get_tensor(name)
        return tensor


class _Pickled:
    def __init__(self, path: Path, tensors: Mapping[str, Tensor]) -> None:
        self.path = path
        self._tensors = tensors
        self.shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}

    def read(self, name: str) -> Tensor:
        return self._tensors[name]


def open_safetensors(path: Path, most_bytes: int) -> TensorFile:
    """Open a safetensors file: its header tells its exact size, so a cut one is found at once.

    Raises:
        BackendError: where it is damaged, cut off, or larger than ``most_bytes``.
    """
    _check_size(path, most_bytes)
    return _Safetensors(path)


def open_bin(path: Path, most_bytes: int) -> TensorFile:
    """Open a file that torch saved; only tensors are accepted.

    Raises:
        BackendError: where it is damaged, cut off, holds anything else, or is too large.
    """
    content = load_pickle(path, most_bytes)
    return _Pickled(path, tensors_of(content, path))


def tensors_of(content: object, path: Path) -> dict[str, Tensor]:
    """Return what a file holds if it is a table of named tensors.

    Raises:
        BackendError: otherwise.
    """
    if not isinstance(content, dict):
        raise BackendError("holds no table of tensors", path=path)
    for name, tensor in content.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise BackendError(f"{name!r} is no named tensor", path=path)
    return content


def load_pickle(path: Path, most_bytes: int) -> object:
    """Return what torch saved, without executing it; tensors stay on disk where they can.

    Raises:
        BackendError: where it is damaged, cut off, asks for code to be run, or is too large.
    """
    _check_size(path, most_bytes)
    try:
        return torch.load(
            path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
        )
    except pickle.UnpicklingError as error:
        reason = str(error).partition("\n")[0]
        raise BackendError(f"holds more than weights, or is damaged: {reason}", path=path) from None
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        raise BackendError(f"damaged or cut off ({reason}): {_AGAIN}", path=path) from None


def _check_size(path: Path, most_bytes: int) -> None:
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise BackendError(f"can't be read: {error.strerror}", path=path) from None
    if size_bytes > most_bytes:
        raise BackendError(
            f"has {size_bytes / 1e9:.2f} GB, where its configuration tells of a model of at most "
            f"{most_bytes / 1e9:.2f} GB",
            path=path,
        )
