"""What an AIFF file promises of its length, and when that is no promise."""

from __future__ import annotations

import struct

import pytest

from musicgen_daw.formats.aiff import told_samples

RATE_48_000 = bytes.fromhex("400ebb80000000000000")


def file_of(samples: int, channels: int, bits: int) -> bytes:
    common = struct.pack(">hIh", channels, samples, bits) + RATE_48_000
    return b"FORM\0\0\0\xffAIFFCOMM" + struct.pack(">I", len(common)) + common


@pytest.mark.parametrize(("channels", "bits"), [(1, 8), (1, 24), (2, 16), (2, 24), (3, 24)])
def test_what_sox_tells_that_does_not_know_is_no_promise(channels: int, bits: int) -> None:
    told = 0x7F000000 // (bits // 8) // channels
    assert told_samples(file_of(told, channels, bits)) is None
    assert told_samples(file_of(told - 1, channels, bits)) == told - 1
    assert told_samples(file_of(1000, channels, bits)) == 1000
