"""The table of a SoundFont's sounds, and files that are none."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from musicgen_daw.errors import AudioError
from musicgen_daw.formats import riff, sfbk
from musicgen_daw.formats.sfbk import FontPreset

TIMIDITY = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")


RECORDS = {b"pbag": 4, b"pmod": 10, b"pgen": 4, b"inst": 22, b"ibag": 4, b"imod": 10,
           b"igen": 4, b"shdr": 46}  # fmt: skip


def font(presets=((0, 0, b"Piano"), (128, 8, b"Room Kit")), version=2, without=b"", tables=None):
    """Return a SoundFont that has everything but samples, with some ``tables`` as told."""
    told = {part: bytes(2 * size) for part, size in RECORDS.items()} | (tables or {})
    rows = [*presets, (0, 0, b"EOP")]
    phdr = b"".join(struct.pack("<20sHHHIII", name, program, bank, 0, 0, 0, 0)
                    for bank, program, name in rows)  # fmt: skip
    lists = {
        b"INFO": [riff.Chunk(b"ifil", struct.pack("<HH", version, 1))],
        b"sdta": [riff.Chunk(b"smpl", bytes(64))],
        b"pdta": [riff.Chunk(b"phdr", phdr), *(riff.Chunk(*table) for table in told.items())],
    }
    lists[b"pdta"] = [chunk for chunk in lists[b"pdta"] if chunk.id != without]
    body = b"sfbk" + b"".join(
        riff.list_chunk(kind, chunks).encode() for kind, chunks in lists.items() if kind != without
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_the_sounds_are_told_by_bank_and_program():
    table = sfbk.parse(font())
    assert table.version == 2
    assert table.presets == (FontPreset(0, 0, "Piano"), FontPreset(128, 8, "Room Kit"))


def test_a_file_is_read_as_its_bytes_are():
    content = font(version=3)
    assert sfbk.parse(riff.FileContent(io.BytesIO(content))) == sfbk.parse(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "does not begin with RIFF"),
        (b"MThd" + bytes(40), "does not begin with RIFF"),
        (b"RIFF\x04\0\0\0WAVE", "its kind is b'WAVE'"),
        (font()[:-10], "cut short: it has 516 bytes of 526"),
        (font() + b"junk", "has 530 bytes and tells of 526"),
        (font(without=b"igen"), "its part 'igen' is missing"),
        (font(tables={b"pgen": bytes(7)}), "its part 'pgen' has no whole records"),
        (font(tables={b"pbag": b"\2\0\0\0\1\0\0\0"}), "its part 'pbag' is out of order"),
        (font(tables={b"ibag": b"\0\0\2\0\0\0\1\0"}), "its part 'ibag' is out of order"),
        (font(tables={b"inst": b"\xff" * 22 + bytes(22)}), "its part 'inst' is out of order"),
        (font(without=b"pdta"), "its part 'pdta' is missing"),
        (font(without=b"INFO"), "its part 'INFO' is missing"),
        (font(presets=()), "without any sound"),
        (font(version=1), "of version 1; versions 2 and 3"),
    ],
)
def test_what_is_no_whole_soundfont_is_refused_in_words(content, reason):
    with pytest.raises(AudioError, match=reason):
        sfbk.parse(content)


def test_any_cut_of_a_font_is_told_and_none_is_read_on():
    content = font()
    for length in range(0, len(content), 7):
        with pytest.raises(AudioError):
            sfbk.parse(content[:length])


def test_tables_larger_than_any_index_are_read_as_far_as_it_reaches():
    huge = bytes(4 * 700_000)
    assert len(sfbk.parse(font(tables={b"pbag": huge, b"pgen": huge})).presets) == 2


@pytest.mark.skipif(not TIMIDITY.exists(), reason="Debian's timgm6mb-soundfont is not installed")
def test_a_real_general_midi_font_has_all_programs_and_kits():
    with TIMIDITY.open("rb") as file:
        table = sfbk.parse(riff.FileContent(file))
    assert {each.program for each in table.presets if each.bank == 0} == set(range(128))
    assert {0, 25, 40} <= {each.program for each in table.presets if each.bank == sfbk.DRUM_BANK}
