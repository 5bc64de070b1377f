"""AAC and Opus, by ffmpeg: sound goes to it, and comes from it, through a pipe, piece by piece."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import numpy as np

from musicgen_daw.audio.buffer import Samples
from musicgen_daw.audio.pcm import Pcm
from musicgen_daw.errors import AudioError

__all__ = [
    "FFMPEG_FORMATS",
    "SUFFIXES",
    "decoded_rate",
    "encode_with_ffmpeg",
    "find_ffmpeg",
    "pieces_by_ffmpeg",
]


@dataclass(frozen=True, slots=True)
class _Codec:
    """How ffmpeg names a container and its codec, and which rates that takes (any, if none).

    ``decoded_rate`` is what it always gives back; ``None`` is the rate that it got.
    """

    container: str
    codec: str
    bitrate: str
    rates: tuple[int, ...] = ()
    decoded_rate: int | None = None


_CODECS = {
    "aac": _Codec("ipod", "aac", "256k"),
    "opus": _Codec(
        "opus", "libopus", "192k", (8000, 12_000, 16_000, 24_000, 48_000), decoded_rate=48_000
    ),
}

FFMPEG_FORMATS = tuple(_CODECS)
"""The formats that ``encode_with_ffmpeg`` writes."""

SUFFIXES = {"aac": ".m4a", "opus": ".opus"}

# Else the encoder's version and the time of day would make the bytes differ.
_SAME_BYTES = ("-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata:s", "-1")
_QUIET = ("-hide_banner", "-loglevel", "error", "-nostdin")
_SUM_BITS = 32
_DECODED_SAMPLES = 1 << 16
_PATIENCE_S = 120
"""How long ffmpeg may take to end when it has got everything."""


def encode_with_ffmpeg(
    pieces: Iterable[Pcm], kind: Pcm, format_: str, path: Path, tags: Mapping[str, str]
) -> None:
    """Write samples of the same kind as ``kind`` as ``aac`` (in M4A) or ``opus`` over a file.

    Raises:
        AudioError: where ffmpeg is not installed or refuses, or Opus does not have the rate.
    """
    codec = _CODECS[format_]
    if codec.rates and kind.sample_rate not in codec.rates:
        known = ", ".join(map(str, codec.rates))
        raise AudioError(f"{format_} has no {kind.sample_rate} Hz, only {known}: use --rate 48000")
    arguments = [
        *("-f", "s32le", "-ar", str(kind.sample_rate), "-ac", str(kind.channels), "-i", "pipe:0"),
        *(part for name, text in tags.items() for part in ("-metadata", f"{name}={text}")),
        *("-c:a", codec.codec, "-b:a", codec.bitrate, *_SAME_BYTES),
        *("-f", codec.container, "-y", f"file:{path.absolute()}"),
    ]
    with _ffmpeg(arguments, stdin=subprocess.PIPE) as process:
        sink = _pipe(process.stdin)
        try:
            for pcm in pieces:
                sink.write(_left_aligned(pcm))
            sink.close()
        except (BrokenPipeError, ConnectionResetError):
            return  # it has ended, and told why


def pieces_by_ffmpeg(path: Path, kind: Pcm, format_: str) -> Iterator[Samples]:
    """Yield the sound of a file that ``encode_with_ffmpeg`` has written, as it is heard.

    It has the channels of ``kind``, and the rate that ``decoded_rate`` tells.

    Raises:
        AudioError: where ffmpeg can't read it.
    """
    rate = str(decoded_rate(format_, kind.sample_rate))
    arguments = ["-i", f"file:{path.absolute()}", "-f", "f32le", "-ar", rate, "pipe:1"]
    with _ffmpeg(arguments, stdout=subprocess.PIPE) as process:
        source = _pipe(process.stdout)
        sample_bytes = 4 * kind.channels
        while part := source.read(sample_bytes * _DECODED_SAMPLES):
            whole = len(part) // sample_bytes * kind.channels
            interleaved = np.frombuffer(part, "<f4", whole).reshape(-1, kind.channels)
            yield np.ascontiguousarray(interleaved.T, np.float32)


def decoded_rate(format_: str, sample_rate: int) -> int:
    """Return the rate at which sound comes back from a codec."""
    return _CODECS[format_].decoded_rate or sample_rate


@contextmanager
def _ffmpeg(
    arguments: Sequence[str], *, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ffmpeg beside the body, and see to it that it ends with it."""
    command = [find_ffmpeg(), *_QUIET, *arguments]
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(  # noqa: S603  # our own arguments, and no shell
                command, stdin=stdin, stdout=stdout, stderr=told
            )
        except OSError as error:
            raise AudioError(f"ffmpeg can't be run: {error.strerror or error}") from error
        try:
            yield process
            code = process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise AudioError(f"ffmpeg did not end within {_PATIENCE_S} s") from None
        finally:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                _close(pipe)
            process.wait()
        if code:
            told.seek(0)
            lines = told.read().decode("utf-8", "replace").strip().splitlines()
            raise AudioError(f"ffmpeg refuses: {lines[-1] if lines else f'exit code {code}'}")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("ffmpeg was started without this pipe")
    return pipe


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except OSError:  # what was not written yet has nowhere to go
        pass


def _left_aligned(pcm: Pcm) -> bytes:
    """Return interleaved 32-bit integers."""
    steps = np.asarray(pcm.samples, np.float64) * (2.0 ** (_SUM_BITS - 1) / pcm.full_scale)
    highest = 2.0 ** (_SUM_BITS - 1) - 1
    return np.ascontiguousarray(np.clip(steps, -highest, highest).T.astype("<i4")).tobytes()


@lru_cache(maxsize=1)
def find_ffmpeg() -> str:
    """Return the path of ffmpeg, or of the one that the package ``imageio-ffmpeg`` brings.

    Raises:
        AudioError: where there is none.
    """
    program = shutil.which("ffmpeg")
    if program is None and find_spec("imageio_ffmpeg"):
        from importlib import import_module

        program = str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    if program is None:
        raise AudioError(
            "AAC and Opus need ffmpeg: install it, or `pip install imageio-ffmpeg`, which brings it"
        )
    return program
