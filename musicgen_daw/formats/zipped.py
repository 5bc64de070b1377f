"""Zip archives from strangers: what is in them, and single members up to a limit.

Nothing is written to disk, so that a member's path can't lead anywhere. An archive with more
members than any session, a member that grows beyond its limit, encryption and rare compression
are refused before they take memory or time.

Source: PKWARE, .ZIP File Format Specification (APPNOTE.TXT) 6.3, sections 4.3 and 4.4.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import BinaryIO

from musicgen_daw.errors import CueSheetError

__all__ = ["MAX_MEMBER_BYTES", "names", "read"]

MAX_MEMBER_BYTES = 64 * 2**20
MAX_DIRECTORY_BYTES = 4 * 2**20
"""Of the list of all members: about 50 000 of them."""
MAX_FIRST_NAMES = 1000

_LOCAL = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_SEE_ZIP64 = 0xFFFFFFFF
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FAULTS = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError,
    OverflowError, NotImplementedError, UnicodeError, KeyError, IndexError,
)  # fmt: skip


def names(content: bytes) -> tuple[str, ...]:
    """Return the paths of the members; of an archive that is cut short, those that it begins with.

    Content that is no zip archive has none.
    """
    if not content.startswith(_LOCAL):
        return ()
    try:
        with _opened(io.BytesIO(content)) as archive:
            return tuple(archive.namelist())
    except CueSheetError:
        return _first_names(content)


def read(file: BinaryIO, name: str, limit: int = MAX_MEMBER_BYTES) -> bytes:
    """Return the content of a member.

    Raises:
        CueSheetError: when the archive is damaged, has no such member, or the member is encrypted
            or larger than ``limit`` bytes.
    """
    with _opened(file) as archive:
        try:
            member = archive.getinfo(name)
        except KeyError:
            raise CueSheetError(f"the archive has no {name}: export it again") from None
        if member.flag_bits & 1 or member.compress_type not in _METHODS:
            raise CueSheetError("is encrypted or compressed in a rare way", place=name)
        try:
            with archive.open(member) as opened:
                content = opened.read(limit + 1)
        except _FAULTS as error:
            raise CueSheetError(f"the archive is damaged: {error}", place=name) from None
    if len(content) > limit:
        raise CueSheetError(f"is larger than {limit} bytes", place=name)
    return content


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    try:
        size = _directory_size(file)
        if size > MAX_DIRECTORY_BYTES:
            raise CueSheetError("the archive has more members than any session")
        return zipfile.ZipFile(file)
    except _FAULTS as error:
        raise CueSheetError(f"the zip archive is damaged: {error}") from None


def _directory_size(file: BinaryIO) -> int:
    """Return the size of the list of members, which ``zipfile`` holds whole."""
    length = file.seek(0, io.SEEK_END)
    tail_size = min(length, _END.size + 0xFFFF + _END_64_LOCATOR.size)
    file.seek(length - tail_size)
    tail = file.read(tail_size)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise zipfile.BadZipFile("it has no list of members")
    size = int(_END.unpack_from(tail, at)[5])
    locator = tail[max(0, at - _END_64_LOCATOR.size) : at]
    if size != _SEE_ZIP64 or not locator.startswith(b"PK\x06\x07"):
        return size
    file.seek(_END_64_LOCATOR.unpack(locator)[2])
    return int(_END_64.unpack(file.read(_END_64.size))[8])


def _first_names(content: bytes) -> tuple[str, ...]:
    """Return the names in the headers before the members, as far as their sizes are told there."""
    found: list[str] = []
    offset = 0
    while content[offset : offset + 4] == _LOCAL and offset + 30 <= len(content):
        if len(found) == MAX_FIRST_NAMES:
            break
        size, _, name_size, extra_size = struct.unpack_from("<2L2H", content, offset + 18)
        name = content[offset + 30 : offset + 30 + name_size]
        found.append(name.decode("utf-8", "replace"))
        offset += 30 + name_size + extra_size + size
    return tuple(found)
