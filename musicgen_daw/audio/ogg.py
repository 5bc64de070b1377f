"""Ogg pages, as far as it takes to write the same stream twice.

Each Ogg stream has a serial number. The encoder draws it at random, so that the same music never
gives the same bytes; here it is replaced by a fixed one.

Source: RFC 3533.
"""

from __future__ import annotations

import io
from typing import BinaryIO

from musicgen_daw.errors import AudioError

__all__ = ["set_serial", "with_serial"]

_HEADER_BYTES = 27
_SERIAL_AT = 14
_CHECKSUM_AT = 22
_POLYNOMIAL = 0x04C11DB7


def with_serial(stream: bytes, serial: int) -> bytes:
    """Return an Ogg file of one logical stream with another serial number.

    A page's checksum is linear: changing four bytes changes it by their own checksum, moved on
    over the bytes that follow. So no page has to be summed anew.

    Raises:
        AudioError: for bytes that are no Ogg pages.
    """
    pages = io.BytesIO(stream)
    set_serial(pages, serial)
    return pages.getvalue()


def set_serial(file: BinaryIO, serial: int) -> None:
    """Give the one logical stream of an Ogg file another serial number, in its place.

    Raises:
        AudioError: for bytes that are no Ogg pages.
    """
    position = 0
    while True:
        file.seek(position)
        head = bytearray(file.read(_HEADER_BYTES))
        if not head:
            return
        if head[:4] != b"OggS" or len(head) < _HEADER_BYTES:
            raise AudioError("not an Ogg page", place=f"byte {position}")
        table = file.read(head[-1])
        length = _HEADER_BYTES + len(table) + sum(table)
        at = _SERIAL_AT
        old = int.from_bytes(head[at : at + 4], "little")
        change = int.from_bytes((old ^ serial).to_bytes(4, "little"), "big")
        head[at : at + 4] = serial.to_bytes(4, "little")

        at = _CHECKSUM_AT
        checksum = int.from_bytes(head[at : at + 4], "little")
        # A checksum is the remainder of the message times x**32, and bits behind count as x**8.
        checksum ^= _times(change, _power_of_x(8 * (length - _SERIAL_AT - 4) + 32))
        head[at : at + 4] = checksum.to_bytes(4, "little")
        file.seek(position)
        file.write(head)
        position += length


def _times(one: int, other: int) -> int:
    """Return the product of two polynomials over two elements, modulo the checksum's."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        other >>= 1
        one <<= 1
        if one >> 32:
            one ^= (1 << 32) | _POLYNOMIAL
    return product


def _power_of_x(exponent: int) -> int:
    """Return x**exponent modulo the checksum's polynomial."""
    power, square = 1, 2
    while exponent:
        if exponent & 1:
            power = _times(power, square)
        square = _times(square, square)
        exponent >>= 1
    return power
