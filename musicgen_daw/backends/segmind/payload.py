"""From the body of a 200 to sound; pure, but for ffmpeg.

The service does not document what it sends: raw audio of some kind, or JSON that holds it as
base64 or a data URI, or that tells where to fetch it. What it declares is not trusted.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

import numpy as np
import soundfile

from musicgen_daw.audio import Audio
from musicgen_daw.audio.codecs import decode
from musicgen_daw.audio.computing import computing
from musicgen_daw.backends.segmind.containers import (
    Container,
    container_of,
    is_cut_short,
    with_true_size,
)
from musicgen_daw.backends.segmind.foreign import decode_foreign
from musicgen_daw.backends.segmind.wire import read_json
from musicgen_daw.errors import AudioError

__all__ = [
    "MAX_BODY_BYTES",
    "AudioBytes",
    "AudioUrl",
    "Body",
    "decode_clip",
    "read_audio",
    "read_body",
    "unpacked",
    "url_in",
]

MAX_BODY_BYTES = 64 << 20

_MAX_SECONDS = 600
_MAX_VALUES = 64_000_000
_RATES_HZ = range(4_000, 400_000)
_LENGTH_UNKNOWN = 1 << 62  # what libsndfile tells of a FLAC that does not say
_MAY_END_EARLY = 4608  # the delay and the last frames of an MP3 are guessed

_OUTPUT_FIELDS = (
    *("output", "outputs", "audio", "audio_url", "audio_file", "url", "output_url", "uri"),
    "generation_url",
    *("data", "result", "results", "file", "files", "media", "image", "images", "video"),
)
_MAX_DEPTH = 6
_MIN_BASE64 = 64
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]+={0,2}\s*")
_DATA_URI = re.compile(r"data:[^,]{0,200},")


@dataclass(frozen=True, slots=True)
class AudioBytes:
    """An audio file as it came, whole as far as it tells itself."""

    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AudioUrl:
    """An address where the audio file is said to be."""

    url: str


Body = AudioBytes | AudioUrl


def read_body(body: bytes, content_type: str = "") -> Body:
    """Return the audio that a body is or holds, or where it is.

    ``content_type`` is what the server declares; it is only repeated in a message.

    Raises:
        AudioError: for anything else: nothing, a page, a message of an error, a cut file.
    """
    if not body.strip():
        raise AudioError("the answer is empty")
    if container_of(body) is not None:
        return AudioBytes(read_audio(body))
    content = read_json(body)
    if content is None:
        raise AudioError(_no_audio(body, content_type))
    for text in _candidates(content):
        found = _from_text(text)
        if found is not None:
            return found
    raise AudioError("the answer is JSON without any audio in it")


def url_in(content: Any) -> str | None:
    """Return the address that JSON tells of an output."""
    return next((text.strip() for text in _candidates(content) if _is_url(text.strip())), None)


def read_audio(content: bytes) -> bytes:
    """Return an audio file that is whole as far as it tells itself.

    Raises:
        AudioError: for a cut file, or none.
    """
    container = container_of(content)
    if container is None:
        raise AudioError("what was sent as audio is none")
    if is_cut_short(content, container):
        raise AudioError(f"the {container.value} file is cut off after {len(content)} bytes")
    return content


def decode_clip(content: bytes) -> Audio:
    """Return the sound of an audio file, at the rate and with the channels that it has.

    Raises:
        AudioError: for what can't be read to its end, is empty, or is no clip by its size.
    """
    container, content = container_of(content), with_true_size(content)
    if container in (Container.MP4, Container.WEBM):
        audio = decode_foreign(content, container)
        expected_samples = audio.length_samples
    else:
        with computing:
            audio, expected_samples = _decoded(content, container)
    _check_size(audio.length_samples, audio.channels, audio.sample_rate)
    if audio.length_samples < expected_samples:
        raise AudioError(
            f"the sound ends after {float(audio.seconds):.2f} s of "
            f"{expected_samples / audio.sample_rate:.2f} s"
        )
    if not np.isfinite(audio.samples).all():
        raise AudioError("the sound holds values that are no numbers")
    return audio


def unpacked(body: bytes, content_encoding: str) -> bytes:
    """Return a body without its HTTP encoding, which was not asked for.

    Raises:
        AudioError: for another encoding than gzip and deflate, or too much in it.
    """
    encoding = content_encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise AudioError(f"the answer is packed in a way that was not asked for: {encoding:.20}")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)  # takes both
    try:
        content = inflater.decompress(body, MAX_BODY_BYTES)
    except zlib.error:
        raise AudioError("the answer is packed, but can't be unpacked") from None
    if not inflater.eof:
        raise AudioError("the answer is packed, and is cut or too large")
    return content


def _no_audio(body: bytes, content_type: str) -> str:
    start = body[:1000].lstrip().lower()
    kind = "a web page" if start.startswith((b"<!doctype", b"<html", b"<?xml")) else "no audio"
    declared = f", declared as {content_type:.60}" if content_type.isprintable() else ""
    return f"the answer is {kind} of {len(body)} bytes{declared}"


def _candidates(content: Any, depth: int = 0) -> Iterator[str]:
    """Yield the texts that may be audio or tell where it is, the likely ones first."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list) and depth < _MAX_DEPTH:
        for value in content:
            yield from _candidates(value, depth + 1)
    elif isinstance(content, dict) and depth < _MAX_DEPTH:
        for name in _OUTPUT_FIELDS:
            if name in content:
                yield from _candidates(content[name], depth + 1)


