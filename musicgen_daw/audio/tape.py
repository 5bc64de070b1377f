"""Sound of any length: what is too long for memory lies in a file that no one else sees.

A tape is an array like any other. All tapes of the process together hold so much memory and no
more; those beyond are temporary files without a name, mapped into memory. What is not being worked
on is let go of, and comes back from the file by itself. A tape is gone with its last user.
"""

from __future__ import annotations

import math
import mmap
import os
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock, Thread
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Samples

__all__ = ["blank", "copied", "let_go", "made", "recorded", "stretches"]

MOST_HELD_BYTES = 512 * 2**20
"""What all tapes together hold in memory, however many sounds are worked on at a time."""

SMALL_BYTES = 16 * 2**20
"""Below it (44 s of stereo at 48 kHz) an array is just an array."""

STRETCH_SAMPLES = 1 << 16
"""Samples of a channel that are worked on at once: few enough for the processor's cache."""

_AT_HAND_BYTES = 64 * 2**20
"""What of the files may be in memory before it is let go of, looked at every ``_LOOK_S``."""

_LOOK_S = 0.05
_ZEROS = bytes(1 << 20)
_ON_DISK = Path("/var/tmp")  # noqa: S108 - files there have no name; /tmp is often in memory
_STATE = Path("/proc/self/statm")
_FOLDER_VARIABLES = ("TMPDIR", "TEMP", "TMP")

T = TypeVar("T")

_lock = Lock()
_held: list[weakref.ref[NDArray[Any]]] = []
_mapped: list[weakref.ref[mmap.mmap]] = []
_keepers: list[Thread] = []


def blank(shape: tuple[int, ...], kind: type[np.generic] = np.float32) -> NDArray[Any]:
    """Return zeros, in memory or in a file.

    Where no file can be had, as the disk is full, they are in memory after all.
    """
    size_bytes = math.prod(shape) * np.dtype(kind).itemsize
    if size_bytes < SMALL_BYTES:
        return np.zeros(shape, kind)
    with _lock:
        held = _living(_held)
        if sum(array.nbytes for array in held) + size_bytes <= MOST_HELD_BYTES:
            array = np.zeros(shape, kind)
            _held.append(weakref.ref(array))
            return array
    try:
        mapped = _new_file(size_bytes)
    except OSError:
        return np.zeros(shape, kind)
    _keep(mapped)
    return np.frombuffer(mapped, kind).reshape(shape)


def let_go() -> None:
    """Give back the memory in which files are at hand.

    It is done again and again, as long as there are any: the system would do it, too, but only
    when all of the machine's memory is used.
    """
    with _lock:
        several = _living(_mapped)
    if hasattr(mmap, "MADV_DONTNEED"):
        for mapped in several:
            mapped.madvise(mmap.MADV_DONTNEED)


def stretches(length_samples: int, stretch_samples: int = STRETCH_SAMPLES) -> Iterator[slice]:
    """Yield where the stretches of a length lie, one after the other; the last may be shorter."""
    for first in range(0, length_samples, stretch_samples):
        yield slice(first, min(first + stretch_samples, length_samples))


def made(
    of_stretch: Callable[..., NDArray[Any]],
    *sounds: NDArray[Any],
    kind: type[np.generic] = np.float32,
) -> NDArray[Any]:
    """Return a new tape of the first sound's shape, made of all sounds a stretch at a time.

    ``of_stretch`` is given the same stretch of each sound, ``(…, samples)``.
    """
    tape = blank(sounds[0].shape, kind)
    for here in stretches(tape.shape[-1]):
        tape[..., here] = of_stretch(*(sound[..., here] for sound in sounds))
    return tape


def copied(samples: Samples, length_samples: int | None = None) -> Samples:
    """Return a copy, ``(channels, samples)``, with silence after it up to a length."""
    tape = blank((len(samples), length_samples or samples.shape[1]))
    for here in stretches(samples.shape[1]):
        tape[:, here] = samples[:, here]
    return tape


def recorded(pieces: Iterable[Samples], channels: int, most_samples: int) -> Samples:
    """Return sound that comes in pieces, ``(channels, samples)``, as one; its end is cut off."""
    tape = blank((channels, most_samples))
    length = 0
    for piece in pieces:
        part = piece[:, : most_samples - length]
        tape[:, length : length + part.shape[1]] = part
        length += part.shape[1]
    return tape[:, :length]


def _living(several: list[weakref.ref[T]]) -> Sequence[T]:
    """Return what is still used, and forget the rest."""
    living = [(each, thing) for each in several if (thing := each()) is not None]
    several[:] = [each for each, _ in living]
    return [thing for _, thing in living]


def _keep(mapped: mmap.mmap) -> None:
    """See to it that a file is let go of while it is there."""
    with _lock:
        _mapped.append(weakref.ref(mapped))
        if _keepers:
            return
        keeper = Thread(target=_let_go_again, name="tape", daemon=True)
        _keepers.append(keeper)
    try:
        keeper.start()
    except RuntimeError:  # the system has no more threads
        _keepers.clear()


def _let_go_again() -> None:
    while True:
        time.sleep(_LOOK_S)
        if _at_hand_bytes() > _AT_HAND_BYTES:
            let_go()
        with _lock:
            if not _living(_mapped):
                _keepers.clear()
                return


def _at_hand_bytes() -> float:
    """Return how much of all files is in the memory of this process; not every system tells."""
    try:
        pages = int(_STATE.read_text().split()[2])
    except OSError:
        return math.inf
    return pages * mmap.PAGESIZE


def _new_file(size_bytes: int) -> mmap.mmap:
    """Return a new file without a name, which has its place on the disk for sure.

    Raises:
        OSError: where there is no room.
    """
    with TemporaryFile(dir=_folder()) as file:
        _take_place(file, size_bytes)
        return mmap.mmap(file.fileno(), size_bytes)


def _folder() -> Path | None:
    """Return a folder on a disk, ``None`` for the one that the user or the system names."""
    if any(os.environ.get(name) for name in _FOLDER_VARIABLES):
        return None
    return _ON_DISK if os.access(_ON_DISK, os.W_OK) else None


def _take_place(file: IO[bytes], size_bytes: int) -> None:
    """Take the place now: a disk that is full when the array is written ends the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size_bytes)
        return
    for first in range(0, size_bytes, len(_ZEROS)):
        file.write(_ZEROS[: size_bytes - first])
    file.flush()
