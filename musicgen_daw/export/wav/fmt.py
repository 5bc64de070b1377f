"""The "fmt " chunk: how the samples are stored."""

from __future__ import annotations

import struct

from musicgen_daw.audio import Pcm
from musicgen_daw.formats.riff import Chunk

__all__ = ["SAMPLE_BYTES", "encode"]

SAMPLE_BYTES = {"16": 2, "24": 3, "32f": 4}
"""Bytes of one sample of one channel, by bit depth."""

_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
# What follows the format number in a KSDATAFORMAT_SUBTYPE GUID.
_SUBFORMAT_TAIL = bytes.fromhex("0000 0000 1000 8000 00AA 0038 9B71")
_PLAIN = struct.Struct("<HHIIHH")
# Speakers in the order of their bits: FL FR FC LFE BL BR - - - SL SR
_CHANNEL_MASKS = {3: 0x007, 4: 0x033, 5: 0x037, 6: 0x03F, 8: 0x63F}


def encode(pcm: Pcm) -> Chunk:
    """Return the format of ``pcm``: plain up to two channels, WAVE_FORMAT_EXTENSIBLE above.

    Source: Microsoft, Multiple Channel Audio Data and WAVE Files.
    """
    sample_bytes = SAMPLE_BYTES[pcm.bit_depth]
    sample_format = _FLOAT if pcm.bit_depth == "32f" else _PCM
    extensible = pcm.channels > 2
    block_bytes = pcm.channels * sample_bytes
    plain = _PLAIN.pack(
        _EXTENSIBLE if extensible else sample_format,
        pcm.channels,
        pcm.sample_rate,
        pcm.sample_rate * block_bytes,
        block_bytes,
        8 * sample_bytes,
    )
    if extensible:
        mask = _CHANNEL_MASKS.get(pcm.channels, 0)
        extension = struct.pack("<HIH", 8 * sample_bytes, mask, sample_format) + _SUBFORMAT_TAIL
        return Chunk(b"fmt ", plain + struct.pack("<H", len(extension)) + extension)
    if sample_format == _FLOAT:
        return Chunk(b"fmt ", plain + struct.pack("<H", 0))
    return Chunk(b"fmt ", plain)
