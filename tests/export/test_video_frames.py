"""Sheets in formats that count in video frames."""

from fractions import Fraction

import pytest

from musicgen_daw.errors import ExportError
from musicgen_daw.export.sheet_formats import SHEET_FORMATS
from musicgen_daw.timeline import FRAME_RATES, Cue, CueSheet, Timecode


def sheet_until(hours: Fraction | int, rate: str) -> CueSheet:
    start = Timecode.parse("01:00:00:00", FRAME_RATES[rate])
    end_s = Timecode.from_fields(24, 0, 0, 0, start.rate).seconds - start.seconds
    cue = Cue("a", "a", Fraction(0), end_s - hours * 3600)
    return CueSheet("Film", (cue,), None, start.rate, start)


@pytest.mark.parametrize("format_", ["edl", "resolve", "premiere", "protools"])
@pytest.mark.parametrize("rate", ["25", "29.97df"])
def test_a_timeline_that_reaches_midnight_is_refused_as_no_label_is_there(
    format_: str, rate: str
) -> None:
    with pytest.raises(ExportError, match=r"can't hold a timeline that reaches 24:00:00:00"):
        SHEET_FORMATS[format_].encode(sheet_until(0, rate))
    assert SHEET_FORMATS[format_].encode(sheet_until(Fraction(1, 3600), rate))
