import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import zipped


def archive(members, compression=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return stream.getvalue()


BOTH = archive({"a.xml": b"<a/>", "b/c.wav": bytes(1000)}, zipfile.ZIP_STORED)


def test_members_are_named_and_read():
    assert zipped.names(BOTH) == ("a.xml", "b/c.wav")
    assert zipped.read(io.BytesIO(BOTH), "a.xml") == b"<a/>"


def test_the_names_at_the_beginning_are_told_of_an_archive_that_is_cut_short():
    assert zipped.names(BOTH[:100]) == ("a.xml", "b/c.wav")
    assert zipped.names(b"MThd") == ()


def test_an_archive_that_begins_with_endless_members_is_looked_at_for_so_long_only():
    endless = (b"PK\x03\x04" + bytes(26)) * 5000
    assert len(zipped.names(endless)) == zipped.MAX_FIRST_NAMES


def test_a_member_larger_than_its_limit_is_refused():
    bomb = archive({"a.xml": bytes(10_000_000)})
    assert len(bomb) < 20_000
    with pytest.raises(CueSheetError, match="larger than 1000 bytes") as caught:
        zipped.read(io.BytesIO(bomb), "a.xml", 1000)
    assert caught.value.place == "a.xml"


def test_a_missing_member_is_refused():
    with pytest.raises(CueSheetError, match=r"the archive has no z\.xml"):
        zipped.read(io.BytesIO(BOTH), "z.xml")


def test_encryption_and_rare_compression_are_refused():
    encrypted = bytearray(BOTH)
    encrypted[BOTH.index(b"PK\x01\x02") + 8] |= 1
    rare = archive({"a.xml": b"x"}, zipfile.ZIP_LZMA)
    for content in (bytes(encrypted), rare):
        with pytest.raises(CueSheetError, match="encrypted or compressed in a rare way"):
            zipped.read(io.BytesIO(content), "a.xml")


def test_a_list_of_members_that_would_fill_the_memory_is_refused():
    end = BOTH.index(b"PK\x05\x06")
    crowded = bytearray(BOTH)
    struct.pack_into("<L", crowded, end + 12, zipped.MAX_DIRECTORY_BYTES + 1)
    with pytest.raises(CueSheetError, match="more members than any session"):
        zipped.read(io.BytesIO(bytes(crowded)), "a.xml")
    struct.pack_into("<L", crowded, end + 12, 0xFFFFFFFF)
    size_64 = zipped.MAX_DIRECTORY_BYTES + 1
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size_64, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    crowded[end:end] = record + locator
    with pytest.raises(CueSheetError, match="more members than any session"):
        zipped.read(io.BytesIO(bytes(crowded)), "a.xml")


@given(st.data())
def test_a_damaged_archive_is_read_or_refused(data):
    content = bytearray(BOTH)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    assert isinstance(zipped.names(cut), tuple)
    try:
        assert isinstance(zipped.read(io.BytesIO(cut), "a.xml", 100), bytes)
    except CueSheetError:
        return
