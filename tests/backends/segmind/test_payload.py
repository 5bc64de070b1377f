from __future__ import annotations

import base64
import gzip
import io
import json
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.backends.segmind.containers import Container, container_of, is_cut_short
from musicgen_daw.backends.segmind.foreign import decode_foreign
from musicgen_daw.backends.segmind.payload import (
    AudioBytes,
    AudioUrl,
    decode_clip,
    read_body,
    unpacked,
)
from musicgen_daw.errors import AudioError

RATE_HZ, LENGTH = 44_100, 30_000
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def made(
    format_: str, subtype: str | None = None, *, channels: int = 2, endian: str = "FILE"
) -> bytes:
    tone = 0.3 * np.sin(np.arange(LENGTH)[:, None] / 20 * np.arange(1, channels + 1))
    file = io.BytesIO()
    soundfile.write(file, tone, RATE_HZ, format=format_, subtype=subtype, endian=endian)
    return file.getvalue()


WAV = made("WAV", "PCM_16")
FILES = {
    "WAV": WAV,
    "float WAV": made("WAV", "FLOAT"),
    "RIFX": made("WAV", "PCM_16", endian="BIG"),
    "RF64": made("RF64", "PCM_24"),
    "AIFF": made("AIFF", "PCM_16"),
    "FLAC": made("FLAC"),
    "Ogg": made("OGG"),
    "MP3": made("MP3"),
}


def with_data_size(size: int) -> bytes:
    at = WAV.index(b"data") + 4
    sizes = struct.pack("<I", size)
    return WAV[:4] + sizes + WAV[8:at] + sizes + WAV[at + 4 :]


def by_ffmpeg(*arguments: str) -> bytes:
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", "pipe:0", *arguments, "pipe:1"]
    return subprocess.run(command, input=WAV, capture_output=True, check=True).stdout


# -- bodies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
@pytest.mark.parametrize("declared", ["audio/wav", "image/jpeg", "text/html", ""])
def test_an_audio_file_is_known_by_its_bytes_whatever_is_declared(
    content: bytes, declared: str
) -> None:
    assert read_body(content, declared) == AudioBytes(content)


BASE64 = base64.b64encode(WAV).decode()


@pytest.mark.parametrize(
    "content",
    [
        BASE64,
        [BASE64],
        {"output": BASE64},
        {"audio": {"data": [BASE64]}},
        {"status": "COMPLETED", "result": {"audio": BASE64}, "error": None},
        {"output": None, "image": f"data:audio/wav;base64,{BASE64}"},
        {"output": "data:application/octet-stream;charset=x;base64," + BASE64.replace("+", "%2B")},
        {"output": base64.urlsafe_b64encode(WAV).decode().rstrip("=")},
        {"output": "\n".join(BASE64[i : i + 76] for i in range(0, len(BASE64), 76))},
    ],
)
def test_audio_is_found_in_json(content: object) -> None:
    assert read_body(json.dumps(content).encode(), "audio/wav") == AudioBytes(WAV)


