from fractions import Fraction

import pytest

from musicgen_daw.timeline import (
    Cue,
    CueSettings,
    CueSheet,
    MeterChange,
    SheetWarning,
    TempoChange,
    TempoMap,
)


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


@pytest.mark.parametrize("off_s", [0, Fraction(-1, 10**5), Fraction(1, 10**5), Fraction(1, 500)])
def test_a_start_that_rounding_moved_off_a_bar_line_has_no_pickup(off_s):
    tempo_map = TempoMap(
        (TempoChange(Fraction(0), 500_000), TempoChange(Fraction(8), 666_667)),
        (MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(8), 3, 4)),
    )
    chase = cue(start=4 + off_s, end=20)
    window = CueSheet("x", (chase,), tempo_map).tempo_map_of(chase)
    assert window == TempoMap.constant(90, 3, 4)


def test_a_start_before_a_bar_line_that_a_note_would_fit_in_is_a_pickup():
    chase = cue(start="3.98", end=20)
    window = CueSheet("x", (chase,), TempoMap.constant(120)).tempo_map_of(chase)
    assert window.pickup_beats == Fraction(1, 25)


def test_a_cue_that_ends_before_the_bar_line_keeps_its_start():
    chase = cue(start="3.999", end="3.9999")
    window = CueSheet("x", (chase,), TempoMap.constant(120)).tempo_map_of(chase)
    assert window.pickup_beats == Fraction(1, 500)