def _from_text(text: str) -> Body | None:
    text = text.strip()
    if _is_url(text):
        return AudioUrl(text)
    declared = _DATA_URI.match(text)
    if declared is not None:
        after = text[declared.end() :]
        is_base64 = "base64" in declared[0].lower()
        content = _from_base64(unquote_to_bytes(after)) if is_base64 else unquote_to_bytes(after)
        return AudioBytes(read_audio(content))
    if len(text) < _MIN_BASE64 or not _BASE64.fullmatch(text):
        return None
    return AudioBytes(read_audio(_from_base64(text.encode())))


def _is_url(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _from_base64(text: bytes) -> bytes:
    """Return what base64 holds, with or without padding, in either alphabet."""
    joined = b"".join(text.split()).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(joined + b"=" * (-len(joined) % 4), validate=True)
    except binascii.Error:
        raise AudioError("the base64 in the answer can't be read") from None


def _decoded(content: bytes, container: Container | None) -> tuple[Audio, int]:
    """Return the sound and how many samples at least the file says that it has."""
    try:
        told = soundfile.info(io.BytesIO(content))
    except (soundfile.LibsndfileError, RuntimeError):
        raise AudioError("the sound can't be read as audio") from None
    if told.frames >= _LENGTH_UNKNOWN and container is Container.FLAC:
        audio = decode_foreign(content, container)
        return audio, audio.length_samples
    _check_size(told.frames, told.channels, told.samplerate)
    try:
        audio = decode(content)
    except (AudioError, RuntimeError, MemoryError):
        raise AudioError("the sound is damaged, or ends before its end") from None
    slack = _MAY_END_EARLY if container is Container.MP3 else 0
    return audio, told.frames - slack


def _check_size(length_samples: int, channels: int, sample_rate: int) -> None:
    """Refuse what would fill the memory here or later, or is nothing."""
    if length_samples < 1:
        raise AudioError("the sound is empty")
    if sample_rate not in _RATES_HZ:
        raise AudioError(f"the sound has {sample_rate} samples a second, which is no clip")
    too_long = length_samples > _MAX_SECONDS * sample_rate
    if too_long or length_samples * channels > _MAX_VALUES:
        raise AudioError(
            f"the sound says that it lasts {length_samples / sample_rate:.0f} s "
            f"in {channels} channels, which is no clip"
        )
