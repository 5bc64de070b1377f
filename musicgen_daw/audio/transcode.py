"""AAC and Opus, through pydub, which calls ffmpeg. The whole sound is held meanwhile."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, BinaryIO

import numpy as np

from musicgen_daw.audio.pcm import Pcm
from musicgen_daw.errors import AudioError

__all__ = ["FFMPEG_FORMATS", "SUFFIXES", "encode_with_ffmpeg", "find_ffmpeg"]


@dataclass(frozen=True, slots=True)
class _Codec:
    """How ffmpeg names a container and its codec, and which rates that takes (any, if none)."""

    container: str
    codec: str
    bitrate: str
    rates: tuple[int, ...] = ()


_CODECS = {
    "aac": _Codec("ipod", "aac", "256k"),
    "opus": _Codec("opus", "libopus", "192k", (8000, 12_000, 16_000, 24_000, 48_000)),
}

FFMPEG_FORMATS = tuple(_CODECS)
"""The formats that ``encode_with_ffmpeg`` writes."""

SUFFIXES = {"aac": ".m4a", "opus": ".opus"}

# Else the encoder's version and the time of day would make the bytes differ.
_SAME_BYTES = ["-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata:s", "-1"]
_SUM_BITS = 32


def encode_with_ffmpeg(
    pieces: Iterable[Pcm], kind: Pcm, format_: str, file: BinaryIO, tags: Mapping[str, str]
) -> None:
    """Write samples of the same kind as ``kind`` as ``aac`` (in M4A) or ``opus``.

    Raises:
        AudioError: where ffmpeg is not installed or refuses, or Opus does not have the rate.
    """
    codec = _CODECS[format_]
    if codec.rates and kind.sample_rate not in codec.rates:
        known = ", ".join(map(str, codec.rates))
        raise AudioError(f"{format_} has no {kind.sample_rate} Hz, only {known}: use --rate 48000")
    segment = _pydub()
    content = b"".join(_left_aligned(pcm) for pcm in pieces)
    sound = segment(
        data=content,
        sample_width=_SUM_BITS // 8,
        frame_rate=kind.sample_rate,
        channels=kind.channels,
    )
    try:
        sound.export(
            file,
            format=codec.container,
            codec=codec.codec,
            bitrate=codec.bitrate,
            parameters=_SAME_BYTES,
            tags=dict(tags),
        )
    except OSError as error:
        raise AudioError(f"ffmpeg can't be run: {error}") from error
    except Exception as error:
        if type(error).__name__ != "CouldntEncodeError":  # pydub's own, below Exception
            raise
        raise AudioError(f"ffmpeg refuses: {str(error).splitlines()[-1]}") from error


def _left_aligned(pcm: Pcm) -> bytes:
    """Return interleaved 32-bit integers."""
    steps = np.asarray(pcm.samples, np.float64) * (2.0 ** (_SUM_BITS - 1) / pcm.full_scale)
    highest = 2.0 ** (_SUM_BITS - 1) - 1
    return np.ascontiguousarray(np.clip(steps, -highest, highest).T.astype("<i4")).tobytes()


def find_ffmpeg() -> None:
    """Look for ffmpeg now, in one thread, before several need it.

    Raises:
        AudioError: where there is none.
    """
    _pydub()


@lru_cache(maxsize=1)
def _pydub() -> Any:
    """Return pydub's AudioSegment, told where an ffmpeg is."""
    program = shutil.which("ffmpeg")
    if program is None and find_spec("imageio_ffmpeg"):
        from importlib import import_module

        program = import_module("imageio_ffmpeg").get_ffmpeg_exe()
    if program is None:
        raise AudioError(
            "AAC and Opus need ffmpeg: install it, or `pip install imageio-ffmpeg`, which brings it"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of audioop's end, and of an ffmpeg not on the path
        from pydub import AudioSegment
    AudioSegment.converter = program
    return AudioSegment
