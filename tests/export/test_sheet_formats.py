"""What a sheet is written as reads back, by our own readers, but for what is told as lost."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from musicgen_daw import cuesheets
from musicgen_daw.export.sheet_formats import SHEET_FORMATS
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSettings,
    CueSheet,
    Hit,
    IntensityLane,
    MeterChange,
    TempoChange,
    TempoMap,
    Timecode,
)

RATE = FRAME_RATES["25"]
START = Timecode.parse("01:00:00:00", RATE)
MAP = TempoMap(
    (TempoChange(Fraction(0), 500_000), TempoChange(Fraction(8), 666_667)),
    (MeterChange(Fraction(0), 4, 4), MeterChange(Fraction(8), 3, 4)),
)
EVERYTHING = CueSettings(
    preset="action-hybrid", prompt="brass: stabs, re=lentless", seed=12, takes=3, backend="sketch",
    tail=Fraction(3, 2), key="A minor", style="hybrid", intensity=IntensityLane.parse("0.2>0.9"),
    theme="hero", loop=True, end="button", transition="cut", fade_in=Fraction(1, 10),
    fade_out=Fraction(2), lufs=-20.0, audio_prompt="a b.wav", melody="tune.wav",
)  # fmt: skip


def reread(sheet: CueSheet, format_: str) -> CueSheet:
    """Write and read a sheet, with what a reader may be told outside of the file."""
    told = SHEET_FORMATS[format_]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"sheet{told.suffix}"
        path.write_bytes(told.encode(sheet))
        return cuesheets.read(path, frame_rate=RATE, start_timecode=str(START))


def kept(sheet: CueSheet) -> list[tuple[str, Fraction, Fraction, CueSettings, tuple[Hit, ...]]]:
    return [(cue.name, cue.start_s, cue.end_s, cue.settings, cue.hits) for cue in sheet.cues]


@pytest.mark.parametrize("format_", SHEET_FORMATS)
def test_every_setting_hit_and_time_survives(format_: str) -> None:
    hits = (
        Hit(Fraction(1), "look"),
        Hit(Fraction(12, 5), "door slam", True, "a duel, 2=2", (0.2, 0.9)),
    )
    sheet = CueSheet(
        "Film",
        (
            Cue("1M1 Chase", "1M1 Chase", Fraction(0), Fraction(4), EVERYTHING, hits),
            Cue("Way out", "Way out", Fraction(4), Fraction(23, 5), CueSettings(prompt="Way out")),
            Cue("1M3 ü漢", "1M3 ü漢", Fraction(26, 5), Fraction(31, 5), EVERYTHING),
        ),
        None,
        RATE,
        START,
    )
    again = reread(sheet, format_)
    left_out = SHEET_FORMATS[format_].holds.without
    assert kept(again) == [
        (name, start_s, end_s, replace(said, **dict.fromkeys(left_out)), own)
        for name, start_s, end_s, said, own in kept(sheet)
    ]
    if not format_.startswith("spotting"):  # there a cue's number is its id
        assert [cue.id for cue in again.cues] == [cue.id for cue in sheet.cues]


@pytest.mark.parametrize("format_", [f for f in SHEET_FORMATS if SHEET_FORMATS[f].holds.tempo])
def test_the_tempo_map_survives_where_it_is_not_told_as_lost(format_: str) -> None:
    cue = Cue("a", "a", Fraction(0), Fraction(4), EVERYTHING)
    sheet = CueSheet("Film", (cue,), MAP, RATE, START)
    assert SHEET_FORMATS[format_].losses(sheet) == ()
    assert reread(sheet, format_).tempo_map == MAP


@pytest.mark.parametrize("format_", ["reaper", "protools", "otio"])
@pytest.mark.parametrize("rate", FRAME_RATES)
def test_the_start_survives_at_every_rate_or_is_told_as_lost(format_: str, rate: str) -> None:
    start = Timecode.parse("01:00:00:00", FRAME_RATES[rate])
    cue = Cue("a", "a", Fraction(0), Fraction(4))
    told = SHEET_FORMATS[format_]
    sheet = CueSheet("x", (cue,), None, start.rate, start)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"sheet{told.suffix}"
        path.write_bytes(told.encode(sheet))
        again = cuesheets.read(path)
    lost = any("frame_rate" in loss for loss in told.losses(sheet))
    assert lost != ((again.frame_rate, again.start_timecode) == (start.rate, start))


# What the grammars of markers, tables and comments are made of.
AWKWARD = (
    st.lists(
        st.sampled_from(
            ["a", "B", " b", ":", "[", "]", "=", "!", ";", "END", "seed", "1", "-", "#2", "|",
             "|M:", "|D:9", "\\", '"', "'", "`", ",", "\t", "+", "@", "é", "* LOC:",
             "01:00:00:00", "R1", "<", ">", "&", "%", "  ", "out"]
        ),
        min_size=1,
        max_size=6,
    )
    .map("".join)
    .map(str.strip)
    .filter(bool)
)  # fmt: skip
# Whole video frames, and whole ticks of MIDI.
FIFTHS = st.integers(0, 1_000).map(lambda fifths: Fraction(fifths, 5))


@st.composite
def sheets(draw: st.DrawFn) -> CueSheet:
    cues, at_s = [], Fraction(0)
    for number in range(draw(st.integers(1, 4))):
        start_s = at_s + draw(FIFTHS) * draw(st.integers(0, 1))
        end_s = start_s + Fraction(2, 5) + draw(FIFTHS)
        places = draw(
            st.lists(st.integers(0, int((end_s - start_s) * 5) - 1), max_size=2, unique=True)
        )
        hits = tuple(
            Hit(start_s + Fraction(place, 5), draw(st.just("") | AWKWARD), draw(st.booleans()))
            for place in sorted(places)
        )
        name = draw(AWKWARD)
        words = draw(st.none() | AWKWARD)
        prompt = CueSettings(prompt=words, preset=draw(st.none() | st.just("deep-drone")))
        cues.append(Cue(f"{name}-{number}", name, start_s, end_s, prompt, hits))
        at_s = end_s
    return CueSheet("Film", tuple(cues), None, RATE, START)


@given(sheet=sheets())
@settings(max_examples=60, deadline=None)
def test_any_sheet_keeps_its_cues_and_what_changes_is_told(sheet: CueSheet) -> None:
    for format_, told in SHEET_FORMATS.items():  # to draw a sheet takes longer than to write it
        if format_ in ("csv", "tsv"):
            continue
        note(format_)
        again = reread(sheet, format_)
        assert [(cue.start_s, cue.end_s) for cue in again.cues] == [
            (cue.start_s, cue.end_s) for cue in sheet.cues
        ]
        if not any("became" in loss or "read as one" in loss for loss in told.losses(sheet)):
            assert [entry[:3] for entry in kept(again)] == [entry[:3] for entry in kept(sheet)]
            assert [sorted(cue.hits) for cue in again.cues] == [sorted(c.hits) for c in sheet.cues]
            assert [cue.settings for cue in again.cues] == [cue.settings for cue in sheet.cues]


@pytest.mark.parametrize("format_", SHEET_FORMATS)
def test_cues_that_overlap_survive_and_hits_that_change_hands_are_told(format_: str) -> None:
    hits = (Hit(Fraction(1), "mine"), Hit(Fraction(5), "theirs"))
    first = Cue("A", "A", Fraction(0), Fraction(6), EVERYTHING, hits)
    second = Cue("B", "B", Fraction(4), Fraction(8), EVERYTHING)
    sheet = CueSheet("Film", (first, second), None, RATE, START)
    again = reread(sheet, format_)
    assert [(cue.start_s, cue.end_s) for cue in again.cues] == [(0, 6), (4, 8)]
    if format_ not in ("csv", "tsv"):
        assert [[hit.name for hit in cue.hits] for cue in again.cues] == [["mine"], ["theirs"]]
        told = "A: the hit 'theirs' becomes one of 'B', which runs too"
        assert told in SHEET_FORMATS[format_].losses(sheet)


@pytest.mark.parametrize("format_", [f for f in SHEET_FORMATS if f not in ("csv", "tsv")])
def test_the_cues_of_a_list_become_a_row_and_that_is_told(format_: str) -> None:
    cues = tuple(Cue(n, n, Fraction(0), Fraction(s), EVERYTHING) for n, s in (("A", 2), ("B", 3)))
    sheet = CueSheet("Film", cues, None, RATE, START, is_list=True)
    assert [(cue.start_s, cue.end_s) for cue in reread(sheet, format_).cues] == [(0, 2), (2, 5)]
    assert any("follow each other" in loss for loss in SHEET_FORMATS[format_].losses(sheet))
