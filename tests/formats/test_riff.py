"""RIFF chunks to bytes and back, among the faults of other writers."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk, FoundChunk

FMT = Chunk(b"fmt ", bytes(16))


def wave(*chunks: Chunk) -> bytes:
    body = b"WAVE" + b"".join(chunk.encode() for chunk in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_an_odd_chunk_gets_a_pad_byte_that_its_size_does_not_count() -> None:
    assert Chunk(b"note", b"abc").encode().hex(" ") == (
        "6e 6f 74 65 "  # "note"
        "03 00 00 00 "  # three bytes
        "61 62 63 00"  # "abc" and the pad
    )


def test_a_list_holds_its_kind_and_its_chunks() -> None:
    found = riff.list_chunk(b"INFO", [Chunk(b"INAM", b"x\0"), Chunk(b"ISFT", b"y\0")])
    content = wave(found)
    kind, members = riff.parse_list(content, riff.parse(content).chunks[0])
    assert kind == b"INFO"
    assert [(member.id, member.body(content)) for member in members] == [
        (b"INAM", b"x\0"),
        (b"ISFT", b"y\0"),
    ]


def test_a_chunk_id_is_four_printable_characters() -> None:
    with pytest.raises(ValueError, match="four printable"):
        Chunk(b"fmt", b"")


@given(
    st.lists(
        st.tuples(st.sampled_from([b"bext", b"iXML", b"cue ", b"LIST"]), st.binary(max_size=9))
    )
)
def test_what_is_written_is_read_back(pairs: list[tuple[bytes, bytes]]) -> None:
    content = wave(*(Chunk(*pair) for pair in pairs))
    found = riff.parse(content)
    assert [(chunk.id, chunk.body(content)) for chunk in found.chunks] == pairs


def test_a_small_file_keeps_room_for_ds64() -> None:
    head = riff.head([FMT], 6, [], length_samples=1)
    content = head + bytes(6)
    assert content[:4] == b"RIFF"
    assert struct.unpack("<I", content[4:8]) == (len(content) - 8,)
    assert [chunk.id for chunk in riff.parse(content).chunks] == [b"JUNK", b"fmt ", b"data"]
    assert riff.parse(content).chunks[0].size == 28


def test_a_large_file_tells_its_sizes_in_ds64() -> None:
    tail = [Chunk(b"cue ", bytes(4))]
    small = riff.head([FMT], 6, tail, length_samples=1)
    large = riff.head([FMT], 6, tail, length_samples=1, rf64_above=40)
    assert len(large) == len(small)
    assert large[:48].hex(" ") == (
        "52 46 36 34 ff ff ff ff "  # "RF64", size: see ds64
        "57 41 56 45 "  # "WAVE"
        "64 73 36 34 1c 00 00 00 "  # "ds64" of 28 bytes
        "5a 00 00 00 00 00 00 00 "  # size of the file less eight: 90
        "06 00 00 00 00 00 00 00 "  # bytes of samples
        "01 00 00 00 00 00 00 00 "  # samples
        "00 00 00 00"  # no table of other large chunks
    )
    content = large + bytes(6) + tail[0].encode()
    assert len(content) == 90 + 8
    data = riff.parse(content).first(b"data")
    assert data == FoundChunk(b"data", len(large), 6)


def test_a_file_just_below_the_threshold_stays_a_riff() -> None:
    size = len(riff.head([FMT], 6, [], 1)) + 6 - 8
    assert riff.head([FMT], 6, [], 1, rf64_above=size)[:4] == b"RIFF"
    assert riff.head([FMT], 6, [], 1, rf64_above=size - 1)[:4] == b"RF64"


def test_a_missing_pad_byte_is_read_over() -> None:
    unpadded = b"note" + struct.pack("<I", 3) + b"abc"
    content = wave() + unpadded + FMT.encode()
    assert [chunk.id for chunk in riff.parse(content).chunks] == [b"note", b"fmt "]


def test_a_chunk_that_is_cut_short_ends_with_the_file() -> None:
    content = wave() + b"data" + struct.pack("<I", 1000) + bytes(10)
    assert riff.parse(content).chunks == (FoundChunk(b"data", 20, 10, missing_bytes=990),)


def test_bytes_after_the_last_chunk_are_left_alone() -> None:
    assert [chunk.id for chunk in riff.parse(wave(FMT) + bytes(100)).chunks] == [b"fmt "]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "byte 0"),
        (b"ID3\x04 something else", "byte 0"),
        (b"RIFF\0\0\0\0WA", "byte 8"),
        (b"RF64\xff\xff\xff\xffWAVEfmt \x10\0\0\0", "byte 12"),
    ],
)
def test_what_is_no_riff_is_refused_with_the_byte(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        riff.parse(content)


def test_a_chunk_that_is_no_list_is_refused() -> None:
    content = wave(FMT)
    with pytest.raises(ValueError, match="byte 20: b'fmt ' is no LIST"):
        riff.parse_list(content, riff.parse(content).chunks[0])


@given(st.binary(max_size=200))
def test_any_bytes_after_a_header_are_read_within_bounds(rest: bytes) -> None:
    content = b"RIFF\0\0\0\0WAVE" + rest
    for chunk in riff.parse(content).chunks:
        assert len(chunk.body(content)) == chunk.size


def test_a_file_is_read_in_parts_as_its_bytes_are(tmp_path: Path) -> None:
    content = (
        riff.head([Chunk(b"fmt ", b"abcd")], 4, [], 1) + b"data" + Chunk(b"cue ", b"x").encode()
    )
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with path.open("rb") as file:
        parts = riff.FileContent(file)
        assert len(parts) == len(content)
        assert parts[-4:] == content[-4:]
        assert parts[10:4] == b""
        assert riff.parse(parts) == riff.parse(content)


def test_a_file_of_endless_chunks_is_read_for_so_long_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musicgen_daw.formats.riff.MAX_CHUNKS", 10)
    content = b"RIFF\0\0\0\0WAVE" + Chunk(b"JUNK", b"").encode() * 50
    assert len(riff.parse(content).chunks) == 10
