import pytest

from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats.lines import numbered


def test_every_kind_of_line_end_counts_once():
    assert list(numbered("a\r\nb\rc\n\n d\t\n\fe", 10)) == [
        *((1, "a"), (2, "b"), (3, "c")),
        *((5, "d"), (6, "\fe")),
    ]


def test_there_may_be_as_many_lines_as_said():
    assert [number for number, _ in numbered("a\nb\n", 2)] == [1, 2]
    with pytest.raises(CueSheetError) as caught:
        list(numbered("a\nb\nc\nd", 2))
    assert caught.value.place == "line 4"
