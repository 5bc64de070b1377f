import struct
from fractions import Fraction

import pytest

from musicgen_daw.cuesheets import SheetOptions, read, wav_cues
from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats.riff import Chunk, head, list_chunk
from musicgen_daw.timeline import FrameRate

RATE = 48_000


def number(n):
    return struct.pack("<I", n)


def cue(*places):
    points = [
        struct.pack("<II4sIII", n, position, b"data", 0, 0, sample)
        for n, (position, sample) in enumerate(places, 1)
    ]
    return Chunk(b"cue ", number(len(points)) + b"".join(points))


def label(n, text, kind=b"labl"):
    return Chunk(kind, number(n) + text + b"\0")


def length(n, samples, text=b""):
    return Chunk(b"ltxt", struct.pack("<II4s4H", n, samples, b"rgn ", 0, 0, 0, 0) + text)


def bext(samples):
    return Chunk(b"bext", bytes(338) + struct.pack("<Q", samples) + bytes(256))


def ixml(rate, flag):
    text = f"<BWFXML><SPEED><TIMECODE_RATE>{rate}</TIMECODE_RATE>"
    return Chunk(b"iXML", f"{text}<TIMECODE_FLAG>{flag}</TIMECODE_FLAG></SPEED></BWFXML>".encode())


def wav(*after, before=(), seconds=10, fmt=None, rf64=False):
    fmt = fmt or struct.pack("<HHIIHH", 1, 2, RATE, RATE * 4, 4, 16)
    data = bytes(seconds * RATE * 4)
    opening = [Chunk(b"fmt ", fmt), *before]
    start = head(opening, len(data), after, len(data) // 4, 0 if rf64 else 2**32 - 2)
    return start + data + b"".join(chunk.encode() for chunk in after)


MARKED = (
    cue((0, 0), (0, 4 * RATE), (RATE * 5, 0)),
    list_chunk(
        b"adtl",
        [
            label(1, b"1M1: brass"),
            label(2, "1M2 Tür".encode()),
            length(2, 3 * RATE),
            label(2, b"slow rain", b"note"),
            label(3, b"door"),
            label(9, b"of no point"),
        ],
    ),
)


def parse(content, **options):
    return wav_cues.parse(content, SheetOptions(**options))


@pytest.mark.parametrize("rf64", [False, True])
def test_cue_points_are_markers_and_lengths_make_regions(edges, rf64):
    sheet = parse(wav(*MARKED, rf64=rf64))
    assert edges(sheet) == [("1M1", 0, 4), ("1M2 Tür", 4, 7)]
    assert [(hit.name, hit.at_s) for hit in sheet.cues[1].hits] == [("door", 5)]
    assert sheet.cues[0].place.startswith("cue point 1 at byte ")
    assert sheet.cues[1].settings.prompt == "slow rain"


def test_the_end_of_the_sound_ends_the_last_cue(edges):
    points = cue((0, RATE)), list_chunk(b"adtl", [label(1, b"A")])
    assert edges(parse(wav(*points))) == [("A", 1, 10)]


def test_time_reference_and_ixml_tell_the_start():
    before = bext(3600 * RATE), ixml("25/1", "NDF")
    sheet = parse(wav(*MARKED, before=before))
    assert (str(sheet.frame_rate), str(sheet.start_timecode)) == ("25", "01:00:00:00")
    sheet = parse(wav(*MARKED, before=(ixml("30000/1001", "DF"),)))
    assert sheet.frame_rate == FrameRate.named("29.97df")
    assert parse(wav(*MARKED, before=(Chunk(b"iXML", b"<a"),))).frame_rate is None


def test_labels_in_an_old_encoding_are_read_with_a_warning_or_a_charset(told):
    points = cue((0, 0)), list_chunk(b"adtl", [label(1, "Tür".encode("latin-1"))])
    assert "read as cp1252" in told(parse(wav(*points)))[0]
    assert parse(wav(*points), charset="latin-1").cues[0].name == "Tür"


def test_a_list_that_is_cut_short_is_read_as_far_as_it_goes(told, edges):
    whole = cue((0, 0), (0, RATE))
    short = Chunk(b"cue ", number(500) + whole.body[4:40])
    sheet = parse(wav(short, list_chunk(b"adtl", [label(1, b"A")])))
    assert edges(sheet) == [("A", 0, 10)]
    assert "cut short: 1 are read" in told(sheet)[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"RIFF\4\0\0\0WAVE", "no format chunk"),
        (b"RIFF\4\0\0\0AVI ", "not of sound"),
        (b"RF64\4\0\0\0WAVE", "must begin with a whole ds64"),
        (b"OggS", "is no RIFF file"),
        (wav(seconds=0), "the WAV file has no marker"),
        (wav(*MARKED, seconds=0, fmt=bytes(16)), "sample rate of 0"),
    ],
)
def test_what_has_no_cue_points_is_refused(content, reason):
    with pytest.raises(CueSheetError, match=reason):
        parse(content)


def test_a_chunk_of_absurd_size_is_refused():
    with pytest.raises(CueSheetError, match="'bext' chunk of 16777217 bytes is too large"):
        parse(wav(*MARKED, before=(Chunk(b"bext", bytes(2**24 + 1)),), seconds=0))


def test_a_file_of_many_gigabytes_is_read_without_its_sound(tmp_path, edges):
    data_size = 5 * 2**30
    before = [Chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, RATE, RATE * 4, 4, 16))]
    path = tmp_path / "mix.wav"
    with path.open("wb") as file:
        file.write(head(before, data_size, MARKED, data_size // 4))
        file.seek(data_size, 1)
        file.write(b"".join(chunk.encode() for chunk in MARKED))
    assert edges(read(path)) == [("1M1", 0, 4), ("1M2 Tür", 4, 7)]


def test_a_wav_file_is_found_by_content(write_sheet):
    assert read(write_sheet(wav(*MARKED, seconds=1), "mix.bin")).cues[0].end_s == Fraction(4)