@pytest.mark.parametrize(
    "content",
    [
        "https://x.invalid/a.wav",
        ["https://x.invalid/a.wav", "https://x.invalid/b.wav"],
        {"output": ["https://x.invalid/a.wav"]},
        {"poll_url": "https://x.invalid/poll", "url": " https://x.invalid/a.wav\n"},
        {"data": {"audio": {"url": "https://x.invalid/a.wav"}}},
    ],
)
def test_an_address_is_found_in_json(content: object) -> None:
    assert read_body(json.dumps(content).encode()) == AudioUrl("https://x.invalid/a.wav")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<!DOCTYPE html><html></html>", "a web page of 28 bytes, declared as audio/wav"),
        (b"\n<html>", "a web page"),
        (b"Internal error", "no audio"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF and an image", "no audio"),
        (b"\x89PNG\r\n\x1a\n and more", "no audio"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "no audio"),
        (b'{"error": "no GPU"}', "without any audio"),
        (b'{"output": null}', "without any audio"),
        (b'{"output": ""}', "without any audio"),
        (b'{"output": []}', "without any audio"),
        (b'{"output": 5}', "without any audio"),
        (b'{"output": "file:///etc/passwd"}', "without any audio"),
        (b'{"output": "' + b"QUJD" * 40 + b'"}', "is none"),
        (b'{"output": "' + b"QUJDR" * 21 + b'"}', "can't be read|is none"),
        (b'{"output": "data:text/html;base64,PGh0bWw+"}', "is none"),
        (b"[" * 100_000, "no audio"),
        (b'{"output":' * 50 + b"null" + b"}" * 50, "without any audio"),
    ],
)
def test_what_is_no_audio_is_told_as_what_it_is(body: bytes, reason: str) -> None:
    with pytest.raises(AudioError, match=reason):
        read_body(body, "audio/wav")


@given(st.binary())
def test_no_body_breaks_the_reader(body: bytes) -> None:
    for magic in (b"", b"RIFF", b"OggS", b"ID3", b"\x00\x00\x00\x20ftyp", b"FORM"):
        with suppress(AudioError):
            read_body(magic + body)


# -- cut files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["WAV", "float WAV", "RIFX", "RF64", "AIFF", "FLAC", "Ogg", "MP3"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.8])
def test_a_cut_file_never_passes_for_a_clip(name: str, share: float) -> None:
    content = FILES[name][: int(len(FILES[name]) * share)]
    with pytest.raises(AudioError):
        decode_clip(read_body(content).content)  # type: ignore[union-attr]  # no address


@pytest.mark.parametrize("name", ["WAV", "RIFX", "AIFF"])
def test_one_missing_byte_is_noticed(name: str) -> None:
    with pytest.raises(AudioError, match="cut off"):
        read_body(FILES[name][:-1])


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_the_placeholders_of_writers_that_can_not_go_back_are_taken(size: int) -> None:
    body = read_body(with_data_size(size))
    assert isinstance(body, AudioBytes)
    assert decode_clip(body.content).length_samples == LENGTH


def test_a_wav_whose_sound_is_truly_empty_is_not_filled_with_what_follows() -> None:
    empty = WAV[: WAV.index(b"data")] + b"data\0\0\0\0" + b"LIST\4\0\0\0INFO"
    with pytest.raises(AudioError, match="empty"):
        decode_clip(empty)


def test_a_wrong_size_of_the_whole_file_does_not_matter() -> None:
    body = WAV[:4] + struct.pack("<I", len(WAV) * 2) + WAV[8:]
    assert read_body(body) == AudioBytes(body)


# -- decoding ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_clip_has_the_rate_and_the_channels_that_came(name: str, channels: int) -> None:
    format_ = {"float WAV": "WAV", "RIFX": "WAV", "Ogg": "OGG"}.get(name, name)
    audio = decode_clip(made(format_, channels=channels))
    assert (audio.sample_rate, audio.channels) == (RATE_HZ, channels)
    assert abs(audio.length_samples - LENGTH) <= 1


