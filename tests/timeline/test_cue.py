from fractions import Fraction

import pytest

from musicgen_daw.timeline import Cue, CueSettings, CueSheet, SheetWarning, TempoMap


def cue(cue_id="1M1", start=0, end=10, **more):
    return Cue(cue_id, cue_id, Fraction(start), Fraction(end), **more)


def test_a_cue_has_the_length_between_its_edges():
    assert cue(start=2, end=7).length_s == 5


@pytest.mark.parametrize(("start", "end"), [(1, 1), (2, 1), (-1, 1)])
def test_a_cue_without_length_or_before_the_sheet_is_refused(start, end):
    with pytest.raises(ValueError, match="cue '1M1'"):
        cue(start=start, end=end)


def test_an_id_belongs_to_one_cue():
    with pytest.raises(ValueError, match="'1M1' is used more than once"):
        CueSheet("reel", (cue(), cue(start=10, end=20)))


def test_a_cue_without_a_tempo_of_its_own_follows_the_sheet_from_its_start():
    sheet_map = TempoMap.constant(120)
    sheet = CueSheet("reel", (cue(start=1),), tempo_map=sheet_map)
    assert sheet.tempo_map_of(sheet.cues[0]) == sheet_map.window(1, 10)


def test_a_cue_with_a_tempo_of_its_own_follows_that():
    own = TempoMap.constant(90)
    sheet = CueSheet("reel", (cue(tempo_map=own),), tempo_map=TempoMap.constant(120))
    assert sheet.tempo_map_of(sheet.cues[0]) == own


def test_no_tempo_told_is_no_tempo():
    sheet = CueSheet("reel", (cue(),))
    assert sheet.tempo_map_of(sheet.cues[0]) is None


def test_settings_are_filled_only_where_nothing_is_said():
    said = CueSettings(seed=0, loop=False, prompt="brass")
    filled = said.filled_from(CueSettings(seed=7, loop=True, preset="deep-drone"))
    assert filled == CueSettings(seed=0, loop=False, prompt="brass", preset="deep-drone")


def test_a_warning_reads_as_place_and_message():
    assert str(SheetWarning("byte 7", "odd")) == "byte 7: odd"
    assert str(SheetWarning("", "odd")) == "odd"
