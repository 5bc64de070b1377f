"""One channel of a finished stem as a file of its own, for programs that take mono only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from musicgen_daw.audio import BitDepth, Pcm
from musicgen_daw.audio.reading import describe, pieces_of
from musicgen_daw.errors import OutputError
from musicgen_daw.export import MonoOf
from musicgen_daw.export.wav import wav
from musicgen_daw.store.output import OutputFolder

__all__ = ["write_mono"]

_BIT_DEPTH: BitDepth = "24"
_FULL_SCALE = 2.0**23


def write_mono(mono: MonoOf, folder: OutputFolder, file: BinaryIO) -> None:
    """Write a channel, a piece at a time: 16 and 24 bits stay as they are, floats are rounded.

    Raises:
        OutputError: where the stem isn't as it was written, or not as long as the session tells.
    """
    path, record = folder.root / mono.path, folder.record(mono.path)
    if record is None or folder.is_right(mono.path, record.recipe) is None:
        raise OutputError("isn't as it was written: render it again", path=path)
    told = describe(path)
    if (told.sample_rate, told.length_samples) != (mono.sample_rate, mono.length_samples):
        raise OutputError(
            f"has {told.length_samples} samples at {told.sample_rate} Hz, not the "
            f"{mono.length_samples} at {mono.sample_rate} Hz of its cue: render it as WAV",
            path=path,
        )
    shape = wav.Shape(1, mono.sample_rate, _BIT_DEPTH, mono.length_samples)
    wav.write_pieces(file, _pieces(path, mono), shape, lambda: mono.chunks)


def _pieces(path: Path, mono: MonoOf) -> Iterator[Pcm]:
    for piece in pieces_of(path):
        steps = np.rint(piece[mono.channel : mono.channel + 1] * np.float32(_FULL_SCALE))
        held = np.clip(steps, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int32)
        yield Pcm(held, mono.sample_rate, _BIT_DEPTH)
