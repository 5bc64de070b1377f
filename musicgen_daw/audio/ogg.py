"""Ogg pages, as far as it takes to write the same stream twice.

Each Ogg stream has a serial number. The encoder draws it at random, so that the same music never
gives the same bytes; here it is replaced by a fixed one.

Source: RFC 3533.
"""

from __future__ import annotations

from musicgen_daw.errors import AudioError

__all__ = ["with_serial"]

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
    pages = bytearray(stream)
    position = 0
    while position < len(pages):
        if pages[position : position + 4] != b"OggS":
            raise AudioError("not an Ogg page", place=f"byte {position}")
        length = _page_length(pages, position)
        at = position + _SERIAL_AT
        old = int.from_bytes(pages[at : at + 4], "little")
        new = serial.to_bytes(4, "little")
        change = int.from_bytes((old ^ serial).to_bytes(4, "little"), "big")
        pages[at : at + 4] = new

        at = position + _CHECKSUM_AT
        checksum = int.from_bytes(pages[at : at + 4], "little")
        # A checksum is the remainder of the message times x**32, and bits behind count as x**8.
        checksum ^= _times(change, _power_of_x(8 * (length - _SERIAL_AT - 4) + 32))
        pages[at : at + 4] = checksum.to_bytes(4, "little")
        position += length
    return bytes(pages)


def _page_length(pages: bytearray, position: int) -> int:
    segments = pages[position + _HEADER_BYTES - 1]
    table = pages[position + _HEADER_BYTES : position + _HEADER_BYTES + segments]
    return _HEADER_BYTES + segments + sum(table)


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
