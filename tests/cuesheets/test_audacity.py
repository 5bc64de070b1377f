import pytest

from musicgen_daw.cuesheets import SheetOptions, audacity, read
from musicgen_daw.errors import CueSheetError

LABELS = (
    "2.150000\t2.150000\tintro\n"
    "3.400000\t6.100000\t1M1 Chase: brass stabs\n"
    "\\\t6928.456055\t6928.456055\n"
    "4.000000\t4.000000\tdoor\n"
    "6.100000\t6.100000\tend\n"
)


def parse(text, **options):
    content = text if isinstance(text, bytes) else text.encode()
    return audacity.parse(content, SheetOptions(**options))


def test_regions_points_and_frequencies_are_read(edges):
    sheet = parse(LABELS)
    assert edges(sheet) == [("intro", 2.15, 3.4), ("1M1 Chase", 3.4, 6.1)]
    assert sheet.cues[1].settings.prompt == "brass stabs"
    assert [hit.name for hit in sheet.cues[1].hits] == ["door"]
    assert sheet.cues[1].place == "line 2"


def test_decimal_commas_and_windows_line_ends_are_read(edges):
    assert edges(parse("0,500000\t2,000000\tA\r\n")) == [("A", 0.5, 2)]


def test_lines_that_are_no_labels_are_left_out_and_told(edges, told):
    sheet = parse("1.0\t2.0\tA\nhello\n3.0\t4.0\n")
    assert edges(sheet) == [("A", 1, 2)]
    assert told(sheet)[0].startswith("line 2: no label")
    assert "line 3: a region without a name" in told(sheet)[1]


def test_a_charset_is_obeyed(told):
    content = "1.0\t2.0\tТема".encode("cp1251")
    assert parse(content, charset="cp1251").cues[0].name == "Тема"
    guessed = parse(content)
    assert "say the --charset" in told(guessed)[0]


def test_labels_are_found_by_content(write_sheet):
    assert read(write_sheet(LABELS, "labels.txt")).cues[0].name == "intro"


def test_a_text_of_absurd_length_is_refused():
    with pytest.raises(CueSheetError, match="more than 100000 lines"):
        parse("1.0\t2.0\tA\n" * 100_001)
