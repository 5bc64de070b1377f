"""Sound files as pieces of sound: nothing is held but the piece at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile

from musicgen_daw.audio.buffer import Samples
from musicgen_daw.errors import AudioError

__all__ = ["PIECE_SAMPLES", "Check", "SoundFile", "describe", "go_on", "pieces_of"]

PIECE_SAMPLES = 1 << 18
"""Samples of a channel in one piece, a few seconds."""

Check = Callable[[], None]

_TAGS = ("title", "artist", "album", "date", "tracknumber", "genre", "comment", "copyright")


@dataclass(frozen=True, slots=True)
class SoundFile:
    """What a sound file says of itself.

    ``container`` is one of ``wav``, ``aiff``, ``flac``, ``ogg``, ``mp3`` or another short name
    of libsndfile's. ``bit_depth`` is ``None`` where the samples are no integers. ``tags`` holds
    title, artist and such.
    """

    container: str
    sample_rate: int
    channels: int
    length_samples: int
    bit_depth: int | None
    tags: Mapping[str, str] = field(default_factory=dict)


_CONTAINERS = {"WAVEX": "wav", "RF64": "wav", "W64": "w64", "MPEG": "mp3", "MP3": "mp3"}
_BIT_DEPTHS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}


def describe(file: BinaryIO | Path) -> SoundFile:
    """Return what a WAV, AIFF, FLAC, Ogg or MP3 file says of itself.

    Raises:
        AudioError: for bytes that are no such file.
        OSError: where the file of a path can't be opened.
    """
    with _opened(file) as sound:
        told = sound.copy_metadata()
        return SoundFile(
            container=_CONTAINERS.get(sound.format, sound.format.lower()),
            sample_rate=sound.samplerate,
            channels=sound.channels,
            length_samples=sound.frames,
            bit_depth=_BIT_DEPTHS.get(sound.subtype),
            tags={tag: told[tag] for tag in _TAGS if told.get(tag)},
        )


def go_on() -> None:
    """Let the reading of a file go on."""


def pieces_of(file: BinaryIO | Path, check: Check = go_on) -> Iterator[Samples]:
    """Yield the sound of a file from its beginning, ``(channels, samples)`` at a time.

    By its path it is read quickest, and without holding other threads up. ``check`` is called
    before each piece: it raises what is to end the reading.

    Raises:
        AudioError: for bytes that are no sound file, or that end before they should.
        OSError: where the file of a path can't be opened.
    """
    with _opened(file) as sound:
        missing = sound.frames
        while missing > 0:
            check()
            piece = _next_samples(sound, min(PIECE_SAMPLES, missing))
            if not piece.shape[1]:
                raise AudioError(f"ends {missing} samples before the length that it tells")
            missing -= piece.shape[1]
            yield piece


def _next_samples(sound: Any, most_samples: int) -> Samples:
    """Read on, ``(channels, samples)``; of 16 bit as integers, as libsndfile's floats take long."""
    kind = "int16" if sound.subtype == "PCM_16" else "float32"
    try:
        samples = sound.read(most_samples, dtype=kind, always_2d=True).T
    except soundfile.LibsndfileError as error:
        raise AudioError(f"can't be read as audio: {error.error_string}") from error
    if samples.dtype == np.float32:
        return np.ascontiguousarray(samples, np.float32)
    return np.asarray(np.multiply(samples, np.float32(2.0**-15), order="C"), np.float32)  # exactly


def _opened(file: BinaryIO | Path) -> Any:
    if isinstance(file, Path):
        if file.exists() and not file.is_file():  # opening a pipe would wait for its writer
            raise AudioError("can't be read as audio: it is no file")
        file.open("rb").close()  # libsndfile doesn't tell why it can't
        source: object = str(file) if os.name == "nt" else os.fsencode(file)
    else:
        file.seek(0)
        source = file
    try:
        return soundfile.SoundFile(source)
    except (soundfile.LibsndfileError, TypeError) as error:
        if _is_empty(file):
            raise AudioError("can't be read as audio: it is empty, 0 bytes long") from error
        reason = getattr(error, "error_string", "no known format")
        if reason.startswith("File does not exist"):  # of a file that was opened just now
            reason = "it is damaged, or no sound file"
        raise AudioError(f"can't be read as audio: {reason}") from error


def _is_empty(file: BinaryIO | Path) -> bool:
    if isinstance(file, Path):
        return file.stat().st_size == 0
    return file.seek(0, os.SEEK_END) == 0
