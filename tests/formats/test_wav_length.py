"""What a WAV file promises of its length, and when that is no promise."""

from __future__ import annotations

import struct

import pytest

from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk
from musicgen_daw.formats.wav_length import told_samples

STEREO_24 = struct.pack("<HHIIHH", 1, 2, 48_000, 288_000, 6, 24)


def wave(format_body: bytes, told_bytes: int, there: bytes, *before: Chunk) -> bytes:
    chunks = b"".join(chunk.encode() for chunk in (Chunk(b"fmt ", format_body), *before))
    return b"RIFF\0\0\0\0WAVE" + chunks + b"data" + struct.pack("<I", told_bytes) + there


@pytest.mark.parametrize("there", [600, 599, 6, 0])
def test_a_file_promises_what_its_head_tells_whatever_is_there(there: int) -> None:
    assert told_samples(wave(STEREO_24, 600, bytes(there))) == 100


@pytest.mark.parametrize("told_bytes", [0xFFFFFFFF, 0xFFFFFFD0, 0x7FFFF000, 0x7FFFFFFF, 2**31])
def test_what_a_writer_tells_that_does_not_know_is_no_promise(told_bytes: int) -> None:
    assert told_samples(wave(STEREO_24, told_bytes, bytes(60))) is None


def test_an_rf64_promises_more_than_four_gibibytes() -> None:
    content = riff.head([Chunk(b"fmt ", STEREO_24)], 6 * 10**9, (), 10**9)
    assert content[:4] == b"RF64"
    assert told_samples(content + bytes(12)) == 10**9


def test_compressed_samples_are_counted_by_the_fact_chunk() -> None:
    adpcm = struct.pack("<HHIIHH", 2, 1, 48_000, 24_000, 1024, 4)
    assert told_samples(wave(adpcm, 5000, b"", Chunk(b"fact", struct.pack("<I", 9000)))) == 9000
    assert told_samples(wave(adpcm, 5000, b"")) is None


@pytest.mark.parametrize("format_body", [b"", struct.pack("<HHIIHH", 1, 2, 48_000, 0, 0, 24)])
def test_a_broken_format_promises_nothing(format_body: bytes) -> None:
    assert told_samples(wave(format_body, 600, b"")) is None
