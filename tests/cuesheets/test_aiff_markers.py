import io
import struct

import numpy
import pytest
import soundfile

from musicgen_daw.cuesheets import SheetOptions, aiff_markers, read
from musicgen_daw.errors import CueSheetError

MARKS = [(1, 0, b"1M1: brass"), (7, 66_150, b"! door"), (3, 88_200, b"END")]


def marks(*placed):
    body = struct.pack(">H", len(placed))
    for number, at, name in placed:
        counted = bytes([len(name)]) + name
        body += struct.pack(">hI", number, at) + counted + b"\0" * (len(counted) % 2)
    return b"MARK" + struct.pack(">I", len(body)) + body


def aiff(*chunks, seconds=3):
    """Let another library write the file, and add chunks at its end."""
    stream = io.BytesIO()
    soundfile.write(stream, numpy.zeros(44_100 * seconds), 44_100, format="AIFF")
    return stream.getvalue() + b"".join(chunks)


def parse(content, **options):
    return aiff_markers.parse(content, SheetOptions(**options))


def test_markers_are_read_at_their_samples(edges):
    sheet = parse(aiff(marks(*MARKS)))
    assert edges(sheet) == [("1M1", 0, 2)]
    assert [(hit.name, float(hit.at_s)) for hit in sheet.cues[0].hits] == [("door", 1.5)]
    assert sheet.cues[0].place.startswith("marker 1 at byte ")


def test_the_end_of_the_sound_ends_the_last_cue(edges):
    assert edges(parse(aiff(marks((1, 44_100, b"A"))))) == [("A", 1, 3)]


def test_names_in_an_old_encoding_are_read_with_a_warning_or_a_charset(told):
    content = aiff(marks((1, 0, "Tür".encode("mac-roman"))))
    assert parse(content, charset="mac-roman").cues[0].name == "Tür"
    assert "say the --charset" in told(parse(content))[0]


def test_what_is_cut_short_is_read_as_far_as_it_goes(edges):
    assert edges(parse(aiff(marks(*MARKS))[:-10])) == [("1M1", 0, 3)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"RIFF", "no AIFF file"),
        (b"FORM\0\0\0\4AIFF", "no common chunk"),
        (b"FORM\0\0\0\4AIFCCOMM\0\0\0\2xx", "cut short"),
        (b"FORM\0\0\0\4AIFCCOMM\0\0\0\x12" + bytes(18), "sample rate is impossible"),
        (aiff(), "the AIFF file has no marker"),
    ],
)
def test_what_has_no_markers_is_refused(content, reason):
    with pytest.raises(CueSheetError, match=reason):
        parse(content)


def test_an_aiff_file_is_found_by_content_and_read_without_its_sound(
    write_sheet, monkeypatch, edges
):
    path = write_sheet(aiff(marks(*MARKS)), "mix.snd")
    assert edges(read(path)) == [("1M1", 0, 2)]
    monkeypatch.setattr("musicgen_daw.cuesheets.MAX_HELD_BYTES", 2**17)
    assert edges(read(path)) == [("1M1", 0, 2)]
