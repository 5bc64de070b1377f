"""Bytes of audio files from and to sound in memory; no paths.

WAV files of finished music are written elsewhere, with their chunks; here WAV is read, and
written as float for storage.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.ogg import with_serial
from musicgen_daw.audio.pcm import BitDepth, Pcm
from musicgen_daw.audio.quantise import to_audio
from musicgen_daw.errors import AudioError

__all__ = ["FORMATS", "decode", "encode", "encode_float_wav"]

FORMATS = ("aiff", "flac", "mp3", "ogg")
"""The formats that ``encode`` writes."""

_OGG_SERIAL = 1
_PEAK_SEARCH_BYTES = 512
_PEAK_TIME = slice(12, 16)


@dataclass(frozen=True, slots=True)
class _Container:
    """How libsndfile names a format, its encoding at each bit depth, and how much to write at once.

    A minute of Vorbis in one call overflows libsndfile's stack.
    """

    major: str
    encodings: dict[BitDepth, str]
    samples_at_once: int = 1 << 20


_CONTAINERS = {
    "aiff": _Container("AIFF", {"16": "PCM_16", "24": "PCM_24", "32f": "FLOAT"}),
    "flac": _Container("FLAC", {"16": "PCM_16", "24": "PCM_24"}),
    "mp3": _Container("MP3", dict.fromkeys(("16", "24", "32f"), "MPEG_LAYER_III")),
    "ogg": _Container("OGG", dict.fromkeys(("16", "24", "32f"), "VORBIS"), 4096),
}


def decode(content: bytes) -> Audio:
    """Return the sound of a WAV, AIFF, FLAC, Ogg or MP3 file, exact in length and channels.

    Raises:
        AudioError: for bytes that are no such file.
    """
    try:
        samples, sample_rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(f"can't be read as audio: {error.error_string}") from error
    return Audio(np.ascontiguousarray(samples.T), sample_rate)


def encode(pcm: Pcm, format_: str, file: BinaryIO) -> None:
    """Write finished samples as ``aiff``, ``flac``, ``ogg`` or ``mp3``; same samples, same bytes.

    AIFF and FLAC keep the samples bit for bit. FLAC has no float.

    Raises:
        AudioError: for a bit depth, sample rate or channel count that the format can't hold.
        ValueError: for another format.
    """
    try:
        container = _CONTAINERS[format_]
    except KeyError:
        raise ValueError(f"unknown format {format_!r}: use one of {', '.join(FORMATS)}") from None
    if pcm.bit_depth not in container.encodings:
        raise AudioError(f"{format_} can't hold {pcm.bit_depth}: use 24 bit")
    lossy = container.major in ("MP3", "OGG")
    samples = to_audio(pcm).samples if lossy else _left_aligned(pcm)
    content = _written(samples, pcm.sample_rate, container, container.encodings[pcm.bit_depth])
    file.write(with_serial(content, _OGG_SERIAL) if container.major == "OGG" else content)


def encode_float_wav(audio: Audio) -> bytes:
    """Return the sound as a 32-bit float WAV file; the same samples give the same bytes."""
    return _written(audio.samples, audio.sample_rate, _Container("WAV", {}), "FLOAT")


def _left_aligned(pcm: Pcm) -> NDArray[np.int32] | Samples:
    """Return integers with full scale at 2**31, as libsndfile counts them; floats stay."""
    if pcm.bit_depth == "32f":
        return np.asarray(pcm.samples, np.float32)
    return np.left_shift(np.asarray(pcm.samples, np.int32), 32 - int(pcm.bit_depth))


def _written(
    samples: NDArray[np.int32] | Samples, sample_rate: int, container: _Container, encoding: str
) -> bytes:
    buffer = io.BytesIO()
    channels, length = samples.shape
    try:
        with soundfile.SoundFile(
            buffer, "w", sample_rate, channels, encoding, format=container.major
        ) as file:
            for start in range(0, length, container.samples_at_once):
                part = samples[:, start : start + container.samples_at_once]
                file.write(np.ascontiguousarray(part.T))
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{container.major} can't hold {channels} channels at {sample_rate} Hz: "
            f"{error.error_string}"
        ) from error
    if encoding == "FLOAT":
        _clear_peak_time(buffer)
    return buffer.getvalue()


def _clear_peak_time(file: io.BytesIO) -> None:
    """Clear the time of writing, which libsndfile notes in a float file's PEAK chunk."""
    with file.getbuffer() as content:
        chunk = bytes(content[:_PEAK_SEARCH_BYTES]).find(b"PEAK")
        if chunk >= 0:
            content[chunk + _PEAK_TIME.start : chunk + _PEAK_TIME.stop] = bytes(4)
