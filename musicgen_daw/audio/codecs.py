"""Bytes of audio files from and to sound in memory; no paths.

WAV files of finished music are written elsewhere, with their chunks; here WAV is read, and
written as float for storage.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from musicgen_daw.audio import tape
from musicgen_daw.audio.buffer import Audio, Samples
from musicgen_daw.audio.ogg import set_serial
from musicgen_daw.audio.pcm import BitDepth, Pcm
from musicgen_daw.audio.quantise import to_audio
from musicgen_daw.errors import AudioError

__all__ = [
    "FORMATS", "decode", "encode", "encode_float_wav", "encode_pieces", "write_float_wav",
]  # fmt: skip

FORMATS = ("aiff", "flac", "mp3", "ogg")
"""The formats that ``encode`` writes."""

_NO_TAGS: Mapping[str, str] = MappingProxyType({})
_OGG_SERIAL = 1
_MOST_AT_ONCE = 1 << 20
_PEAK_SEARCH_BYTES = 512
_PEAK_TIME = slice(12, 16)


@dataclass(frozen=True, slots=True)
class _Container:
    """How libsndfile names a format, its encoding at each bit depth, and how much to write at once.

    A minute of Vorbis in one call overflows libsndfile's stack.
    """

    major: str
    encodings: dict[BitDepth, str]
    samples_at_once: int = _MOST_AT_ONCE


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
    pieces = (
        Pcm(pcm.samples[:, here], pcm.sample_rate, pcm.bit_depth)
        for here in tape.stretches(pcm.length_samples, _MOST_AT_ONCE)
    )
    encode_pieces(pieces, Pcm.empty(pcm.channels, pcm.sample_rate, pcm.bit_depth), format_, file)


def encode_pieces(
    pieces: Iterable[Pcm],
    kind: Pcm,
    format_: str,
    file: BinaryIO,
    tags: Mapping[str, str] = _NO_TAGS,
) -> None:
    """Write samples that come in pieces, of the same kind as ``kind``, to a seekable file.

    It must be readable too: what encoders draw at random is replaced in it. ``tags`` are title,
    artist and such, as far as the format holds them.

    Raises:
        AudioError: for a bit depth, sample rate or channel count that the format can't hold.
        ValueError: for another format.
    """
    container = _container(format_, kind.bit_depth)
    lossy = container.major in ("MP3", "OGG")
    parts = (to_audio(pcm).samples if lossy else _left_aligned(pcm) for pcm in pieces)
    _write(parts, kind.channels, kind.sample_rate, container, kind.bit_depth, file, tags)


def encode_float_wav(audio: Audio) -> bytes:
    """Return the sound as a 32-bit float WAV file; the same samples give the same bytes."""
    file = io.BytesIO()
    write_float_wav(audio, file)
    return file.getvalue()


def write_float_wav(audio: Audio, file: BinaryIO) -> None:
    """Write the same to an empty file that is readable and seekable."""
    container = _Container("WAV", {"32f": "FLOAT"}, tape.STRETCH_SAMPLES)
    _write([audio.samples], audio.channels, audio.sample_rate, container, "32f", file)


def _left_aligned(pcm: Pcm) -> NDArray[np.int32] | Samples:
    """Return integers with full scale at 2**31, as libsndfile counts them; floats stay."""
    if pcm.bit_depth == "32f":
        return np.asarray(pcm.samples, np.float32)
    return np.left_shift(np.asarray(pcm.samples, np.int32), 32 - int(pcm.bit_depth))


def _container(format_: str, bit_depth: BitDepth) -> _Container:
    try:
        container = _CONTAINERS[format_]
    except KeyError:
        raise ValueError(f"unknown format {format_!r}: use one of {', '.join(FORMATS)}") from None
    if bit_depth not in container.encodings:
        raise AudioError(f"{format_} can't hold {bit_depth}: use 24 bit")
    return container


def _write(
    parts: Iterable[NDArray[np.int32] | Samples],
    channels: int,
    sample_rate: int,
    container: _Container,
    bit_depth: BitDepth,
    file: BinaryIO,
    tags: Mapping[str, str] = _NO_TAGS,
) -> None:
    encoding = container.encodings[bit_depth]
    try:
        with soundfile.SoundFile(
            file, "w", sample_rate, channels, encoding, format=container.major
        ) as sound:
            for name, text in tags.items():
                setattr(sound, name, text)
            for samples in parts:
                for start in range(0, samples.shape[1], container.samples_at_once):
                    part = samples[:, start : start + container.samples_at_once]
                    sound.write(np.ascontiguousarray(part.T))
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{container.major} can't hold {channels} channels at {sample_rate} Hz: "
            f"{error.error_string}"
        ) from error
    if file.seek(0, io.SEEK_END) == 0:  # libsndfile writes no FLAC and no MP3 of no samples
        raise AudioError(f"{container.major} can't hold a sound of no samples: use wav")
    if encoding == "FLOAT":
        _clear_peak_time(file)
    elif container.major == "OGG":
        set_serial(file, _OGG_SERIAL)


def _clear_peak_time(file: BinaryIO) -> None:
    """Clear the time of writing, which libsndfile notes in a float file's PEAK chunk."""
    file.seek(0)
    chunk = file.read(_PEAK_SEARCH_BYTES).find(b"PEAK")
    if chunk >= 0:
        file.seek(chunk + _PEAK_TIME.start)
        file.write(bytes(4))