def flac_that_says(samples: int) -> bytes:
    content = bytearray(FILES["FLAC"])
    content[21] = content[21] & 0xF0 | samples >> 32
    content[22:26] = (samples & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(content)


def test_a_file_that_says_that_it_is_endless_does_not_fill_the_memory() -> None:
    with pytest.raises(AudioError, match=r"lasts 1558\d* s in 2 channels, which is no clip"):
        decode_clip(flac_that_says(2**36 - 1))


def wav_with(rate_hz: int = 8000, channels: int = 1, length: int = 80) -> bytes:
    fmt = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * channels * 2, channels * 2, 16)
    sound = bytes(length * channels * 2)
    chunks = b"fmt \x10\0\0\0" + fmt + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (wav_with(rate_hz=1), "1 samples a second"),
        (wav_with(rate_hz=0), "."),
        (wav_with(rate_hz=2_000_000_000), "samples a second"),
        (wav_with(rate_hz=4000, length=4000 * 601), "lasts 601 s"),
        (b"RIFF\x24\0\0\0WAVEdata\0\0\0\0", "can't be read|empty"),
        (b"OggS" + bytes(100), "can't be read"),
        (b"ID3\x03\0\0\0\0\0\x05hello" + bytes(100), "."),
        (b"", "can't be read"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "can't be read"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "can't be read"),
    ],
)
def test_what_is_no_clip_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(AudioError, match=reason):
        decode_clip(content)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_sound_that_is_no_number_is_refused(value: float) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.array([0.1, value, 0.2]), 8000, format="WAV", subtype="FLOAT")
    with pytest.raises(AudioError, match="no numbers"):
        decode_clip(file.getvalue())


MP4 = ("-c:a", "aac", "-f", "ipod", "-movflags", "frag_keyframe+empty_moov")
WEBM = ("-c:a", "libopus", "-f", "webm")


@needs_ffmpeg
@pytest.mark.parametrize(("arguments", "kind"), [(MP4, Container.MP4), (WEBM, Container.WEBM)])
def test_other_containers_are_read_by_ffmpeg(arguments: tuple[str, ...], kind: Container) -> None:
    content = by_ffmpeg(*arguments)
    assert container_of(content) is kind
    audio = decode_clip(content)
    assert audio.channels == 2
    assert float(audio.seconds) == pytest.approx(LENGTH / RATE_HZ, abs=0.1)


@needs_ffmpeg
def test_a_flac_that_does_not_say_how_long_it_is_is_read_by_ffmpeg() -> None:
    assert decode_clip(flac_that_says(0)).length_samples == LENGTH


@needs_ffmpeg
def test_a_cut_mp4_is_noticed() -> None:
    content = by_ffmpeg(*MP4)
    assert not is_cut_short(content, Container.MP4)
    assert is_cut_short(content[:-10], Container.MP4)
    assert is_cut_short(content[:100], Container.MP4)


@needs_ffmpeg
@pytest.mark.parametrize("magic", [b"    ftypM4A ", b"\x1a\x45\xdf\xa3"])
def test_a_playlist_behind_the_magic_bytes_of_another_file_is_not_obeyed(magic: bytes) -> None:
    playlist = (
        b'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
        b'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><BaseURL>file:///etc/hosts</BaseURL>'
    )
    with pytest.raises(AudioError, match="ffmpeg can't read"):
        decode_clip(magic + playlist)


def test_without_ffmpeg_it_is_told_that_it_is_needed() -> None:
    with pytest.raises(AudioError, match="came as MP4, which needs ffmpeg to be read: install it"):
        decode_foreign(b"", Container.MP4, program="no-such-ffmpeg")


# -- encodings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP ", "deflate", "identity", ""])
def test_an_encoding_that_was_not_asked_for_is_undone(encoding: str) -> None:
    pack: Callable[[bytes], bytes] = bytes
    if "gzip" in encoding.lower():
        pack = gzip.compress
    elif encoding == "deflate":
        pack = zlib.compress
    assert unpacked(pack(WAV), encoding) == WAV


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"x", "br", "not asked for: br"),
        (b"no gzip at all", "gzip", "can't be unpacked"),
        (gzip.compress(WAV)[:-20], "gzip", "cut or too large"),
        (gzip.compress(bytes(65 << 20), 1), "gzip", "cut or too large"),
    ],
    ids=["unknown", "garbage", "cut", "bomb"],
)
def test_what_can_not_be_unpacked_within_bounds_is_refused(
    body: bytes, encoding: str, reason: str
) -> None:
    with pytest.raises(AudioError, match=reason):
        unpacked(body, encoding)
