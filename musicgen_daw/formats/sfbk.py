"""SoundFonts: which sounds a file has, and whether it is whole. Its samples are not read.

    "RIFF" size "sfbk"
        "LIST" size "INFO"   version, name
        "LIST" size "sdta"   the samples; Ogg Vorbis in version 3 (SF3)
        "LIST" size "pdta"   nine tables; "phdr" has 38 bytes for each preset, and a last one

Source: SoundFont Technical Specification 2.04, E-mu Systems, sections 5 to 7.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from operator import gt

from musicgen_daw.errors import AudioError
from musicgen_daw.formats import riff

__all__ = ["DRUM_BANK", "FontPreset", "FontTable", "parse"]

DRUM_BANK = 128
"""The bank in which a SoundFont keeps drum kits."""

_PRESET = struct.Struct("<20sHHHIII")
_VERSION = struct.Struct("<HH")
_VERSIONS = (2, 3)
_MOST_PRESETS = 65_536
"""Tables count each other's records in 16 bits."""

_TABLES = {
    b"phdr": 38,
    b"pbag": 4,
    b"pmod": 10,
    b"pgen": 4,
    b"inst": 22,
    b"ibag": 4,
    b"imod": 10,
    b"igen": 4,
    b"shdr": 46,
}
"""The parts of ``pdta``, in their order, each with the bytes of a record."""

_PLACES = {b"phdr": "<24xH12x", b"pbag": "<HH", b"inst": "<20xH", b"ibag": "<HH"}
"""Where the records of a part tell the place in another from which on theirs stand."""


@dataclass(frozen=True, slots=True)
class FontPreset:
    """A sound of a SoundFont, by the bank and program that choose it."""

    bank: int
    program: int
    name: str


@dataclass(frozen=True, slots=True)
class FontTable:
    """What a SoundFont says of itself: the major ``version`` of its format, and its sounds."""

    version: int
    presets: tuple[FontPreset, ...]


def parse(content: riff.Content) -> FontTable:
    """Read the table of a SoundFont's sounds.

    Raises:
        AudioError: for a file that is no SoundFont, is cut short or damaged, or has no sound in it.
    """
    try:
        found = riff.parse(content)
    except ValueError:
        raise AudioError("is no SoundFont: it does not begin with RIFF") from None
    if found.form != b"RIFF" or found.kind != b"sfbk":
        raise AudioError(f"is no SoundFont: its kind is {found.kind!r}, not {b'sfbk'!r}")
    told = 8 + int.from_bytes(content[4:8], "little")
    if told > len(content):
        raise AudioError(f"is cut short: it has {len(content)} bytes of {told}; copy it again")
    if told + told % 2 < len(content):  # FluidSynth plays none of these
        raise AudioError(f"has {len(content)} bytes and tells of {told}: damaged? Copy it again")
    lists = {
        kind: chunks
        for chunk in found.chunks
        if chunk.id == b"LIST" and chunk.size >= 4
        for kind, chunks in (riff.parse_list(content, chunk),)
    }
    for kind in (b"INFO", b"sdta", b"pdta"):
        if kind not in lists:
            raise AudioError(f"is no whole SoundFont: its part {kind.decode()!r} is missing")
    _check_tables(content, lists[b"pdta"])
    presets = tuple(_presets(_body(content, lists[b"pdta"], b"phdr")))
    if not presets:
        raise AudioError("is a SoundFont without any sound")
    return FontTable(_version(_body(content, lists[b"INFO"], b"ifil")), presets)


def _check_tables(content: riff.Content, chunks: tuple[riff.FoundChunk, ...]) -> None:
    """Refuse tables that are structurally unsound, as the specification calls it.

    Raises:
        AudioError: with the part that is.
    """
    sizes = {chunk.id: chunk.size for chunk in chunks}
    for part, record_bytes in _TABLES.items():
        name = part.decode()
        if part not in sizes:
            raise AudioError(f"is no whole SoundFont: its part {name!r} is missing")
        if sizes[part] % record_bytes:
            raise AudioError(f"is damaged: its part {name!r} has no whole records; copy it again")
    for part, places in _PLACES.items():
        body = _body(content, chunks, part)
        for column in zip(*struct.iter_unpack(places, body), strict=True):
            if any(map(gt, column, column[1:])):
                name = part.decode()
                raise AudioError(f"is damaged: its part {name!r} is out of order; copy it again")


def _body(content: riff.Content, chunks: tuple[riff.FoundChunk, ...], chunk_id: bytes) -> bytes:
    most = _TABLES.get(chunk_id, _VERSION.size) * (_MOST_PRESETS + 1)
    for chunk in chunks:
        if chunk.id == chunk_id:
            return content[chunk.offset : chunk.offset + min(chunk.size, most)]
    raise AudioError(f"is no whole SoundFont: its part {chunk_id.decode()!r} is missing")


def _version(body: bytes) -> int:
    major = _VERSION.unpack(body[: _VERSION.size])[0] if len(body) >= _VERSION.size else 0
    if major not in _VERSIONS:
        raise AudioError(f"is a SoundFont of version {major}; versions 2 and 3 can be played")
    return int(major)


def _presets(body: bytes) -> Iterator[FontPreset]:
    """Yield all presets but the last, which only ends the table."""
    whole = len(body) // _PRESET.size * _PRESET.size
    for name, program, bank, *_ in list(_PRESET.iter_unpack(body[:whole]))[:-1]:
        yield FontPreset(bank, program, name.split(b"\0")[0].decode("latin-1"))
