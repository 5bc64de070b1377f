"""Whole WAV files, as other people's readers see them."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.audio import BIT_DEPTHS, BitDepth, Pcm
from musicgen_daw.export.wav import bext, cue, wav
from musicgen_daw.export.wav.bext import Bext
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.formats import riff

SUBTYPES = {"16": "PCM_16", "24": "PCM_24", "32f": "FLOAT"}


def noise(channels: int, length_samples: int, bit_depth: BitDepth) -> Pcm:
    rng = np.random.Generator(np.random.PCG64(7))
    if bit_depth == "32f":
        steps = rng.integers(-(2**24), 2**24, (channels, length_samples))
        return Pcm((steps / 2**24).astype(np.float32), 48_000, bit_depth)
    full = 2 ** (int(bit_depth) - 1)
    samples = rng.integers(-full, full, (channels, length_samples), dtype=np.int32)
    if length_samples > 1:
        samples[:, :2] = [-full, full - 1]
    return Pcm(samples, 48_000, bit_depth)


def written(pcm: Pcm, *args: object, **more: object) -> bytes:
    file = io.BytesIO()
    wav.write(file, pcm, *args, **more)  # type: ignore[arg-type]
    return file.getvalue()


def read_back(content: bytes, bit_depth: BitDepth) -> np.ndarray:
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert file.subtype == SUBTYPES[bit_depth]
        assert file.samplerate == 48_000
        if bit_depth == "32f":
            return file.read(dtype="float32", always_2d=True).T
        # libsndfile left-justifies integers in 32 bits.
        return file.read(dtype="int32", always_2d=True).T >> (32 - int(bit_depth))


@pytest.mark.parametrize("bit_depth", BIT_DEPTHS)
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("length_samples", [0, 1, 1001, 2**15 + 3])
def test_every_sample_comes_back(bit_depth: BitDepth, channels: int, length_samples: int) -> None:
    pcm = noise(channels, length_samples, bit_depth)
    np.testing.assert_array_equal(read_back(written(pcm), bit_depth), pcm.samples)


@settings(max_examples=30)
@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=40))
def test_24_bits_are_packed_lowest_byte_first(values: list[int]) -> None:
    pcm = Pcm(np.array([values], np.int32), 48_000, "24")
    packed = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    assert packed in written(pcm)


@pytest.mark.parametrize("bit_depth", BIT_DEPTHS)
def test_samples_in_any_memory_order_are_written_the_same(bit_depth: BitDepth) -> None:
    pcm = noise(2, 500, bit_depth)
    other = Pcm(np.asfortranarray(pcm.samples), 48_000, bit_depth)
    assert written(other) == written(pcm)


def test_bext_stands_before_the_samples_and_all_else_after_them() -> None:
    chunks = (*cue.encode([Marker(3, "x")], 11), bext.encode(Bext()))
    content = written(noise(1, 11, "24"), chunks)
    order = [chunk.id for chunk in riff.parse(content).chunks]
    assert order == [b"JUNK", b"bext", b"fmt ", b"data", b"cue ", b"LIST"]


def test_floats_tell_their_length_in_a_fact_chunk() -> None:
    content = written(noise(2, 9, "32f"))
    fact = riff.parse(content).first(b"fact")
    assert fact is not None
    assert fact.body(content) == b"\x09\0\0\0"


@pytest.mark.parametrize("bit_depth", BIT_DEPTHS)
def test_a_file_beyond_the_threshold_is_an_rf64_that_others_read(bit_depth: BitDepth) -> None:
    pcm = noise(2, 1001, bit_depth)
    chunks = (bext.encode(Bext(time_reference_samples=48_000)),)
    content = written(pcm, chunks, rf64_above=1000)
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert file.format == "RF64"
    np.testing.assert_array_equal(read_back(content, bit_depth), pcm.samples)
    assert len(content) == len(written(pcm, chunks))


@pytest.mark.parametrize(("bit_depth", "value"), [("16", 2**15), ("24", -(2**23) - 1)])
def test_a_sample_beyond_full_scale_is_refused_before_anything_is_written(
    bit_depth: BitDepth, value: int
) -> None:
    file = io.BytesIO()
    with pytest.raises(ValueError, match="do not fit"):
        wav.write(file, Pcm(np.array([[0, value]], np.int32), 48_000, bit_depth))
    assert file.getvalue() == b""


def test_a_file_that_cannot_seek_will_do() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.content = b""

        def writable(self) -> bool:
            return True

        def write(self, content: object) -> int:
            self.content += bytes(content)  # type: ignore[call-overload]
            return len(content)  # type: ignore[arg-type]

    pipe, pcm = Pipe(), noise(2, 77, "24")
    wav.write(pipe, pcm)  # type: ignore[arg-type]
    assert pipe.content == written(pcm)
