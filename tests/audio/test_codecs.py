from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
import soundfile

from musicgen_daw.audio import Audio
from musicgen_daw.audio.codecs import FORMATS, decode, encode, encode_float_wav
from musicgen_daw.audio.ogg import with_serial
from musicgen_daw.audio.quantise import quantise, to_audio
from musicgen_daw.errors import AudioError

RATE = 48_000


def chord(seconds=1.0, channels=2):
    time = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * hz * time) for hz in (220, 277, 330)) / 8
    return Audio(np.tile(wave, (channels, 1)).astype(np.float32), RATE)


def encoded(audio, format_, bit_depth="24"):
    file = io.BytesIO()
    encode(quantise(audio, bit_depth, 0), format_, file)
    return file.getvalue()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("format_", "bit_depth"),
    [("flac", "16"), ("flac", "24"), ("aiff", "16"), ("aiff", "24"), ("aiff", "32f")],
)
def test_lossless_formats_keep_every_sample(format_, bit_depth, channels):
    pcm = quantise(chord(0.3, channels), bit_depth, 0)
    file = io.BytesIO()
    encode(pcm, format_, file)
    back = decode(file.getvalue())
    assert (back.samples == to_audio(pcm).samples).all()
    assert back.sample_rate == RATE


@pytest.mark.parametrize("format_", ["ogg", "mp3"])
def test_lossy_formats_keep_length_place_and_sound(format_):
    audio = chord()
    back = decode(encoded(audio, format_))
    assert back.samples.shape == audio.samples.shape
    middle = slice(4800, -4800)
    error = back.samples[:, middle] - audio.samples[:, middle]
    assert np.sqrt(np.mean(error**2)) < 0.01


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_samples_give_the_same_bytes(format_):
    assert encoded(chord(0.3), format_) == encoded(chord(0.3), format_)


def test_a_float_wav_is_exact_and_carries_no_time_of_writing():
    audio = chord(0.2)
    content = encode_float_wav(audio)
    assert (decode(content).samples == audio.samples).all()
    peak = content.find(b"PEAK")
    assert struct.unpack_from("<I", content, peak + 12) == (0,)


def test_a_float_aiff_carries_no_time_of_writing():
    content = encoded(chord(0.2), "aiff", "32f")
    assert struct.unpack_from(">I", content, content.find(b"PEAK") + 12) == (0,)


def test_minutes_of_vorbis_can_be_written():
    length = 65 * RATE
    silence = Audio(np.zeros((2, length), np.float32), RATE)
    silence.samples[:, ::4800] = 0.1
    with soundfile.SoundFile(io.BytesIO(encoded(silence, "ogg"))) as file:
        assert file.frames == length


def test_float_does_not_fit_into_flac():
    with pytest.raises(AudioError, match="24 bit"):
        encoded(chord(0.1), "flac", "32f")


def test_an_unknown_format_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="'wma': use one of aiff, flac"):
        encoded(chord(0.1), "wma")


def test_a_rate_that_mp3_does_not_have_is_refused():
    with pytest.raises(AudioError, match="96000 Hz"):
        encoded(Audio.silence(1000, 96_000), "mp3")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no audio at all" * 10])
def test_other_bytes_are_refused(content):
    with pytest.raises(AudioError, match="can't be read as audio"):
        decode(content)


def test_every_ogg_page_has_a_true_checksum():
    content = with_serial(encoded(chord(), "ogg"), 0xDEADBEEF)
    position, pages = 0, 0
    while position < len(content):
        segments = content[position + 26]
        length = 27 + segments + sum(content[position + 27 : position + 27 + segments])
        page = bytearray(content[position : position + length])
        serial, _, checksum = struct.unpack_from("<III", page, 14)
        page[22:26] = bytes(4)
        assert serial == 0xDEADBEEF
        assert ogg_checksum(bytes(page)) == checksum
        position, pages = position + length, pages + 1
    assert pages >= 3


def ogg_checksum(page):
    """Ogg's checksum is zlib's without bit reversal, preset and inversion."""
    reverse = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
    start = 0xFFFFFFFF  # zlib inverts the start and the result
    plain = zlib.crc32(page.translate(reverse), start) ^ 0xFFFFFFFF
    return int(f"{plain:032b}"[::-1], 2)


def test_bytes_that_are_no_ogg_pages_are_refused():
    with pytest.raises(AudioError, match="byte 0"):
        with_serial(b"fLaC" + bytes(40), 1)
